/* What opens.bpf.c and opens.c both know. */
#ifndef OPENS_H
#define OPENS_H

#include <linux/types.h>

/* One record of the ring buffer. */
struct opens_report {
	__u32 pid;
	__u32 left; /* so many more of this process will be reported in this second */
	char command[16];
};

#endif
