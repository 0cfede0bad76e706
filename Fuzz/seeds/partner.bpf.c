#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct shared {
	int a;
	long b[2];
};
extern struct shared shared;
int limit = 5;
const volatile long rate = 2;
int common SEC(".data.shared");
extern struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, struct shared);
} counters SEC(".maps");
int library(int number);

__noinline int partner(struct shared *value)
{
	int key = 0;
	return value && bpf_map_lookup_elem(&counters, &key) ? value->a : common;
}

SEC("raw_tp/sys_exit")
int leave(void *ctx) { return library(shared.a); }

char LICENSE[] SEC("license") = "GPL";
