/* Programs that ask a kernel for what it has and for what it does not have. Each begins with `//// OUTCOME NAME`: the
 * outcome that check-kernels gives on any kernel that has BTF, and that the kernel confirms; `NEW/OLD` before Linux 6.10. `prelude.h` is before each. */

//// ok a field
PROGRAM { return READ_PID; }

//// fails a missing field
PROGRAM { return READ_GONE; }

//// ok a chain of fields
PROGRAM { return BPF_CORE_READ(TASK, real_parent, pid); }

//// fails a missing field at the end of a chain
PROGRAM { return BPF_CORE_READ(NONE, real_parent, gone); }

//// guarded a guard
PROGRAM { return HAS_GONE ? READ_GONE : 0; }

//// guarded a guard that returns
PROGRAM {
	if (!HAS_GONE)
		return 0;
	return READ_GONE;
}

//// guarded one or the other
PROGRAM {
	if (HAS_GONE)
		return READ_GONE;
	return READ_PID;
}

//// ok the guard of a field that is there
PROGRAM { return HAS_PID ? READ_PID : 0; }

//// fails the guard is wrong way round
PROGRAM { return HAS_GONE ? 0 : READ_GONE; }

//// fails the guard of another field
PROGRAM { return HAS_PID ? READ_GONE : 0; }

//// guarded nested guards, the outer one false
PROGRAM {
	if (HAS_GONE) {
		if (HAS_PID)
			return READ_GONE;
	}
	return 0;
}

//// guarded nested guards, the inner one false
PROGRAM {
	if (HAS_PID) {
		if (HAS_GONE)
			return READ_GONE;
	}
	return 0;
}

//// fails nested guards that are both true
PROGRAM {
	if (HAS_PID) {
		if (!HAS_GONE)
			return READ_GONE;
	}
	return 0;
}

//// guarded both of two
PROGRAM { return HAS_PID && HAS_GONE ? READ_GONE : 0; }

//// fails one of two
PROGRAM { return HAS_PID || HAS_GONE ? READ_GONE : 0; }

//// guarded both of two, in bits
PROGRAM { return HAS_PID & HAS_GONE ? READ_GONE : 0; }

//// guarded neither of two
PROGRAM { return HAS_GONE || HAS_GONE_TOO ? READ_GONE : 0; }

//// guarded after what is only known at run time
PROGRAM {
	if (bpf_get_prandom_u32() & 1)
		return 1;
	return HAS_GONE ? READ_GONE : 0;
}

//// fails a guard or what is only known at run time
PROGRAM { return HAS_GONE || bpf_get_prandom_u32() & 1 ? READ_GONE : 0; }

//// guarded a guard and what is only known at run time
PROGRAM { return HAS_GONE && bpf_get_prandom_u32() & 1 ? READ_GONE : 0; }

//// guarded a number that a guard chooses
PROGRAM {
	int kind = HAS_GONE ? 2 : HAS_PID ? 1 : 0;

	switch (kind) {
	case 2:
		return READ_GONE;
	case 1:
		return READ_PID;
	}
	return 0;
}

//// guarded a loop that runs as often as a guard says
PROGRAM {
	int sum = 0;

	for (int i = 0; i < (HAS_GONE ? 3 : 0); i++)
		sum += READ_GONE;
	return sum;
}

//// guarded a guard in a loop
PROGRAM {
	int sum = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 4; i++) {
		sum += bpf_get_prandom_u32();
		if (HAS_GONE)
			sum += READ_GONE;
	}
	return sum;
}

//// fails a missing field in a loop
PROGRAM {
	int sum = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 4; i++)
		sum += READ_GONE + bpf_get_prandom_u32();
	return sum;
}

//// guarded a guard that is kept over calls
PROGRAM {
	bool has = HAS_GONE;
	__u32 a = bpf_get_prandom_u32(), b = bpf_get_prandom_u32(), c = bpf_get_prandom_u32();
	__u32 d = bpf_get_smp_processor_id(), e = bpf_get_prandom_u32();

	if (has)
		return READ_GONE;
	return (a ^ b) + (c ^ d) + e;
}

//// guarded a subprogram under a guard
static noinline int read_gone(void) { return READ_GONE; }
PROGRAM { return HAS_GONE ? read_gone() : 0; }

//// fails a subprogram
static noinline int read_gone(void) { return READ_GONE; }
PROGRAM { return read_gone(); }

//// guarded a guard in a subprogram
static noinline int read_gone(void) { return HAS_GONE ? READ_GONE : READ_PID; }
PROGRAM { return read_gone(); }

//// guarded a subprogram that answers
static noinline bool has_gone(void) { return HAS_GONE; }
PROGRAM { return has_gone() ? READ_GONE : 0; }

//// guarded a subprogram that is told
static noinline int read_either(bool has) { return has ? READ_GONE : READ_PID; }
PROGRAM { return read_either(HAS_GONE); }

//// guarded a subprogram that is told by each of its callers
static noinline int read_either(bool has) { return has ? READ_GONE : READ_PID; }
PROGRAM { return read_either(HAS_GONE) + read_either(HAS_GONE && bpf_get_prandom_u32()); }

//// fails a subprogram that one of its callers tells the truth
static noinline int read_either(int has) { return has ? READ_GONE : READ_PID; }
PROGRAM { return read_either(HAS_GONE) + read_either(HAS_PID); }

