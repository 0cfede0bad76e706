#ifndef STANDIN_STDINT_H
#define STANDIN_STDINT_H

#include <stddef.h>

/* Only what no kernel declares with another type: a kernel's uint64_t is `unsigned long long`. */
typedef __UINTPTR_TYPE__ uintptr_t;

#endif
