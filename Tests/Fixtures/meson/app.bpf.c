#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct totals {
	__u64 calls;
} totals;

SEC("raw_tracepoint/sys_enter")
int count(void *ctx)
{
	totals.calls++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