//// guarded subprograms of subprograms
static noinline int third(int has) { return has ? READ_GONE : 0; }
static noinline int second(int has) { return third(has) + 1; }
static noinline int first(int has) { return second(has) * 2; }
PROGRAM { return first(HAS_GONE); }

//// fails subprograms of subprograms with what is only known at run time
static noinline int third(int has) { return has ? READ_GONE : 0; }
static noinline int second(int has) { return third(has) + 1; }
PROGRAM { return second(bpf_get_prandom_u32()); }

//// guarded an inlined function
static __always_inline int read_gone(bool has) { return has ? READ_GONE : 0; }
PROGRAM { return read_gone(HAS_GONE); }

//// guarded an inlined function that returns early
static __always_inline bool has_any(void) {
	if (HAS_GONE)
		return true;
	return HAS_GONE_TOO;
}
PROGRAM { return has_any() ? READ_GONE : 0; }

//// fails a global function that answers, which no verifier follows
noinline int has_gone(void) { return HAS_GONE; }
PROGRAM { return has_gone() ? READ_GONE : 0; }

//// fails a global function
noinline int read_gone(void) { return READ_GONE; }
PROGRAM { return read_gone(); }

//// guarded a guard in a global function
noinline int read_gone(void) { return HAS_GONE ? READ_GONE : 0; }
PROGRAM { return read_gone(); }

//// ok a function that nothing calls
noinline int read_gone(void) { return READ_GONE; }
PROGRAM { return READ_PID; }

//// fails a callback
static int each(__u32 index, void *data) { return READ_GONE; }
PROGRAM { return bpf_loop(3, each, 0, 0); }

//// guarded a callback under a guard
static int each(__u32 index, void *data) { return READ_GONE; }
PROGRAM { return HAS_GONE ? bpf_loop(3, each, 0, 0) : 0; }

//// guarded a guard in a callback
static int each(__u32 index, void *data) { return HAS_GONE ? READ_GONE : 0; }
PROGRAM { return bpf_loop(3, each, 0, 0); }

//// ok a program that is not loaded
SEC("?raw_tp/sys_enter") int other(void *ctx) { return READ_GONE; }
PROGRAM { return READ_PID; }

//// fails the second of two programs
SEC("raw_tp/sys_exit") int other(void *ctx) { return READ_GONE; }
PROGRAM { return READ_PID; }

//// fails preserve_access_index
PROGRAM {
	int value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), __builtin_preserve_access_index(&NONE->gone));
	return value;
}

//// guarded preserve_field_info
PROGRAM {
	int value = 0;

	if (__builtin_preserve_field_info(((struct task_struct___none *)0)->gone, BPF_FIELD_EXISTS))
		bpf_probe_read_kernel(&value, sizeof(value), __builtin_preserve_access_index(&NONE->gone));
	return value;
}

//// guarded the size of a field that is there
PROGRAM { return bpf_core_field_size(((struct task_struct *)0)->pid) == 4 ? READ_PID : READ_GONE; }

//// fails the size of a missing field
PROGRAM { return bpf_core_field_size(((struct task_struct___none *)0)->gone) == 4; }

//// ok a bit-field
PROGRAM { return BPF_CORE_READ_BITFIELD_PROBED(TASK, in_execve); }

//// fails a missing bit-field
PROGRAM { return BPF_CORE_READ_BITFIELD_PROBED(NONE, gone_bits); }

//// guarded a missing bit-field under a guard
PROGRAM {
	return bpf_core_field_exists(((struct task_struct___none *)0)->gone_bits) ?
		BPF_CORE_READ_BITFIELD_PROBED(NONE, gone_bits) : 0;
}

//// ok an element of an array
PROGRAM { return BPF_CORE_READ(TASK, comm[15]); }

//// fails an element that the kernel's array does not have
struct task_struct___long { char comm[64]; } __attribute__((preserve_access_index));
PROGRAM { return BPF_CORE_READ((struct task_struct___long *)bpf_get_current_task(), comm[40]); }

//// fails a member of another kind
struct task_struct___other { struct { int x; } pid; } __attribute__((preserve_access_index));
PROGRAM { return BPF_CORE_READ((struct task_struct___other *)bpf_get_current_task(), pid.x); }

//// ok a member in an union of its own
struct task_struct___union { union { int pid; long other; }; } __attribute__((preserve_access_index));
PROGRAM { return BPF_CORE_READ((struct task_struct___union *)bpf_get_current_task(), pid); }

//// fails a load of another size, with a sign
struct task_struct___long { long pid; } __attribute__((preserve_access_index));
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct___long *task) { return task->pid; }

//// ok a load by BTF
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task) { return task->pid; }

//// fails a struct that the kernel does not have
PROGRAM { return BPF_CORE_READ((struct no_such_struct *)bpf_get_current_task(), member); }

//// guarded a struct that the kernel does not have, under a guard
PROGRAM {
	return bpf_core_type_exists(struct no_such_struct) ?
		BPF_CORE_READ((struct no_such_struct *)bpf_get_current_task(), member) : 0;
}

//// ok the size of a struct that the kernel does not have
PROGRAM { return bpf_core_type_size(struct no_such_struct) + bpf_core_type_id_kernel(struct no_such_struct); }

