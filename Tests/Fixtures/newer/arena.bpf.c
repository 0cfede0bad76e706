// Variables in an arena, which the kernel and its user both read and write.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "arena.types.h"

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA */
	__uint(map_flags, 1 << 10); /* BPF_F_MMAPABLE */
	__uint(max_entries, 16);
} pages SEC(".maps");

int __arena counter = 5;
long long __arena doubled;
struct item __arena item = { 7, 'a' };
int ordinary = 1;

SEC("syscall")
int run(void *ctx)
{
	counter += 10;
	doubled = 2ll * counter;
	item.weight += ordinary;
	item.label++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
