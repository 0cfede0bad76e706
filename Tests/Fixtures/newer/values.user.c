// What user code sets in sections of their own arrives in the kernel, and back.
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <bpf/bpf.h>
#include "values.h"

int main(void)
{
	struct values *skel = values__open();
	struct bpf_test_run_opts options;
	struct utsname name;
	unsigned int major = 0, minor = 0;
	int err;

	if (!skel)
		return 1;
	printf("%d %lld %d %d, kconfig %d\n", skel->data_custom->in_data, skel->data_custom->in_data_too,
	       skel->rodata_custom->in_rodata, skel->bss_custom->in_bss, skel->kconfig != NULL);
	skel->data_custom->in_data = 1000;
	skel->rodata_custom->in_rodata = 200;
	skel->bss_custom->in_bss = 30;
	err = values__load(skel);
	if (err) {
		printf("load: %s\n", strerror(-err));
		return err == -EPERM ? 77 : 2;
	}
	memset(&options, 0, sizeof(options));
	options.sz = sizeof(options);
	err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.run), &options);
	printf("run %d, sum %lld, bss %d\n", err, skel->bss->sum, skel->bss_custom->in_bss);
	uname(&name);
	err = sscanf(name.release, "%u.%u", &major, &minor);
	printf("version %d %d\n", err == 2 && (unsigned int)skel->bss->version >> 8 == (major << 8 | minor),
	       skel->kconfig->LINUX_KERNEL_VERSION == skel->bss->version);
	printf("config %d %d %d, seen %d %d %d\n", skel->kconfig->CONFIG_BPF_SYSCALL,
	       skel->kconfig->CONFIG_TCP_CONG_CUBIC != TRI_NO, skel->kconfig->CONFIG_NO_SUCH_OPTION,
	       skel->bss->has_bpf, skel->bss->is_cubic, skel->bss->is_none);
	values__destroy(skel);
	return 0;
}
