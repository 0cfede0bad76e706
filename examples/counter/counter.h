/* What the BPF programs and the application both know. */
#ifndef COUNTER_H
#define COUNTER_H

#include <linux/types.h>

/* Fixed once the programs are loaded: lives in .rodata. */
struct counter_settings {
	__u32 ignored_pid; /* our own: what we do to print is nobody's news */
	__u32 report_execs;
};

/* Lives in .bss: the application reads it as plain memory. */
struct counter_totals {
	__u64 calls;
	__u64 execs;
	__u64 dropped_events;
};

/* One record of the ring buffer. */
struct counter_event {
	__u32 pid;
	char command[16];
};

#endif
