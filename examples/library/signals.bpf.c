/* Counts signals by number, and how many of each a reader would see who is told at most so many a second. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "ratelimit.bpf.h"

#define SIGNALS 65

__u64 sent[SIGNALS];
__u64 told[SIGNALS];

SEC("raw_tracepoint/signal_generate")
int watch_signals(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 number = ctx->args[0];

	if (number >= SIGNALS)
		return 0;
	__sync_fetch_and_add(&sent[number], 1);
	if (ratelimit_pass(number))
		__sync_fetch_and_add(&told[number], 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