//// guarded by the size of a struct
PROGRAM { return bpf_core_type_size(struct no_such_struct) > 0 ? READ_GONE : 0; }

//// guarded by a type that does not match
PROGRAM { return bpf_core_type_matches(struct task_struct___none) ? READ_GONE : 0; }

//// fails by a type that matches
struct task_struct___match { int pid; };
PROGRAM { return bpf_core_type_matches(struct task_struct___match) ? READ_GONE : 0; }

//// ok an enumerator
PROGRAM { return bpf_core_enum_value(enum bpf_map_type___none, BPF_MAP_TYPE_ARRAY___none); }

//// fails a missing enumerator
PROGRAM { return bpf_core_enum_value(enum bpf_map_type___none, BPF_MAP_TYPE_NO_SUCH); }

//// guarded a missing enumerator under a guard
PROGRAM {
	return bpf_core_enum_value_exists(enum bpf_map_type___none, BPF_MAP_TYPE_NO_SUCH) ?
		bpf_core_enum_value(enum bpf_map_type___none, BPF_MAP_TYPE_NO_SUCH) : 0;
}

//// guarded the value of an enumerator
PROGRAM { return bpf_core_enum_value(enum bpf_map_type___none, BPF_MAP_TYPE_ARRAY___none) == 2 ? READ_PID : READ_GONE; }

//// fails an enumeration that the kernel does not have
PROGRAM { return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE); }

//// ok the kernel's version
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return LINUX_KERNEL_VERSION; }

//// guarded an old kernel's way
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return LINUX_KERNEL_VERSION < KERNEL(4, 15) ? READ_GONE : READ_PID; }

//// fails a new kernel's way
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return LINUX_KERNEL_VERSION >= KERNEL(4, 15) ? READ_GONE : READ_PID; }

//// may-fail a setting that is false unless it is set
const volatile bool use_gone = false;
PROGRAM { return use_gone ? READ_GONE : READ_PID; }

//// may-fail a setting that is true unless it is set
const volatile bool use_gone = true;
PROGRAM { return use_gone ? READ_GONE : READ_PID; }

//// guarded a setting and a guard
const volatile bool use_gone = true;
PROGRAM { return use_gone && HAS_GONE ? READ_GONE : READ_PID; }

//// fails a setting and what is not guarded
const volatile bool use_gone = false;
PROGRAM { return (use_gone ? READ_PID : 0) + READ_GONE; }

//// fails a variable
bool use_gone = false;
PROGRAM { return use_gone ? READ_GONE : READ_PID; }

//// ok a kernel function
struct bpf_key {};
extern struct bpf_key *bpf_lookup_system_key(__u64 id) __ksym;
extern void bpf_key_put(struct bpf_key *key) __ksym;
SEC("tp_btf/task_newtask") int program(void *ctx) {
	struct bpf_key *key = bpf_lookup_system_key(0);

	if (key)
		bpf_key_put(key);
	return 0;
}

//// fails a missing kernel function
extern int bpf_no_such_function(int) __ksym;
SEC("syscall") int program(void *ctx) { return bpf_no_such_function(1); }

//// fails a kernel function of another type
extern int bpf_rcu_read_lock(int, int) __ksym;
SEC("syscall") int program(void *ctx) { return bpf_rcu_read_lock(1, 2); }

//// fails a function that programs may not call
struct file;
extern int schedule_timeout_idle(long) __ksym;
extern void schedule(void) __ksym;
SEC("syscall") int program(void *ctx) { schedule(); return 0; }

//// fails a weak kernel function that is missing
extern int bpf_no_such_function(int) __ksym __weak;
SEC("syscall") int program(void *ctx) { return bpf_no_such_function(1); }

//// guarded a weak kernel function that is missing, under a guard
extern int bpf_no_such_function(int) __ksym __weak;
SEC("syscall") int program(void *ctx) { return HAS_GONE ? bpf_no_such_function(1) : 0; }

//// ok a variable of the kernel
struct rq {};
extern const struct rq runqueues __ksym;
PROGRAM { return bpf_per_cpu_ptr(&runqueues, 0) != 0; }

//// fails a missing variable of the kernel
struct rq {};
extern const struct rq no_such_variable __ksym;
PROGRAM { return bpf_per_cpu_ptr(&no_such_variable, 0) != 0; }

//// fails a weak variable that is missing
struct rq {};
extern const struct rq no_such_variable __ksym __weak;
PROGRAM { return bpf_per_cpu_ptr(&no_such_variable, 0) != 0; }

//// ok a weak variable that is missing, under a guard
struct rq {};
extern const struct rq no_such_variable __ksym __weak;
PROGRAM { return &no_such_variable ? bpf_per_cpu_ptr(&no_such_variable, 0) != 0 : 0; }

//// guarded a missing field where a weak variable is
struct rq {};
extern const struct rq no_such_variable __ksym __weak;
PROGRAM { return &no_such_variable ? READ_GONE : 0; }

//// may-fail a missing field where a weak symbol without a type is
extern const void no_such_symbol __ksym __weak;
PROGRAM { return &no_such_symbol ? READ_GONE : 0; }

//// ok fentry
SEC("fentry/vfs_read") int BPF_PROG(program, void *file) { USE(file); return 0; }

