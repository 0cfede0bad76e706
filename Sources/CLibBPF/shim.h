#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

/* Swift sees no function-like macro: libbpf's versions as the constants that they are. */
enum {
	CLIBBPF_MAJOR = LIBBPF_MAJOR_VERSION,
	CLIBBPF_MINOR = LIBBPF_MINOR_VERSION,
};
