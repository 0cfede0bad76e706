/* Reports who opens files, at most so many times a second for each process. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "opens.h"
#include "ratelimit.bpf.h"

/* A system call's number is the machine's affair: the application fills it in. */
const volatile __u64 openat_number = -1;

__u64 opens_seen;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} reports SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int watch_opens(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct opens_report *report;

	if (ctx->args[1] != openat_number)
		return 0;
	__sync_fetch_and_add(&opens_seen, 1);
	if (!ratelimit_pass(pid))
		return 0;

	report = bpf_ringbuf_reserve(&reports, sizeof(*report), 0);
	if (!report)
		return 0;
	report->pid = pid;
	report->left = ratelimit_left(pid);
	bpf_get_current_comm(report->command, sizeof(report->command));
	bpf_ringbuf_submit(report, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
