/* Types that pointers.bpf.c shares with its users. Their size is not the same on every target. */
#ifndef POINTERS_TYPES_H
#define POINTERS_TYPES_H

struct node {
	struct node *next;
	long weight;
};

typedef int (*visitor)(struct node *node, void *state);

#endif
