/* Prints the instructions of an object's programs as libbpf hands them to the kernel, one line a program, with its CO-RE
 * relocations resolved against the BTF file that is named. Nothing is loaded: what the kernel would be asked is answered here.
 *
 * usage: relocated OBJECT BTF */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

static void print_program(const union bpf_attr *attr)
{
	const unsigned char *bytes = (const unsigned char *)(unsigned long)attr->insns;

	/* libbpf's own probes of the kernel's features are a few instructions under names of theirs, or none. */
	printf("%s ", attr->prog_name);
	for (unsigned int i = 0; i < attr->insn_cnt * 8; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

/* Instructions have the numbers of their maps: each run is to give the same, whatever it inherited. */
static int a_descriptor(void)
{
	int low = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int high = fcntl(low, F_DUPFD_CLOEXEC, 500);

	close(low);
	return high;
}

/* libbpf's door to the kernel. */
long syscall(long number, ...)
{
	static long (*real)(long, ...);
	va_list list;
	long words[6];

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		words[i] = va_arg(list, long);
	va_end(list);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number != __NR_bpf)
		return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
	if (words[0] == BPF_PROG_LOAD)
		print_program((const union bpf_attr *)words[1]);
	/* A descriptor that can be closed is all that is wanted of maps, programs and types. Questions have no answer: one that
	 * is empty would be read for what it is not. */
	switch (words[0]) {
	case BPF_PROG_LOAD:
	case BPF_MAP_CREATE:
	case BPF_BTF_LOAD:
		return a_descriptor();
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_FREEZE:
	case BPF_PROG_BIND_MAP:
		return 0;
	default:
		errno = ENOENT;
		return -1;
	}
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	struct bpf_program *program;
	struct bpf_object *object;

	if (argc != 3)
		return 2;
	libbpf_set_print(quiet);
	options.btf_custom_path = argv[2];
	object = bpf_object__open_file(argv[1], &options);
	if (!object)
		return 3;
	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, true);
	return bpf_object__load(object) ? 1 : 0;
}
