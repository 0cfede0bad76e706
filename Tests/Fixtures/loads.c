/* Opens and loads objects, one after the other, and prints for each what the kernel says: a line with the error's number, its
 * maps and its programs.
 *
 * usage: loads OBJECT... */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <bpf/libbpf.h>

static int say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static void load(const char *path)
{
	struct bpf_object_open_opts options = { .sz = sizeof(options), .object_name = "loads" };
	struct bpf_object *object = bpf_object__open_file(path, &options);
	struct bpf_program *program;
	struct bpf_map *map;

	if (!object) {
		printf("open %d\n", errno);
		return;
	}
	printf("load %d", bpf_object__load(object));
	bpf_object__for_each_map(map, object)
		printf(" %s:%u:%u:%u", bpf_map__name(map), bpf_map__type(map), bpf_map__value_size(map),
		       bpf_map__max_entries(map));
	bpf_object__for_each_program(program, object)
		printf(" %s:%s:%zu", bpf_program__section_name(program), bpf_program__name(program),
		       bpf_program__insn_cnt(program));
	putchar('\n');
	bpf_object__close(object);
}

int main(int count, char **paths)
{
	libbpf_set_print(say_nothing);
	for (int i = 1; i < count; i++)
		load(paths[i]);
	return 0;
}