//// fails fentry of a missing function
SEC("fentry/no_such_function") int BPF_PROG(program, void *file) { return 0; }

//// fails fentry with too many arguments
SEC("fentry/vfs_read") int BPF_PROG(program, void *file, void *to, long size, void *at, long fifth) { USE(fifth); return 0; }

//// ok fexit with the result
SEC("fexit/vfs_read") int BPF_PROG(program, void *file, void *to, long size, void *at, long result) { USE(result); return 0; }

//// fails fexit with too many arguments
SEC("fexit/vfs_read")
int BPF_PROG(program, void *file, void *to, long size, void *at, long result, long more) { USE(more); return 0; }

//// fails fexit of a missing function
SEC("fexit/no_such_function") int BPF_PROG(program) { return 0; }

//// ok too many arguments under a guard
SEC("fentry/vfs_read") int program(__u64 *ctx) { if (HAS_GONE) USE(ctx[4]); return 0; }

//// fails fmod_ret of a missing function
SEC("fmod_ret/no_such_function") int BPF_PROG(program) { return 0; }

//// ok a tracepoint
SEC("tp_btf/sched_switch") int BPF_PROG(program, bool preempt, struct task_struct *task) { return task->pid; }

//// fails a missing tracepoint
SEC("tp_btf/no_such_tracepoint") int BPF_PROG(program) { return 0; }

//// fails a tracepoint with too many arguments
SEC("tp_btf/task_newtask") int BPF_PROG(program, void *task, long flags, long third) { return third != 0; }

//// fails a missing LSM hook
SEC("lsm/no_such_hook") int BPF_PROG(program) { return 0; }

//// ok an iterator
SEC("iter/task") int program(void *ctx) { return 0; }

//// fails a missing iterator
SEC("iter/no_such_iterator") int program(void *ctx) { return 0; }

//// fails operations that the kernel does not have
struct no_such_ops { int (*call)(int); };
SEC("struct_ops/call") int BPF_PROG(call, int value) { return value; }
SEC(".struct_ops") struct no_such_ops operations = { .call = (void *)call };

//// fails a number that is followed as a pointer
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, struct task_struct *flags) { return flags->pid; }

//// ok a number that is followed, under a guard
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, struct task_struct *flags) {
	if (!HAS_GONE)
		return task->pid;
	bpf_get_prandom_u32();
	return flags->pid;
}

//// fails a number that is followed after a test for NULL
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, struct task_struct *flags) {
	return flags ? flags->pid : 0;
}

//// fails a number that a subprogram follows
static noinline int read_pid(struct task_struct *task) { return task->pid; }
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, struct task_struct *flags) {
	return read_pid(task) + read_pid(flags);
}

//// ok a number that is copied from as an address
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, struct task_struct *flags) {
	return BPF_CORE_READ(flags, pid);
}

//// ok a pointer that a subprogram follows
static noinline int read_pid(struct task_struct *task) { return task->pid; }
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, long flags) { return read_pid(task) + flags; }

//// ok fexit of a function that returns nothing
SEC("fexit/fput") int BPF_PROG(program, void *file) { USE(file); return 0; }

//// fails fexit of a function that returns nothing, with the result
SEC("fexit/fput") int BPF_PROG(program, void *file, long result) { USE(result); return 0; }

//// fails fentry of a function with variable arguments
SEC("fentry/seq_printf") int BPF_PROG(program, void *file) { USE(file); return 0; }

//// ok fentry with a pointer to a number
SEC("fentry/vfs_read") int BPF_PROG(program, void *file, void *to, long size, long *at) { USE(at); return 0; }

//// fails fentry with a number that is followed
SEC("fentry/vfs_read") int BPF_PROG(program, void *file, void *to, struct task_struct *size) { USE(size->pid); return 0; }

//// ok fmod_ret of a function that returns nothing
SEC("fmod_ret/security_bprm_committing_creds") int program(void *ctx) { return 0; }

//// fails fmod_ret of a function that returns nothing, with the result
SEC("fmod_ret/security_bprm_committing_creds") int BPF_PROG(program, void *bprm, int result) { return result; }

//// ok an LSM hook with its result
SEC("lsm/file_open") int BPF_PROG(program, void *file, int result) { USE(result); return 0; }

//// fails an LSM hook that returns nothing, with a result
SEC("lsm/bprm_committing_creds") int BPF_PROG(program, void *bprm, int result) { USE(result); return 0; }

//// fails an LSM hook with too many arguments
SEC("lsm/file_open") int BPF_PROG(program, void *file, int result, long more) { USE(more); return 0; }

//// may-fail a guard in a struct whose other half is written too
PROGRAM {
	volatile struct { int has; int other; } slot;
	slot.has = HAS_GONE;
	slot.other = 3;
	return slot.has ? READ_GONE : 0;
}

//// guarded/may-fail a guard in four bytes of the stack
PROGRAM {
	volatile int has = HAS_GONE;
	return has ? READ_GONE : 0;
}

//// may-fail a guard in four bytes of the stack, where verifiers forget it
PROGRAM {
	volatile int lacks = !HAS_GONE;
	return lacks ? 0 : READ_GONE;
}

