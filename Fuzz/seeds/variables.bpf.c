// Types of every kind, small: variables in each section, anonymous types, bit-fields, pointers to functions.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum color { RED, GREEN = 7 };
enum wide { NARROW, WIDE = 1ULL << 40 };
typedef int (*callback)(struct node *, enum color, ...);
struct node {
	struct node *next;
	union {
		long number;
		char text[8];
	};
	unsigned int low : 3, high : 5;
	callback call;
	struct { short x, y; } corner[2];
};
typedef struct node node_t;
struct __attribute__((packed)) tight {
	char c;
	long l;
};

node_t head;
struct tight tight = {1, 2};
enum color color = GREEN;
enum wide wide SEC(".data.more");
const volatile char name[4] = "abc";
struct { int a; struct { long b; } inner; } nameless[3];
float *pointer;
double ratio = 1.5;
static volatile int hidden = 3;
__weak int soft = 1;
extern int LINUX_KERNEL_VERSION __kconfig;

SEC("raw_tp/sys_enter")
int variables(void *ctx)
{
	head.number = tight.l + color + wide + name[1] + nameless[1].a + hidden + soft + LINUX_KERNEL_VERSION;
	return pointer && *(long *)&ratio;
}

char LICENSE[] SEC("license") = "GPL";
