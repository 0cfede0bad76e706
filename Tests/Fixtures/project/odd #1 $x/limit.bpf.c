/* A library: so many runs pass, and no more. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "limit.bpf.h"

enum limit_mode { LIMIT_OFF, LIMIT_ON };

/* A final may bring its own. */
enum limit_mode limit_mode __attribute__((weak)) = LIMIT_ON;
__u64 limit_passed;

int limit_pass(void)
{
	if (limit_mode == LIMIT_ON && limit_passed >= 100)
		return 0;
	limit_passed++;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