//// guarded/may-fail a guard in one byte of the stack
PROGRAM {
	volatile char has = HAS_GONE;
	return has ? READ_GONE : 0;
}

//// guarded/may-fail a guard in two bytes of the stack
PROGRAM {
	volatile short has = HAS_GONE;
	return has ? READ_GONE : 0;
}

//// may-fail a guard in two bytes of the stack, where verifiers forget it
PROGRAM {
	volatile short lacks = !HAS_GONE;
	return lacks ? 0 : READ_GONE;
}

//// guarded a guard in eight bytes of the stack
PROGRAM {
	volatile long has = HAS_GONE;
	return has ? READ_GONE : 0;
}

//// guarded the opposite of a guard in eight bytes of the stack
PROGRAM {
	volatile long lacks = !HAS_GONE;
	return lacks ? 0 : READ_GONE;
}

//// guarded/may-fail a guard in four bytes at the beginning of a word
PROGRAM {
	volatile int lacks __attribute__((aligned(8))) = !HAS_GONE;
	return lacks ? 0 : READ_GONE;
}

//// guarded a number of an instruction on the stack
PROGRAM {
	volatile long a = 7;
	volatile long has = HAS_GONE;
	return a == 7 && !has ? 0 : READ_GONE;
}

//// guarded/may-fail a half of a guard
PROGRAM {
	union { volatile long l; volatile int i[2]; } u;
	u.l = HAS_GONE;
	return u.i[0] ? READ_GONE : 0;
}

//// guarded/may-fail the lower half of a guard
PROGRAM {
	union { volatile long l; volatile int i[2]; } u;
	u.l = !HAS_GONE;
	return u.i[0] ? 0 : READ_GONE;
}

//// may-fail the upper half of a guard
PROGRAM {
	union { volatile long l; volatile int i[2]; } u;
	u.l = (long)!HAS_GONE << 32;
	return u.i[1] ? 0 : READ_GONE;
}

//// may-fail two guards read as one number
PROGRAM {
	union { volatile long l; volatile int i[2]; } u;
	u.i[0] = !HAS_GONE;
	u.i[1] = !HAS_GONE;
	return u.l ? 0 : READ_GONE;
}

//// may-fail two guards that are false read as one number
PROGRAM {
	union { volatile long l; volatile int i[2]; } u;
	u.i[0] = HAS_GONE;
	u.i[1] = HAS_GONE;
	return u.l ? READ_GONE : 0;
}

//// guarded guards that are counted in a loop
PROGRAM {
	int n = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 5; i++) {
		n += !HAS_GONE;
		barrier_var(n);
	}
	return n == 5 ? 0 : READ_GONE;
}

//// guarded a part of the version
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return ((LINUX_KERNEL_VERSION >> 8) & 255) > 200 ? READ_GONE : 0; }

//// guarded the first part of the version
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return (LINUX_KERNEL_VERSION >> 16) < 4 ? READ_GONE : 0; }

//// guarded a part of the version, by a mask
extern int LINUX_KERNEL_VERSION __kconfig;
PROGRAM { return (LINUX_KERNEL_VERSION & 0xff00) == 0xff00 ? READ_GONE : 0; }

//// may-fail a guard that is negated
PROGRAM {
	long n = HAS_GONE;
	barrier_var(n);
	n += 2;
	asm volatile("%0 = -%0" : "+r"(n));
	return n == -2 ? 0 : READ_GONE;
}

//// may-fail a guard that is negated as 32 bits
PROGRAM {
	int n = HAS_GONE;
	barrier_var(n);
	n += 2;
	asm volatile("%0 = -%0" : "+w"(n));
	return n == -2 ? 0 : READ_GONE;
}

//// may-fail a guard in another byte order
PROGRAM {
	unsigned long n = HAS_GONE;
	barrier_var(n);
	n += 2;
	asm volatile("%0 = be32 %0" : "+r"(n));
	return n == 0x2000000 ? 0 : READ_GONE;
}

//// may-fail a guard cut to 16 bits
PROGRAM {
	unsigned long n = HAS_GONE;
	barrier_var(n);
	n += 0x10002;
	asm volatile("%0 = le16 %0" : "+r"(n));
	return n == 2 ? 0 : READ_GONE;
}

//// guarded exclusive or of a guard
PROGRAM {
	long n = HAS_GONE;
	barrier_var(n);
	n ^= 1;
	barrier_var(n);
	return n == 1 ? 0 : READ_GONE;
}

//// guarded a guard that is shifted with its sign
PROGRAM {
	long n = HAS_GONE;
	barrier_var(n);
	n -= 8;
	barrier_var(n);
	n >>= 1;
	barrier_var(n);
	return n == -4 ? 0 : READ_GONE;
}

//// guarded a guard that is shifted with its sign, as 32 bits
PROGRAM {
	int n = HAS_GONE;
	barrier_var(n);
	n -= 8;
	barrier_var(n);
	n >>= 1;
	barrier_var(n);
	return n == -4 ? 0 : READ_GONE;
}

//// guarded a test of a bit
PROGRAM {
	long n = HAS_GONE;
	barrier_var(n);
	n += 4;
	asm volatile goto("if %0 & 4 goto %l1" : : "r"(n) : : yes);
	return READ_GONE;
yes:
	return 0;
}

