// Pointers and longs: what a 32-bit user must not be given.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "pointers.types.h"

struct node head;
struct node *cursor;
struct node *stack[4];
visitor callback;
int (*plain_callback)(int, const char *);
int (*table)[4];
const char *const volatile label = 0;
long weight;
unsigned long masks[2] = {1};
int after = 1;

SEC("raw_tp/sys_enter")
int walk(void *ctx)
{
	return head.weight + (cursor != 0) + (stack[1] != 0) + (callback != 0) + (plain_callback != 0) + (table != 0) +
	       (label != 0) + weight + masks[1] + after;
}

char LICENSE[] SEC("license") = "GPL";
