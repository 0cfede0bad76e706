/* The types of a kernel that matches.bpf.c asks: whoever reads this object's BTF takes them for the kernel's. */
struct target;
union choice;
enum state { IDLE, RUNNING, DEAD = 7 };
enum range : unsigned long long { SMALL = 1, LARGE = 1ULL << 40 };
typedef int (*hook)(struct target *, enum state, const char *);
typedef unsigned int counter;

union choice {
	int number;
	void *pointer;
};

struct inner {
	short low;
	short high;
};

struct target {
	int number;
	unsigned char bytes[16];
	struct inner inner;
	struct inner *other;
	union choice choice;
	enum state state;
	enum range range;
	hook hook;
	counter counter;
	struct {
		int hidden;
	};
	struct elsewhere *elsewhere;
	const volatile char *text;
	struct target *next;
	void (*release)(struct target *self, struct inner by_value);
};

struct small {
	int only;
};

struct target target;
struct small small;
