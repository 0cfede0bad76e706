#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int count SEC(".percpu") = 1;

SEC("syscall")
int run(void *ctx)
{
	count += 10;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
