/* Loads an object, runs its programs once each, and prints what they return and what variables hold then.
 *
 * usage: testrun OBJECT PROGRAM... -- VARIABLE... */
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

static int run(struct bpf_object *object, const char *name)
{
	char packet[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet));
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);
	int error;

	if (!program) {
		fprintf(stderr, "no program %s\n", name);
		return 1;
	}
	error = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
	if (error)
		fprintf(stderr, "%s does not run: %s\n", name, strerror(-error));
	else
		printf("%s %u\n", name, options.retval);
	return !!error;
}

/* The value of the variable that other objects can name, as an unsigned number of its size. */
static int show(struct bpf_object *object, const char *name)
{
	struct btf *btf = bpf_object__btf(object);
	unsigned int id, count = btf__type_cnt(btf);

	for (id = 1; id < count; id++) {
		const struct btf_type *section = btf__type_by_id(btf, id);
		const struct btf_var_secinfo *entry;
		const char *section_name;
		int index;

		if (!btf_is_datasec(section))
			continue;
		section_name = btf__name_by_offset(btf, section->name_off);
		entry = btf_var_secinfos(section);
		for (index = 0; index < btf_vlen(section); index++, entry++) {
			const struct btf_type *variable = btf__type_by_id(btf, entry->type);
			char content[4096] = { 0 };
			unsigned long value = 0;
			struct bpf_map *map;
			int zero = 0;

			if (!btf_is_var(variable) || btf_var(variable)->linkage != BTF_VAR_GLOBAL_ALLOCATED ||
			    strcmp(btf__name_by_offset(btf, variable->name_off), name))
				continue;
			map = bpf_object__find_map_by_name(object, section_name);
			if (!map || bpf_map_lookup_elem(bpf_map__fd(map), &zero, content)) {
				fprintf(stderr, "%s: cannot read %s\n", name, section_name);
				return 1;
			}
			memcpy(&value, content + entry->offset, entry->size);
			printf("%s %lx\n", name, value);
			return 0;
		}
	}
	fprintf(stderr, "no variable %s\n", name);
	return 1;
}

int main(int count, char **arguments)
{
	struct bpf_object *object = bpf_object__open_file(arguments[1], NULL);
	int index = 2;

	if (!object || bpf_object__load(object))
		return 1;
	for (; index < count && strcmp(arguments[index], "--"); index++)
		if (run(object, arguments[index]))
			return 1;
	for (index++; index < count; index++)
		if (show(object, arguments[index]))
			return 1;
	bpf_object__close(object);
	return 0;
}
