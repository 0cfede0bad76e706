// Names that are keywords of C++ or of a newer C, or that the header itself uses.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int class;
int new = 1;
int template = 2;
int this;
int constexpr;
int nullptr;
int and;
const volatile int private = 3;
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} namespace SEC(".maps");

SEC("raw_tp/sys_enter") int delete(void *ctx)
{
	return class + new + template + this + constexpr + nullptr + and + private;
}

char LICENSE[] SEC("license") = "GPL";
