#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

/* Swift sees no function-like macro: libbpf's versions as the constants that they are. */
enum {
	CLIBBPF_MAJOR = LIBBPF_MAJOR_VERSION,
	CLIBBPF_MINOR = LIBBPF_MINOR_VERSION,
};

/* glibc shows it only to _GNU_SOURCE, which a module cannot set; btf_dump's callback gets a va_list that can be read once. */
int vasprintf(char **line, const char *format, va_list arguments);

/* Every libbpf has the function by this name, and those from 1.5 on declare it by a newer one only. */
const void *btf_ext__get_raw_data(const struct btf_ext *btf_ext, __u32 *size);
