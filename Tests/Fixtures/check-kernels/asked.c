/* Loads objects, one after the other, and prints for each a line: the error's number, and whether it is for something that was
 * asked of the kernel's BTF: a relocation, a symbol, what a program attaches to, its arguments.
 *
 * usage: asked OBJECT... */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

/* What libbpf and the verifier say of it. */
static const char *const phrases[] = {
	"<invalid CO-RE relocation>", "unknown#195896080", "failed to resolve CO-RE", "failed to relocate",
	"failed to patch", "failed to find kernel BTF type ID", "(func ksym)", "(var ksym)", "calling invalid kernel function",
	"kernel btf_id 0 is not", "calling kernel function", "invalid func unknown#200", "doesn't have",
	"struct_ops init_kern", "is not found in kernel BTF", "(strong): not resolved", "cannot find address for kernel function",
	"expected=percpu_ptr",
};
static int is_asked;

static int look(enum libbpf_print_level level, const char *format, va_list arguments)
{
	static char text[1 << 20];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), format, arguments);
	for (unsigned int i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (strstr(text, phrases[i]))
			is_asked = 1;
	return 0;
}

int main(int count, char **paths)
{
	libbpf_set_print(look);
	for (int i = 1; i < count; i++) {
		struct bpf_object *object = bpf_object__open_file(paths[i], NULL);
		int error;

		is_asked = 0;
		error = object ? bpf_object__load(object) : -1;
		printf("%d %s\n", error, error && is_asked ? "asked" : "-");
		bpf_object__close(object);
	}
	return 0;
}
