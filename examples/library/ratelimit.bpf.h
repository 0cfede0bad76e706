/* For BPF programs that link ratelimit.bpf.o. */
#ifndef RATELIMIT_BPF_H
#define RATELIMIT_BPF_H

/* 1 when the key may pass now, 0 when it had its share of this second. */
int ratelimit_pass(__u32 key);

/* How many events of the key may still pass in this second. */
__u32 ratelimit_left(__u32 key);

#endif