//// guarded a test of a bit of 32
PROGRAM {
	int n = HAS_GONE;
	barrier_var(n);
	n += 4;
	asm volatile goto("if %0 & 4 goto %l1" : : "w"(n) : : yes);
	return READ_GONE;
yes:
	return 0;
}

//// guarded a comparison with a sign
PROGRAM {
	long n = HAS_GONE;
	barrier_var(n);
	n -= 4;
	asm volatile goto("if %0 s< 0 goto %l1" : : "r"(n) : : yes);
	return READ_GONE;
yes:
	return 0;
}

//// guarded a comparison with a sign, of 32 bits
PROGRAM {
	int n = HAS_GONE;
	barrier_var(n);
	n -= 4;
	asm volatile goto("if %0 s< 0 goto %l1" : : "w"(n) : : yes);
	return READ_GONE;
yes:
	return 0;
}

//// guarded arithmetic of 32 bits clears the upper half
PROGRAM {
	unsigned n = HAS_GONE;
	barrier_var(n);
	n -= 1;
	barrier_var(n);
	long m = (unsigned long)n;
	asm volatile goto("if %0 s< 0 goto %l1" : : "r"(m) : : yes);
	return 0;
yes:
	return READ_GONE;
}

//// may-fail a number that is tested twice
PROGRAM {
	unsigned x = bpf_get_prandom_u32();
	if (x > 5)
		return 0;
	barrier_var(x);
	if (x > 7)
		return READ_GONE;
	return 0;
}

//// may-fail a long number that is tested twice
PROGRAM {
	unsigned long x = bpf_ktime_get_ns();
	if (x > 5)
		return 0;
	barrier_var(x);
	if (x > 7)
		return READ_GONE;
	return 0;
}

//// may-fail a number that a mask limits
PROGRAM {
	unsigned long x = bpf_ktime_get_ns() & 7;
	barrier_var(x);
	if (x > 7)
		return READ_GONE;
	return 0;
}

//// fails two tests of one number
PROGRAM {
	unsigned long x = bpf_ktime_get_ns();
	asm volatile goto("if %0 == 1 goto %l1" : : "r"(x) : : out);
	asm volatile goto("if %0 == 2 goto %l1" : : "r"(x) : : hit);
	return 0;
hit:
	return READ_GONE;
out:
	return 1;
}

//// guarded a guard that is written through another pointer
PROGRAM {
	volatile long has = 1;
	long *p = (long *)&has;
	barrier_var(p);
	*p = HAS_GONE;
	return has ? READ_GONE : 0;
}

//// guarded a guard that a subprogram writes
static noinline int set(long *p) {
	*p = HAS_GONE;
	return 0;
}
PROGRAM {
	long has = 1;
	set(&has);
	return has ? READ_GONE : 0;
}

//// guarded/may-fail a guard that a subprogram writes as four bytes
static noinline int set(int *p) {
	*p = HAS_GONE;
	return 0;
}
PROGRAM {
	int has = 1;
	set(&has);
	return has ? READ_GONE : 0;
}

//// may-fail a callback that a guard repeats no time
static int each(__u32 index, void *data) { return READ_GONE; }
PROGRAM { return bpf_loop(HAS_GONE, each, 0, 0); }

//// fails after bpf_loop()
static int each(__u32 index, void *data) { return 0; }
PROGRAM {
	bpf_loop(3, each, 0, 0);
	return READ_GONE;
}

//// may-fail a guard in the context of a callback
static int each(__u32 index, void *data) { return *(long *)data ? READ_GONE : 0; }
PROGRAM {
	long has = HAS_GONE;
	return bpf_loop(3, each, &has, 0);
}

//// may-fail a guard that a callback writes
static int each(__u32 index, void *data) {
	*(long *)data = 0;
	return 0;
}
PROGRAM {
	long has = !HAS_GONE;
	bpf_loop(3, each, &has, 0);
	return has ? 0 : READ_GONE;
}

//// fails a guard that a helper overwrites
PROGRAM {
	long has = HAS_GONE;
	bpf_probe_read_kernel(&has, 8, (void *)8);
	return has ? READ_GONE : 0;
}

//// guarded a guard beside what a helper overwrites
PROGRAM {
	long a[2] = { HAS_GONE, HAS_GONE };
	bpf_probe_read_kernel(&a[0], 8, (void *)8);
	barrier_var(a[1]);
	return a[1] ? READ_GONE : 0;
}

//// may-fail a second test for NULL
PROGRAM {
	struct task_struct *t = (void *)bpf_get_current_task();
	if (!t)
		return 0;
	barrier_var(t);
	if (!t)
		return READ_GONE;
	return 0;
}

//// may-fail a result that a helper does not have
PROGRAM { return bpf_get_smp_processor_id() > 100000 ? READ_GONE : 0; }

//// may-fail an argument that is never NULL
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task) {
	if (!task)
		return READ_GONE;
	return 0;
}

//// may-fail the way without a function that is there
struct bpf_key {};
extern void bpf_key_put(struct bpf_key *key) __ksym __weak;
PROGRAM { return bpf_ksym_exists(bpf_key_put) ? 0 : READ_GONE; }

//// guarded a subprogram that is called twice with guards
static noinline int pick(int n) { return n + 1; }
PROGRAM { return pick(HAS_GONE) + pick(HAS_GONE) == 2 ? 0 : READ_GONE; }

