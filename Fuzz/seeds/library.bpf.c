// What the others are linked with: it defines what partner.bpf.c declares, and the other way round.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct shared {
	int a;
	long b[2];
};
struct shared shared = {1};
extern int limit;
extern const volatile long rate;
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, struct shared);
} counters SEC(".maps");
int partner(struct shared *shared);

__noinline int library(int number)
{
	return number + limit + rate + partner(&shared);
}
