// Every member of a shadow type lies where the struct's own member lies: what one writes, the other reads.
#include <stdio.h>
#include <string.h>
#include "bits.types.h"
#include "bits.h"

/* In C++ it has no other name. */
typedef __typeof__(*((struct bits *)0)->struct_ops.ops) shadow_ops;

#define SAME(member) if (shadow->member != real->member) printf("%s: " #member " differs\n", when)

static void compare(const char *when, const shadow_ops *shadow, const struct bits_ops *real)
{
	SAME(three);
	SAME(seven);
	SAME(twenty);
	SAME(wide);
	SAME(letter);
	SAME(half);
	SAME(mode);
	SAME(one);
	SAME(five);
	if (memcmp(&shadow->ratio, &real->ratio, sizeof(real->ratio)) != 0)
		printf("%s: ratio differs\n", when);
	SAME(forty);
	SAME(rest);
	SAME(low);
	SAME(high);
	SAME(tail);
}

int main(void)
{
	struct bits *skel = bits__open();
	struct bits_ops *real;
	shadow_ops *shadow;
	size_t size = 0;

	if (!skel || !skel->struct_ops.ops)
		return 1;
	shadow = skel->struct_ops.ops;
	real = (struct bits_ops *)bpf_map__initial_value(skel->maps.ops, &size);
	printf("%d %d\n", sizeof(*shadow) == sizeof(*real), (void *)real == (void *)shadow);
	compare("open", shadow, real);
	printf("%d %d %d\n", real->three == 5 && real->high == 1000, shadow->run == skel->progs.first_run,
	       shadow->unset == NULL);
	memset(real, 0, sizeof(*real));
	shadow->three = 7;
	shadow->seven = 127;
	shadow->twenty = 0xfffff;
	shadow->wide = -1;
	shadow->mode = MODE_ON;
	shadow->one = 1;
	shadow->five = 31;
	shadow->ratio = 2.5;
	shadow->forty = 0xffffffffffull;
	shadow->low = 7;
	shadow->high = 1023;
	shadow->tail = 'x';
	compare("set", shadow, real);
	memset(real, 0xff, sizeof(*real));
	shadow->three = 0;
	shadow->seven = 0;
	shadow->twenty = 0;
	shadow->one = 0;
	shadow->forty = 0;
	shadow->high = 0;
	compare("unset", shadow, real);
	bits__destroy(skel);
	return 0;
}
