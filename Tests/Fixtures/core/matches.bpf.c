/* Asks whether types match those of kernel.bpf.c, one program a question; its name begins with the answer. Names up to
 * three underscores count. */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define ASK(name, type) \
	SEC("socket") int name(void *context) { return bpf_core_type_matches(type); }

struct target;
enum state___fewer { RUNNING___fewer };
enum state___more { WAITING___more };
enum range___local : unsigned long long { LARGE___local = 5 };
typedef int (*hook)(struct target *, enum state___fewer, const char *);
typedef unsigned int counter;

struct target___empty {};
ASK(yes_empty, struct target___empty)

struct inner___local {
	short high;
	short low;
};
ASK(yes_order, struct inner___local)

struct target___members {
	struct target___members *next;
	unsigned char bytes[16];
	struct inner___local inner;
	struct inner___gone *other;
	struct elsewhere *elsewhere;
	const volatile char *text;
	counter counter;
	struct {
		int hidden;
	};
};
ASK(yes_members, struct target___members)

/* A pointer is followed no further than the name: what its struct has is not asked. */
struct inner___gone {
	long nobody_has_this;
};

union choice___local {
	void *pointer;
};
ASK(yes_union, union choice___local)
ASK(yes_enum, enum state___fewer)
ASK(yes_enum64, enum range___local)
ASK(yes_typedef, hook)

struct target___typed {
	enum state___fewer state;
	enum range___local range;
	hook hook;
	union choice___local choice;
	void (*release)(struct target___typed *self, struct inner___gone by_value);
};
ASK(yes_typed, struct target___typed)

struct target___name {
	int numbers;
};
ASK(no_name, struct target___name)

struct target___pointer {
	int *number;
};
ASK(no_pointer, struct target___pointer)

struct target___sign {
	unsigned int number;
};
ASK(no_sign, struct target___sign)

struct target___array {
	unsigned char bytes[17];
};
ASK(no_array, struct target___array)

struct inner___other {
	short middle;
};
struct target___inner {
	struct inner___other inner;
};
ASK(no_inner, struct target___inner)

struct target___union {
	union {
		int hidden;
	};
};
ASK(no_union, struct target___union)

ASK(no_enum, enum state___more)

struct target___proto {
	void (*release)(struct target___proto *self);
};
ASK(no_proto, struct target___proto)

struct target___param {
	void (*release)(struct inner___local *self, struct inner___local by_value);
};
ASK(no_param, struct target___param)

struct target___return {
	int (*release)(struct target___return *self, struct inner___local by_value);
};
ASK(no_return, struct target___return)

struct small___longer {
	int only;
	int more;
};
ASK(no_longer, struct small___longer)

struct nowhere___local {
	int only;
};
ASK(no_type, struct nowhere___local)

char _license[] SEC("license") = "GPL";
