/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  10d11dd3a38b6f32872d83bf9a726ccc
 * body    fe78f301a4c640ad4ca409aea05b67d6
 */
#ifndef __SCHED_SUBSKEL_H__
#define __SCHED_SUBSKEL_H__

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>

struct queue;

/* Functions of libbpf; <bpf/btf.h> would bring the kernel's own types with it. */
const void *sched__btf(const struct bpf_object *obj) __asm__("bpf_object__btf");
int sched__btf_find(const void *btf, const char *type_name, unsigned int kind) __asm__("btf__find_by_name_kind");
int sched__btf_resolve(const void *btf, unsigned int type_id) __asm__("btf__resolve_type");
const unsigned int *sched__btf_type(const void *btf, unsigned int type_id) __asm__("btf__type_by_id");
const char *sched__btf_name(const void *btf, unsigned int offset) __asm__("btf__name_by_offset");

struct sched {
	struct bpf_object *obj;
	struct bpf_object_subskeleton *subskel;
	struct {
		struct bpf_map *arena;
		struct bpf_map *bss;
		struct bpf_map *nest_ops;
	} maps;
	struct {
		struct sched__nest_ops__sched_ext_ops {
			struct bpf_program *select_cpu;
			struct bpf_program *enqueue;
			unsigned long long flags;
			__extension__ unsigned int slice: 3;
			__extension__ char: 5;
			char __padding_4[3];
			unsigned int timeout_ms;
			char __unsupported_5[128];
		} *nest_ops;
	} struct_ops;
	struct {
		struct bpf_program *nest_select;
		struct bpf_program *nest_enqueue;
	} progs;
	struct sched__bss {
		unsigned long long *switches;
	} bss;
#ifdef __cplusplus
	static inline struct sched *open(const struct bpf_object *src);
	static inline void destroy(struct sched *skel);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define sched__ASSERT(condition, message) static_assert(condition, message)
#else
#define sched__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define sched__ASSERT_VARIABLE(section, name, size) \
	sched__ASSERT(sizeof(*((struct sched *)0)->section.name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
sched__ASSERT_VARIABLE(bss, switches, 8);
#undef sched__ASSERT_VARIABLE
#undef sched__ASSERT

static inline void sched__destroy(struct sched *skel)
{
	if (skel && skel->subskel)
		bpf_object__destroy_subskeleton(skel->subskel);
	free(skel);
}

/* Finds the library's variable in the object that it was linked into: 0, -ESRCH when there is none of the name, -EINVAL
 * when it has another size. An array at the end of its section may be larger than the library's: the program can resize
 * such a section with bpf_map__set_value_size(). */
static inline int sched__find_var(const void *btf, struct bpf_map *map, const char *section, const char *var_name,
		unsigned int size, unsigned int element_size, void **address)
{
	/* A BTF type is {name, kind << 24 | count, size or type}, then for a section {variable, offset, size}...,
	 * for an array {element, index, count}. */
	int id = sched__btf_find(btf, section, 15 /* BTF_KIND_DATASEC */);
	const unsigned int *sec = id > 0 ? sched__btf_type(btf, (unsigned int)id) : NULL;
	unsigned int i, count = sec ? sec[1] & 0xffff : 0;
	size_t map_size = 0;
	char *data = (char *)bpf_map__initial_value(map, &map_size);

	for (i = 0; i < count; i++) {
		const unsigned int *info = sec + 3 + 3 * i;
		const unsigned int *var = sched__btf_type(btf, info[0]), *array;

		if (!var || var[3] == 0 /* BTF_VAR_STATIC */ || strcmp(sched__btf_name(btf, var[0]), var_name) != 0)
			continue;
		if (info[2] != size) {
			if (info[2] < size || !element_size || i + 1 != count)
				return -EINVAL;
			id = sched__btf_resolve(btf, var[2]);
			array = id > 0 ? sched__btf_type(btf, (unsigned int)id) : NULL;
			if (!array || (array[1] >> 24 & 0x1f) != 3 /* BTF_KIND_ARRAY */ ||
			    (unsigned long long)array[5] * element_size != info[2])
				return -EINVAL;
		}
		if (!data || (size_t)info[1] + info[2] > map_size)
			return -EINVAL;
		*address = data + info[1];
		return 0;
	}
	return -ESRCH;
}

static inline void sched__add_map(struct bpf_object_subskeleton *s, const char *map_name, struct bpf_map **map)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
}

static inline void sched__add_prog(struct bpf_object_subskeleton *s, const char *prog_name, struct bpf_program **prog)
{
	s->progs[s->prog_cnt].name = prog_name;
	s->progs[s->prog_cnt++].prog = prog;
}

static inline int sched__create_subskeleton(struct sched *skel, const struct bpf_object *src)
{
	struct bpf_object_subskeleton *s = (struct bpf_object_subskeleton *)calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	skel->subskel = s;
	s->sz = sizeof(*s);
	s->obj = src;
	s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
	s->prog_skel_sz = (int)sizeof(*s->progs);
	s->var_skel_sz = (int)sizeof(*s->vars);
	s->maps = (struct bpf_map_skeleton *)calloc(3, sizeof(*s->maps));
	if (!s->maps)
		return -ENOMEM;
	s->progs = (struct bpf_prog_skeleton *)calloc(2, sizeof(*s->progs));
	if (!s->progs)
		return -ENOMEM;

	sched__add_map(s, "arena", &skel->maps.arena);
	sched__add_map(s, ".bss", &skel->maps.bss);
	sched__add_map(s, "nest_ops", &skel->maps.nest_ops);
	sched__add_prog(s, "nest_select", &skel->progs.nest_select);
	sched__add_prog(s, "nest_enqueue", &skel->progs.nest_enqueue);
	return 0;
}

static inline struct sched *sched__open(const struct bpf_object *src)
{
	struct sched *skel = (struct sched *)calloc(1, sizeof(*skel));
	int err = skel ? sched__create_subskeleton(skel, src) : -ENOMEM;
	size_t size = 0;
	const void *btf;

	if (!err) {
		btf = sched__btf(src);
		err = btf ? bpf_object__open_subskeleton(skel->subskel) : -EINVAL;
	}
	if (err)
		goto failed;
	err = sched__find_var(btf, skel->maps.bss, ".bss", "switches", 8, 0, (void **)&skel->bss.switches);
	if (err)
		goto failed;
	skel->struct_ops.nest_ops = (__typeof__(skel->struct_ops.nest_ops))
		bpf_map__initial_value(skel->maps.nest_ops, &size);
	return skel;

failed:
	sched__destroy(skel);
	errno = -err;
	return NULL;
}

#ifdef __cplusplus
inline struct sched *sched::open(const struct bpf_object *src) { return sched__open(src); }
inline void sched::destroy(struct sched *skel) { sched__destroy(skel); }
#endif /* __cplusplus */

#endif /* __SCHED_SUBSKEL_H__ */
