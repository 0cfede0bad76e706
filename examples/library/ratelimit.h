/* The user's side of the library: works on any loaded object that ratelimit.bpf.o was linked into. */
#ifndef RATELIMIT_H
#define RATELIMIT_H

#include "ratelimit_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bpf_object;
struct ratelimit;

/* NULL with errno set when the object has no rate limit in it, or one of another layout. */
struct ratelimit *ratelimit_open(const struct bpf_object *object);
void ratelimit_close(struct ratelimit *limit);

/* At once, for programs that are running too. */
void ratelimit_set(struct ratelimit *limit, __u32 per_second);

struct ratelimit_totals ratelimit_read(const struct ratelimit *limit);

/* How many keys were seen lately. */
unsigned ratelimit_keys(const struct ratelimit *limit);

#ifdef __cplusplus
}
#endif

#endif
