/* Types that shapes.bpf.c shares with its users; for BPF C, C and C++ alike, and of one size on every target. */
#ifndef SHAPES_TYPES_H
#define SHAPES_TYPES_H

enum shape_color { SHAPE_RED, SHAPE_GREEN = 7 };

struct shape_point {
	int x;
	int y;
};

struct shape_packed {
	char tag;
	int value;
} __attribute__((packed));

struct shape_flags {
	unsigned int ready : 1;
	unsigned int level : 5;
	unsigned int rest : 26;
};

union shape_word {
	unsigned int whole;
	unsigned char bytes[4];
};

struct shape_frame {
	struct shape_point corners[4];
	union shape_word word;
	struct shape_flags flags;
	enum shape_color color;
};

typedef unsigned long long shape_u64;
typedef struct {
	int width;
	int height;
} shape_size;

#endif
