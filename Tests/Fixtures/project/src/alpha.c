#include <stdio.h>

#include "alpha_report.h"
#include "limit.h"
#include "run.h"

#include "alpha.skel.h"

int main(void)
{
	struct alpha *skel = alpha__open_and_load();

	if (!skel) {
		perror("alpha");
		return 1;
	}
	skel->bss->alpha_in = 14;
	if (run_once(bpf_program__fd(skel->progs.alpha_run)) != 0) {
		perror("alpha");
		return 1;
	}
	alpha_report(skel);
	alpha__destroy(skel);
	return 0;
}
