/* Loads objects into the running kernel, each as a whole, and if that fails each of its programs alone. Prints a line for
 * each program, or one with `*` for an object that cannot be opened or has no program:
 *
 *     NUMBER  PROGRAM  ERROR  asked|-  REASON
 *
 * with a tab between two. NUMBER counts the objects from 0, ERROR is 0 when the program loads. `asked` means that libbpf or the
 * verifier refuses it for something that the kernel's BTF answers: a relocation, a symbol, what a program attaches to, its
 * arguments.
 *
 * usage: asked JOBS OBJECT... */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

/* What libbpf and the verifier say of it. */
static const char *const phrases[] = {
	"<invalid CO-RE relocation>", "unknown#195896080", "failed to resolve CO-RE", "failed to relocate",
	"failed to patch", "failed to find kernel BTF type ID", "(func ksym)", "(var ksym)", "calling invalid kernel function",
	"kernel btf_id 0 is not", "calling kernel function", "invalid func unknown#200", "doesn't have",
	"struct_ops init_kern", "is not found in kernel BTF", "(strong): not resolved", "cannot find address for kernel function",
	"expected=percpu_ptr", "Only pointer access is allowed", "is not a struct", "variable args is unsupported",
	"has malformed void argument", "arguments. Too many", "is unsupported.",
};

static char text[1 << 22];
static size_t length;

static int look(enum libbpf_print_level level, const char *format, va_list arguments)
{
	int count;

	if (level != LIBBPF_WARN || length + 1 >= sizeof(text))
		return 0;
	count = vsnprintf(text + length, sizeof(text) - length, format, arguments);
	if (count > 0)
		length += (size_t)count < sizeof(text) - length ? (size_t)count : sizeof(text) - length - 1;
	return 0;
}

/* The line of the log that contains a place. */
static void print_line(const char *place)
{
	const char *start = place, *end = place;

	while (start > text && start[-1] != '\n')
		start--;
	while (*end && *end != '\n')
		end++;
	for (int i = 0; start < end && i < 300; i++, start++)
		putchar(*start == '\t' ? ' ' : *start);
}

/* What libbpf says of any failure. */
static const char *const general[] = { "failed to load object", "-- BEGIN", "-- END", "load program failed", "failed to load:" };

static int is_general(const char *line)
{
	size_t size = strcspn(line, "\n");

	for (unsigned int i = 0; i < sizeof(general) / sizeof(*general); i++) {
		const char *found = strstr(line, general[i]);

		if (found && found < line + size)
			return 1;
	}
	return size == 0;
}

static void report(int number, const char *program, int error)
{
	const char *place = NULL, *summary, *last;

	printf("%d\t%s\t%d\t", number, program, error);
	for (unsigned int i = 0; error && !place && i < sizeof(phrases) / sizeof(*phrases); i++)
		place = strstr(text, phrases[i]);
	printf("%s\t", place ? "asked" : "-");
	if (error && !place && length > 1) {
		/* The verifier's last line but that of what it did, or libbpf's last line that says more than that it failed. */
		summary = strstr(text, "\nprocessed ");
		place = text;
		for (last = text; *last && (!summary || last <= summary); last += strcspn(last, "\n"), last += *last == '\n')
			if (!is_general(last) && strncmp(last, "processed ", 10))
				place = last;
	}
	if (error && place)
		print_line(place);
	putchar('\n');
}

/* Loads an object with one of its programs, or with all. */
static int load(const char *path, const char *only)
{
	struct bpf_object *object;
	struct bpf_program *program;
	int error;

	length = 0;
	text[0] = 0;
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return -1;
	if (only)
		bpf_object__for_each_program(program, object)
			bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), only));
	error = bpf_object__load(object);
	bpf_object__close(object);
	return error;
}

static void load_object(int number, const char *path)
{
	struct bpf_object *object;
	struct bpf_program *program;
	char **names;
	int count = 0, error;

	error = load(path, NULL);
	object = bpf_object__open_file(path, NULL);
	names = calloc(4096, sizeof(*names));
	if (object)
		bpf_object__for_each_program(program, object)
			if (bpf_program__autoload(program) && count < 4096)
				names[count++] = strdup(bpf_program__name(program));
	bpf_object__close(object);
	if (!count)
		report(number, "*", error);
	for (int i = 0; i < count; i++) {
		report(number, names[i], error && count > 1 ? load(path, names[i]) : error);
		free(names[i]);
	}
	free(names);
	fflush(stdout);
}

int main(int count, char **words)
{
	int jobs = count > 1 ? atoi(words[1]) : 1, status = 0, result = 0;

	libbpf_set_print(look);
	/* Lines of several processes do not mix. */
	setvbuf(stdout, NULL, _IOLBF, 4096);
	for (int job = 0; job < jobs; job++) {
		if (fork())
			continue;
		for (int i = 2 + job; i < count; i += jobs)
			load_object(i - 2, words[i]);
		return 0;
	}
	while (wait(&status) > 0)
		result |= status;
	return result != 0;
}