//// fails a value of a map
MAP(HASH);
PROGRAM {
	int k = 0;
	long *v = bpf_map_lookup_elem(&map, &k);
	if (!v)
		return 0;
	return *v == 5 ? READ_GONE : 0;
}

//// may-fail an element of an array that is there
MAP(ARRAY);
PROGRAM {
	int k = 0;
	long *v = bpf_map_lookup_elem(&map, &k);
	if (!v)
		return READ_GONE;
	return *v == 5;
}

//// may-fail a guard after the key of a map
MAP(HASH);
PROGRAM {
	struct { int k; int has; } s = { 0, HAS_GONE };
	long *v = bpf_map_lookup_elem(&map, &s.k);
	if (v && *(volatile int *)&s.has)
		return READ_GONE;
	return 0;
}

//// fails after the bounds of two headers
SEC("xdp") int program(struct xdp_md *ctx) {
	char *d = (char *)(long)ctx->data, *e = (char *)(long)ctx->data_end;
	if (d + 14 > e)
		return 1;
	if (*(short *)(d + 12) != 8)
		return 1;
	if (d + 34 > e)
		return 1;
	return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE);
}

//// may-fail bounds that are checked already
SEC("xdp") int program(struct xdp_md *ctx) {
	char *d = (char *)(long)ctx->data, *e = (char *)(long)ctx->data_end;
	if (d + 34 > e)
		return 1;
	barrier_var(d);
	if (d + 14 > e)
		return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE);
	return 2;
}

//// fails bytes that a helper wrote
PROGRAM {
	char comm[16];
	bpf_get_current_comm(comm, 16);
	return comm[0] == 'a' && comm[1] == 'b' ? READ_GONE : 0;
}

//// fails a number of the kernel
PROGRAM {
	int pid = READ_PID;
	return pid == 17 ? READ_GONE : 0;
}

//// fails one of several numbers
PROGRAM {
	switch (bpf_get_prandom_u32() & 7) {
	case 1:
		return 3;
	case 2:
		return READ_PID;
	case 5:
		return READ_GONE;
	}
	return 0;
}

//// fails after a loop
PROGRAM {
	int n = bpf_get_prandom_u32() & 15;
	int s = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < n; i++)
		s += bpf_get_prandom_u32();
	return s + READ_GONE;
}

//// may-fail after a long loop
PROGRAM {
	int s = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 3000; i++)
		s += bpf_get_prandom_u32();
	return s + READ_GONE;
}

//// fails after the loop of an iterator
struct bpf_iter_num;
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym __weak;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym __weak;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym __weak;
struct bpf_iter_num { __u64 x; } __attribute__((aligned(8)));
PROGRAM {
	struct bpf_iter_num it;
	int *v, s = 0;
	bpf_iter_num_new(&it, 0, 10);
	while ((v = bpf_iter_num_next(&it)))
		s += *v;
	bpf_iter_num_destroy(&it);
	return s + READ_GONE;
}

//// fails after a test for an error
PROGRAM {
	int v;
	long e = bpf_probe_read_kernel(&v, 4, (void *)8);
	if (e < 0)
		return 0;
	return READ_GONE;
}

//// fails after a test for an error of 32 bits
static __always_inline int rd(int *v) { return bpf_probe_read_kernel(v, 4, (void *)8); }
PROGRAM {
	int v;
	int e = rd(&v);
	if (e < 0)
		return 0;
	return v > 4 ? READ_GONE : 0;
}

//// fails after more paths than are followed
PROGRAM {
	int s = 0;
#define B if (bpf_get_prandom_u32() & 1) s += bpf_get_prandom_u32() & 3; else s ^= 5;
	B B B B B B B B B B B B B B B B B B B B
	return s + READ_GONE;
}

//// may-fail one number of many
PROGRAM {
	long s = 0;
#define C(n) if (bpf_get_prandom_u32() & 1) s += 1 << n;
	C(0) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(10) C(11) C(12) C(13)
	if (s == 5555)
		READ_GONE;
	return s;
}

//// may-fail a number that another one with a distance limits
PROGRAM {
	unsigned long x = bpf_ktime_get_ns(), y;
	asm volatile("%0 = %1; %0 += 1" : "=r"(y) : "r"(x));
	if (y > 10)
		return 0;
	barrier_var(x);
	if (x > 20 && x < 30)
		return READ_GONE;
	return y;
}

//// may-fail a number whose copy is limited
PROGRAM {
	unsigned long x = bpf_ktime_get_ns(), y = x;
	barrier_var(y);
	if (y > 10)
		return 0;
	if (x > 20)
		return READ_GONE;
	return y;
}

//// may-fail a limited number on the stack
PROGRAM {
	volatile unsigned long x = bpf_ktime_get_ns() & 7;
	if (x > 7)
		return READ_GONE;
	return 0;
}

//// may-fail two numbers whose limits order them
PROGRAM {
	unsigned long a = bpf_ktime_get_ns(), b = bpf_get_current_pid_tgid();
	barrier_var(a);
	barrier_var(b);
	if (a > 5)
		return 0;
	if (b < 10)
		return 0;
	barrier_var(a);
	if (a > b)
		return READ_GONE;
	return 1;
}

