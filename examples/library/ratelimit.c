/* Knows the library's own subskeleton, and none of the finals that the library is linked into. */
#include <bpf/bpf.h>

#include "ratelimit.h"
#include "ratelimit.subskel.h"

/* The subskeleton is the handle: users see it as an incomplete type. */
static struct ratelimit_bpf *subskeleton(const struct ratelimit *limit)
{
	return (struct ratelimit_bpf *)limit;
}

struct ratelimit *ratelimit_open(const struct bpf_object *object)
{
	return (struct ratelimit *)ratelimit_bpf__open(object);
}

void ratelimit_close(struct ratelimit *limit)
{
	ratelimit_bpf__destroy(subskeleton(limit));
}

void ratelimit_set(struct ratelimit *limit, __u32 per_second)
{
	subskeleton(limit)->data.ratelimit_settings->per_second = per_second;
}

struct ratelimit_totals ratelimit_read(const struct ratelimit *limit)
{
	return *subskeleton(limit)->bss.ratelimit_totals;
}

unsigned ratelimit_keys(const struct ratelimit *limit)
{
	int map = bpf_map__fd(subskeleton(limit)->maps.ratelimit_windows);
	__u32 key, *previous = NULL;
	unsigned keys = 0;

	for (; bpf_map_get_next_key(map, previous, &key) == 0; previous = &key)
		keys++;
	return keys;
}
