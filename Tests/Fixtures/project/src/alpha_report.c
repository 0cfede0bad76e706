#include "alpha_report.h"

#include <stdio.h>

#include "limit.h"

#include "alpha.skel.h"

void alpha_report(const struct alpha *skel)
{
	printf("alpha %llu, %lld passed\n", (unsigned long long)skel->bss->alpha_out, limit_passed(skel->obj));
}
