#include "CVersion.h"

/* scripts/release writes a snapshot's version into this section of a copy of the program: compiling it in would link another
   program for each commit. volatile: the compiler must not take the bytes for known. */
__attribute__((section(".bpfgen_version"), used)) static const volatile char snapshot[64] = "";

const char *cversion_snapshot(void) { return (const char *)snapshot; }
