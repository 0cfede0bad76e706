/* A rate limit for BPF programs: so many events a second for each key, all others suppressed and counted. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "ratelimit.bpf.h"
#include "ratelimit_types.h"

#define SECOND 1000000000ull

/* In .data: the user's side of the library changes it while programs run. */
struct ratelimit_settings ratelimit_settings = { .per_second = 10 };

struct ratelimit_totals ratelimit_totals;

struct window {
	__u64 start;
	__u64 passed;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct window);
} ratelimit_windows SEC(".maps");

/* Two processors may let one event too many pass: cheaper than a lock in a hot path. */
static int take(struct window *window, __u64 now)
{
	if (now - window->start >= SECOND) {
		window->start = now;
		window->passed = 0;
	}
	if (window->passed >= ratelimit_settings.per_second)
		return 0;
	window->passed++;
	return 1;
}

int ratelimit_pass(__u32 key)
{
	struct window fresh = { .start = bpf_ktime_get_ns() };
	struct window *window = bpf_map_lookup_elem(&ratelimit_windows, &key);

	if (!window) {
		bpf_map_update_elem(&ratelimit_windows, &key, &fresh, BPF_NOEXIST);
		window = bpf_map_lookup_elem(&ratelimit_windows, &key);
	}
	if (window && take(window, fresh.start)) {
		__sync_fetch_and_add(&ratelimit_totals.passed, 1);
		return 1;
	}
	__sync_fetch_and_add(&ratelimit_totals.suppressed, 1);
	return 0;
}

__u32 ratelimit_left(__u32 key)
{
	struct window *window = bpf_map_lookup_elem(&ratelimit_windows, &key);
	__u64 passed = window && bpf_ktime_get_ns() - window->start < SECOND ? window->passed : 0;

	return passed < ratelimit_settings.per_second ? ratelimit_settings.per_second - passed : 0;
}

char LICENSE[] SEC("license") = "GPL";
