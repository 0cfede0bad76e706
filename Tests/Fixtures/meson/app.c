#include <stdio.h>

/* As a user of the BPF program declares it. */
struct totals {
	unsigned long long calls;
};

#ifndef HEADER
#define HEADER "split.skel.h"
#endif
#include HEADER

#ifdef LIBRARY
const void *elf_bytes(size_t *size)
{
	return app__elf_bytes(size);
}
#else
int main(void)
{
	size_t size;
	const unsigned char *bytes = app__elf_bytes(&size);

	printf("%c%c%c, more than 500 bytes: %d\n", bytes[1], bytes[2], bytes[3], size > 500);
	return 0;
}
#endif
