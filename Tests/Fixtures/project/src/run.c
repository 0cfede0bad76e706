#include "run.h"

#include <bpf/bpf.h>

int run_once(int program)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);

	return bpf_prog_test_run_opts(program, &options);
}
