// Two struct_ops maps through a header that was compiled with a newer libbpf.h than the libbpf.so that runs.
#include <stdio.h>
#include <string.h>
#include "pair.h"

int main(void)
{
	struct pair *skel = pair__open();
	int err;

	if (!skel)
		return 1;
	printf("%s %s\n", bpf_map__name(skel->maps.plain), bpf_map__name(skel->maps.linked));
	/* The libbpf before 1.5 that Debian has was mended to step by what we say; 1.1.0 takes 24 bytes whatever we say. */
	printf("entry without a link %d\n", skel->skeleton->map_skel_sz < (int)sizeof(*skel->skeleton->maps));
	printf("shadow types %d %d\n", skel->struct_ops.plain != NULL, skel->struct_ops.linked != NULL);
	/* No map names it, and libbpf before 1.4 loads it all the same. */
	bpf_program__set_autoload(skel->progs.other_start, false);
	err = pair__load(skel);
	if (err) {
		printf("load: %s\n", strerror(-err));
		pair__destroy(skel);
		return err == -EPERM ? 77 : 2;
	}
	printf("attach %d, links %d %d\n", pair__attach(skel), skel->links.plain != NULL, skel->links.linked != NULL);
	pair__destroy(skel);
	return 0;
}
