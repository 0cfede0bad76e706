/* What the cases of cases.c share. Types have the members alone that a case asks for: some of them no kernel has. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#ifndef bpf_ksym_exists
#define bpf_ksym_exists(symbol) (!!(symbol))
#endif
#define KERNEL(major, minor) ((major) << 16 | (minor) << 8)
#define USE(value) asm volatile("" : : "r"(value))
#define noinline __attribute__((noinline))
/* A value that the compiler does not know. */
#undef barrier_var
#define barrier_var(value) asm volatile("" : "+r"(value))

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct mm_struct___none {
	int no_such_member;
};
struct task_struct {
	int pid;
	int tgid;
	char comm[16];
	struct task_struct *real_parent;
	unsigned int in_execve : 1;
};
/* No kernel has these members. */
struct task_struct___none {
	int gone;
	int gone_too;
	unsigned int gone_bits : 3;
	struct task_struct___none *real_parent;
};
struct no_such_struct {
	int member;
};
#pragma clang attribute pop

enum no_such_enum { NO_SUCH_VALUE = 1 };
enum bpf_map_type___none { BPF_MAP_TYPE_NO_SUCH = 5, BPF_MAP_TYPE_ARRAY___none = 77 };

#define TASK ((struct task_struct *)bpf_get_current_task())
#define NONE ((struct task_struct___none *)bpf_get_current_task())
#define HAS_GONE bpf_core_field_exists(((struct task_struct___none *)0)->gone)
#define HAS_GONE_TOO bpf_core_field_exists(((struct task_struct___none *)0)->gone_too)
#define HAS_PID bpf_core_field_exists(((struct task_struct *)0)->pid)
#define READ_PID BPF_CORE_READ(TASK, pid)
#define READ_GONE BPF_CORE_READ(NONE, gone)
#define MAP(kind) \
	struct { \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, 1); \
		__type(key, int); \
		__type(value, long); \
	} map SEC(".maps")
#define PROGRAM SEC("raw_tp/sys_enter") int program(void *ctx)

char LICENSE[] SEC("license") = "GPL";
