// CO-RE: each kind of relocation against a kernel's types, and kernel functions and variables.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

enum state { IDLE, RUNNING };
struct task___fuzz {
	int pid;
	unsigned int flag : 1;
	struct task___fuzz *parent;
	char comm[16];
} __attribute__((preserve_access_index));
extern void some_function(void) __ksym __weak;
extern const int some_variable __ksym __weak;
int seen;

SEC("fentry/do_exit")
int core(unsigned long long *ctx)
{
	struct task___fuzz *task = (void *)ctx[0];
	if (bpf_core_type_exists(struct task___fuzz) && bpf_core_field_exists(task->flag))
		seen = BPF_CORE_READ(task, parent, pid) + bpf_core_type_size(struct task___fuzz) +
		       bpf_core_enum_value(enum state, RUNNING) + BPF_CORE_READ_BITFIELD(task, flag);
	return &some_variable ? seen : bpf_core_type_id_local(struct task___fuzz);
}

char LICENSE[] SEC("license") = "GPL";