//// may-fail a number without a sign
PROGRAM {
	long a = bpf_ktime_get_ns();
	a &= 0x7fffffff;
	barrier_var(a);
	if (a < 0)
		return READ_GONE;
	return 1;
}

//// may-fail a number that is extended with its sign
PROGRAM {
	int a = bpf_ktime_get_ns();
	long b = a;
	barrier_var(b);
	if (b > 0x7fffffffL)
		return READ_GONE;
	return 1;
}

//// may-fail guards in an array that is written anywhere
PROGRAM {
	volatile char a[16];
	unsigned long i = bpf_ktime_get_ns() & 15;
	for (int k = 0; k < 16; k++) a[k] = HAS_GONE;
	a[i] = 1;
	return a[3] ? READ_GONE : 0;
}

//// may-fail a guard that a global function may write
noinline int fill(long *p) {
	if (p) *p = 1;
	return 0;
}
PROGRAM {
	long has = HAS_GONE;
	fill(&has);
	return has ? READ_GONE : 0;
}

//// fails a global function that is told, which verifiers check for all arguments
noinline int either(int has) { return has ? READ_GONE : 0; }
PROGRAM { return either(HAS_GONE); }

//// fails the callback of a timer
struct el { struct bpf_timer t; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct el); } tm SEC(".maps");
static int cb(void *map, int *key, struct el *v) { return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE); }
SEC("tc") int program(void *ctx) {
	int k = 0;
	struct el *e = bpf_map_lookup_elem(&tm, &k);
	if (e) {
		bpf_timer_init(&e->t, &tm, 1);
		bpf_timer_set_callback(&e->t, cb);
	}
	return 0;
}

//// fails a callback for each element of a map
MAP(ARRAY);
static long cb(void *m, int *key, long *v, void *c) { return bpf_core_enum_value(enum no_such_enum, NO_SUCH_VALUE); }
PROGRAM {
	bpf_for_each_map_elem(&map, cb, 0, 0);
	return 0;
}

//// fails an index that a callback is given
static int each(__u32 index, void *data) { return index == 77 ? READ_GONE : 0; }
PROGRAM {
	bpf_loop(100, each, 0, 0);
	return 0;
}

//// may-fail a number in the context of a callback
static int each(__u32 index, void *data) { return data ? READ_GONE : 0; }
PROGRAM {
	bpf_loop(100, each, 0, 0);
	return 0;
}

//// guarded what nested loops count
PROGRAM {
	int n = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 7; i++) {
#pragma clang loop unroll(disable)
		for (int j = 0; j < 3; j++) {
			n += 1;
			barrier_var(n);
		}
	}
	return n == 21 ? 0 : READ_GONE;
}

//// guarded what a loop counts that may end early
PROGRAM {
	int n = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 10; i++) {
		if (bpf_get_prandom_u32() & 1)
			break;
		n++;
		barrier_var(n);
	}
	return n > 10 ? READ_GONE : 0;
}

//// fails an argument of a raw tracepoint
SEC("raw_tp/sys_enter") int program(unsigned long *ctx) { return ctx[1] == 5 ? READ_GONE : 0; }

//// fails without memory in a ring buffer
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
PROGRAM {
	long *p = bpf_ringbuf_reserve(&rb, 8, 0);
	if (!p)
		return READ_GONE;
	bpf_ringbuf_discard(p, 0);
	return 0;
}

//// may-fail without a current task
PROGRAM {
	void *p = bpf_get_current_task_btf();
	if (!p)
		return READ_GONE;
	return 0;
}

//// fails a bit of a number
PROGRAM {
	unsigned long x = bpf_ktime_get_ns();
	asm volatile goto("if %0 & 4 goto %l1" : : "r"(x) : : yes);
	return 0;
yes:
	return READ_GONE;
}

//// may-fail a bit that a number does not have
PROGRAM {
	unsigned long x = bpf_ktime_get_ns() & 3;
	barrier_var(x);
	asm volatile goto("if %0 & 4 goto %l1" : : "r"(x) : : yes);
	return 0;
yes:
	return READ_GONE;
}

//// may-fail a number that is never zero
PROGRAM {
	unsigned long x = bpf_ktime_get_ns() | 1;
	barrier_var(x);
	if (!x)
		return READ_GONE;
	return 0;
}

//// may-fail a guard after an atomic operation
PROGRAM {
	long a = HAS_GONE;
	__sync_fetch_and_add(&a, 0);
	return a ? READ_GONE : 0;
}

//// fails after an unclear test whose branches meet
PROGRAM {
	unsigned long x = bpf_get_smp_processor_id();
	long y = 0;
	barrier_var(x);
	if (x > 5) y = bpf_get_prandom_u32();
	else y = bpf_ktime_get_ns();
	return y + READ_GONE;
}

//// may-fail a guard that is divided
PROGRAM {
	unsigned long n = 20 + HAS_GONE, d = 10;
	barrier_var(d);
	barrier_var(n);
	n /= d;
	barrier_var(n);
	return n == 2 ? 0 : READ_GONE;
}

//// fails an argument that is a number
SEC("tp_btf/task_newtask") int BPF_PROG(program, struct task_struct *task, unsigned long flags) { return flags == 4 ? READ_GONE : 0; }
