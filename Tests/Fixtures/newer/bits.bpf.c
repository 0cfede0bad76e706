#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bits.types.h"

SEC("struct_ops/run")
int first_run(void *ctx)
{
	return 0;
}

SEC("struct_ops/run")
int other_run(void *ctx)
{
	return 1;
}

SEC("?.struct_ops.link")
struct bits_ops ops = {
	.run = (void *)first_run, .three = 5, .seven = 99, .twenty = 77777, .wide = -3, .letter = 'l', .half = -7,
	.mode = MODE_ON, .nested = { 1, 2 }, .either = { 3 }, .name = "abcd", .one = 1, .five = 17, .ratio = 1.5,
	.row = { 1, 2, 3 }, .forty = 0x123456789aull, .rest = 0xabcdef, .low = 6, .high = 1000, .tail = 't',
};

char LICENSE[] SEC("license") = "GPL";
