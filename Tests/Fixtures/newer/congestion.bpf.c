// Two TCP congestion controls for the running kernel: one without a link, one with.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

int started;

SEC("struct_ops")
__u32 BPF_PROG(ca_ssthresh, struct sock *sk)
{
	return 7;
}

SEC("struct_ops")
void BPF_PROG(ca_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(ca_undo, struct sock *sk)
{
	return 5;
}

SEC("struct_ops")
void BPF_PROG(first_start, struct sock *sk)
{
	started += 1;
}

// No map names it: user code puts it into one.
SEC("struct_ops")
void BPF_PROG(other_start, struct sock *sk)
{
	started += 100;
}

#define CONTROL(label)                                                                                        \
	{                                                                                                     \
		.ssthresh = (void *)ca_ssthresh, .cong_avoid = (void *)ca_avoid, .undo_cwnd = (void *)ca_undo, \
		.init = (void *)first_start, .name = label,                                                   \
	}

SEC(".struct_ops")
struct tcp_congestion_ops plain = CONTROL("bpfgen_plain");

SEC(".struct_ops.link")
struct tcp_congestion_ops linked = CONTROL("bpfgen_linked");

char LICENSE[] SEC("license") = "GPL";
