// Data sections of names of their own, and externs that a kernel's configuration may lack.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

int in_data SEC(".data.custom") = 11;
long long in_data_too SEC(".data.custom") = 12;
const volatile int in_rodata SEC(".rodata.custom") = 22;
int in_bss SEC(".bss.custom");
long long sum;
int version, has_bpf, is_none, is_cubic;

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern enum libbpf_tristate CONFIG_TCP_CONG_CUBIC __kconfig __weak;
extern int CONFIG_NO_SUCH_OPTION __kconfig __weak;

SEC("syscall")
int run(void *ctx)
{
	in_bss++;
	sum = in_data + in_data_too + in_rodata + in_bss;
	version = LINUX_KERNEL_VERSION;
	has_bpf = CONFIG_BPF_SYSCALL;
	is_cubic = CONFIG_TCP_CONG_CUBIC != TRI_NO;
	is_none = CONFIG_NO_SUCH_OPTION;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
