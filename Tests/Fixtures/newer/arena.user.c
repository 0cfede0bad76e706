// Variables of an arena before loading, after it, and between two runs.
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>
#include "arena.types.h"
#include "arena.h"

static void show(const char *when, const struct arena *skel)
{
	printf("%s: %d %lld %lld %c\n", when, skel->arena->counter, skel->arena->doubled, skel->arena->item.weight,
	       skel->arena->item.label);
}

static int run(const struct arena *skel)
{
	struct bpf_test_run_opts options;

	memset(&options, 0, sizeof(options));
	options.sz = sizeof(options);
	return bpf_prog_test_run_opts(bpf_program__fd(skel->progs.run), &options);
}

int main(void)
{
	struct arena *skel = arena__open();
	int err;

	if (!skel || !skel->arena)
		return 1;
	show("open", skel);
	skel->arena->counter = 20;
	skel->data->ordinary = 3;
	err = arena__load(skel);
	if (err) {
		printf("load: %s\n", strerror(-err));
		return err == -EPERM ? 77 : 2;
	}
	show("loaded", skel);
	err = run(skel);
	show("run", skel);
	skel->arena->counter = 100;
	err |= run(skel);
	show("run again", skel);
	arena__destroy(skel);
	return err ? 2 : 0;
}
