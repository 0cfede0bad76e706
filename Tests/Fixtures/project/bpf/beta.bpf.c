#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "factors.h"
#include "limit.bpf.h"

__u32 beta_in;
__u64 beta_out;

SEC("syscall")
int beta_run(void *ctx)
{
	beta_out = limit_pass() ? beta_in * BETA_FACTOR : 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
