/* Counts system calls by process, and reports each program that is started. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "counter.h"

const volatile struct counter_settings settings = { .report_execs = 1 };

struct counter_totals totals;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} calls_by_pid SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

static __u32 current_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* Raw tracepoints need neither tracefs nor kprobes nor the kernel's BTF: they attach wherever BPF itself works. */
SEC("raw_tracepoint/sys_enter")
int count_call(void *ctx)
{
	__u32 pid = current_pid();
	__u64 zero = 0, *calls;

	if (pid == settings.ignored_pid)
		return 0;
	__sync_fetch_and_add(&totals.calls, 1);

	calls = bpf_map_lookup_elem(&calls_by_pid, &pid);
	if (!calls) {
		bpf_map_update_elem(&calls_by_pid, &pid, &zero, BPF_NOEXIST);
		calls = bpf_map_lookup_elem(&calls_by_pid, &pid);
	}
	if (calls)
		__sync_fetch_and_add(calls, 1);
	return 0;
}

SEC("raw_tracepoint/sched_process_exec")
int report_exec(void *ctx)
{
	struct counter_event *event;

	__sync_fetch_and_add(&totals.execs, 1);
	if (!settings.report_execs)
		return 0;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&totals.dropped_events, 1);
		return 0;
	}
	event->pid = current_pid();
	bpf_get_current_comm(event->command, sizeof(event->command));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
