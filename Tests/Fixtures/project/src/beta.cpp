#include <cstdio>

#include "beta_report.hpp"
#include "limit.h"
#include "run.h"

#include "beta.skel.h"

int main()
{
	struct beta *skel = beta::open_and_load();

	if (!skel || (skel->bss->beta_in = 14, run_once(bpf_program__fd(skel->progs.beta_run))) != 0) {
		std::perror("beta");
		return 1;
	}
	report(*skel);
	beta::destroy(skel);
	return 0;
}
