#include "beta_report.hpp"

#include <cstdio>

#include "limit.h"

#include "beta.skel.h"

void report(const struct beta &skel)
{
	std::printf("beta %llu, %lld passed\n", static_cast<unsigned long long>(skel.bss->beta_out), limit_passed(skel.obj));
}
