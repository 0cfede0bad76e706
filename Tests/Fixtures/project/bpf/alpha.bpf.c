#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "factors.h"
#include "limit.bpf.h"

__u32 alpha_in;
__u64 alpha_out;

SEC("syscall")
int alpha_run(void *ctx)
{
	__u64 offset = 1000;

	alpha_out = limit_pass() ? alpha_in * ALPHA_FACTOR + offset : 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
