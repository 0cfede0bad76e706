#include "limit.h"

#include "limit.subskel.h"

long long limit_passed(const struct bpf_object *object)
{
	struct limit *limit = limit__open(object);
	long long passed;

	if (!limit)
		return -1;
	passed = (long long)*limit->bss.limit_passed;
	limit__destroy(limit);
	return passed;
}
