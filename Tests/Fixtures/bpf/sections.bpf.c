// Every kind of data section, with variables whose alignment differs between 32- and 64-bit targets.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

char first;
long long aligned_after_char;
unsigned char bytes[3];
short half;
_Bool on;
double ratio SEC(".data.ratio") = 0.5;
char cache_line __attribute__((aligned(64)));
__u64 counter SEC(".data.counters") = 1;
__u32 small SEC(".data.counters") = 2;
__u8 initialized = 1;
__u64 initialized_after_byte = 2;
int table[2][3][4] = {{{1}}};
__u64 big_table[3] SEC(".data.read_mostly") = {1};
char prefix SEC(".data.read_mostly") = 'a';
const volatile bool verbose = false;
const volatile __u64 threshold = 10;
const volatile char name[16] = "sections";
const volatile __s16 offsets[5] SEC(".rodata.offsets") = {1, 2, 3};
__weak int weak_value = 5;
__hidden int hidden_value = 6;
static volatile int local_value = 7;

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern int CONFIG_NOT_THERE __kconfig __weak;

SEC("raw_tp/sys_enter")
int touch_all(void *ctx)
{
	counter += first + aligned_after_char + bytes[1] + half + on + cache_line + small + initialized +
		   initialized_after_byte + table[1][1][1] + big_table[1] + prefix + verbose + threshold + name[0] +
		   offsets[2] + weak_value + hidden_value + local_value + LINUX_KERNEL_VERSION + CONFIG_BPF_SYSCALL +
		   CONFIG_NOT_THERE;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
