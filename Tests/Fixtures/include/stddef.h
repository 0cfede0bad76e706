#ifndef STANDIN_STDDEF_H
#define STANDIN_STDDEF_H

/* C11 lets a typedef be repeated: the types in front may have these too. */
typedef __SIZE_TYPE__ size_t;
#undef NULL
#define NULL ((void *)0)
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif

#endif
