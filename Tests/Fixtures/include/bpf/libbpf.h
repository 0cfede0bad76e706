#ifndef STANDIN_LIBBPF_H
#define STANDIN_LIBBPF_H

#include <bpf/libbpf_common.h>
#include <stdbool.h>
#include <stddef.h>

struct bpf_object;
struct bpf_map;
struct bpf_program;
struct bpf_link;
struct bpf_object_open_opts;
struct btf;

/* Skeletons. */

struct bpf_map_skeleton {
	const char *name;
	struct bpf_map **map;
	void **mmaped;
#if STANDIN_LIBBPF_MAJOR >= 1 && STANDIN_LIBBPF_MINOR >= 5
	struct bpf_link **link;
#endif
};

struct bpf_prog_skeleton {
	const char *name;
	struct bpf_program **prog;
	struct bpf_link **link;
};

struct bpf_object_skeleton {
	size_t sz;
	const char *name;
	const void *data;
	size_t data_sz;
	struct bpf_object **obj;
	int map_cnt;
	int map_skel_sz;
	struct bpf_map_skeleton *maps;
	int prog_cnt;
	int prog_skel_sz;
	struct bpf_prog_skeleton *progs;
};

int bpf_object__open_skeleton(struct bpf_object_skeleton *s, const struct bpf_object_open_opts *opts);
int bpf_object__load_skeleton(struct bpf_object_skeleton *s);
int bpf_object__attach_skeleton(struct bpf_object_skeleton *s);
void bpf_object__detach_skeleton(struct bpf_object_skeleton *s);
void bpf_object__destroy_skeleton(struct bpf_object_skeleton *s);

/* Subskeletons. */

struct bpf_var_skeleton {
	const char *name;
	struct bpf_map **map;
	void **addr;
};

struct bpf_object_subskeleton {
	size_t sz;
	const struct bpf_object *obj;
	int map_cnt;
	int map_skel_sz;
	struct bpf_map_skeleton *maps;
	int prog_cnt;
	int prog_skel_sz;
	struct bpf_prog_skeleton *progs;
	int var_cnt;
	int var_skel_sz;
	struct bpf_var_skeleton *vars;
};

int bpf_object__open_subskeleton(struct bpf_object_subskeleton *s);
void bpf_object__destroy_subskeleton(struct bpf_object_subskeleton *s);

/* What a header may ask libbpf and an object about. */

unsigned int libbpf_major_version(void);
unsigned int libbpf_minor_version(void);

struct btf *bpf_object__btf(const struct bpf_object *obj);
struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name);
struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char *name);
struct bpf_map *bpf_object__next_map(const struct bpf_object *obj, const struct bpf_map *map);
const char *bpf_map__name(const struct bpf_map *map);
#if STANDIN_LIBBPF_MAJOR >= 1 && STANDIN_LIBBPF_MINOR >= 6
void *bpf_map__initial_value(const struct bpf_map *map, size_t *size);
#else
void *bpf_map__initial_value(struct bpf_map *map, size_t *size);
#endif

#endif
