#ifndef STANDIN_STDBOOL_H
#define STANDIN_STDBOOL_H

/* A macro as in C17's own header: a member that is declared `bool` has the type `_Bool`. */
#undef bool
#define bool _Bool
#undef true
#undef false
#define true 1
#define false 0

#endif
