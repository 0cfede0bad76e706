// Maps with types, a map in a map, a pinned one, and programs that libbpf attaches in different ways.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	long sum;
	int parts[4];
};
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct value);
} inner SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, int);
	__array(values, struct inner);
} outer SEC(".maps") = {.values = {[1] = &inner}};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct value);
	__type(value, long);
} table SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC("tp/syscalls/sys_enter_write")
int trace(void *ctx)
{
	struct value key = {};
	long *found = bpf_map_lookup_elem(&table, &key);
	return found ? *found : 0;
}

SEC("?xdp")
int drop(struct xdp_md *ctx) { return bpf_map_lookup_elem(&outer, &(int){1}) ? XDP_DROP : XDP_PASS; }

char LICENSE[] SEC("license") = "GPL";
