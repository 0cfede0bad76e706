/* What the BPF side of the library and its users both know. */
#ifndef RATELIMIT_TYPES_H
#define RATELIMIT_TYPES_H

#include <linux/types.h>

struct ratelimit_settings {
	__u32 per_second; /* for each key */
};

struct ratelimit_totals {
	__u64 passed;
	__u64 suppressed;
};

#endif
