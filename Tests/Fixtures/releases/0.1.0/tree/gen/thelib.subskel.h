/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  d796be0b12078c31d9f62c18e49e1afb
 * body    3e47ec26fd5b6200f36cb4deb76725fa
 */
#ifndef __THELIB_SUBSKEL_H__
#define __THELIB_SUBSKEL_H__

/* Types that must be declared before this header is included:
 *   struct limits
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>

/* Functions of libbpf; <bpf/btf.h> would bring the kernel's own types with it. */
const void *thelib__btf(const struct bpf_object *obj) __asm__("bpf_object__btf");
int thelib__btf_find(const void *btf, const char *type_name, unsigned int kind) __asm__("btf__find_by_name_kind");
int thelib__btf_resolve(const void *btf, unsigned int type_id) __asm__("btf__resolve_type");
const unsigned int *thelib__btf_type(const void *btf, unsigned int type_id) __asm__("btf__type_by_id");
const char *thelib__btf_name(const void *btf, unsigned int offset) __asm__("btf__name_by_offset");

struct thelib {
	struct bpf_object *obj;
	struct bpf_object_subskeleton *subskel;
	struct {
		struct bpf_map *data;
	} maps;
	struct thelib__data {
		struct limits *limits;
	} data;
#ifdef __cplusplus
	static inline struct thelib *open(const struct bpf_object *src);
	static inline void destroy(struct thelib *skel);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define thelib__ASSERT(condition, message) static_assert(condition, message)
#else
#define thelib__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define thelib__ASSERT_VARIABLE(section, name, size) \
	thelib__ASSERT(sizeof(*((struct thelib *)0)->section.name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
thelib__ASSERT_VARIABLE(data, limits, 8);
#undef thelib__ASSERT_VARIABLE
#undef thelib__ASSERT

static inline void thelib__destroy(struct thelib *skel)
{
	if (skel && skel->subskel)
		bpf_object__destroy_subskeleton(skel->subskel);
	free(skel);
}

/* Finds the library's variable in the object that it was linked into: 0, -ESRCH when there is none of the name, -EINVAL
 * when it has another size. An array at the end of its section may be larger than the library's: the program can resize
 * such a section with bpf_map__set_value_size(). */
static inline int thelib__find_var(const void *btf, struct bpf_map *map, const char *section, const char *var_name,
		unsigned int size, unsigned int element_size, void **address)
{
	/* A BTF type is {name, kind << 24 | count, size or type}, then for a section {variable, offset, size}...,
	 * for an array {element, index, count}. */
	int id = thelib__btf_find(btf, section, 15 /* BTF_KIND_DATASEC */);
	const unsigned int *sec = id > 0 ? thelib__btf_type(btf, (unsigned int)id) : NULL;
	unsigned int i, count = sec ? sec[1] & 0xffff : 0;
	size_t map_size = 0;
	char *data = (char *)bpf_map__initial_value(map, &map_size);

	for (i = 0; i < count; i++) {
		const unsigned int *info = sec + 3 + 3 * i;
		const unsigned int *var = thelib__btf_type(btf, info[0]), *array;

		if (!var || var[3] == 0 /* BTF_VAR_STATIC */ || strcmp(thelib__btf_name(btf, var[0]), var_name) != 0)
			continue;
		if (info[2] != size) {
			if (info[2] < size || !element_size || i + 1 != count)
				return -EINVAL;
			id = thelib__btf_resolve(btf, var[2]);
			array = id > 0 ? thelib__btf_type(btf, (unsigned int)id) : NULL;
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

static inline void thelib__add_map(struct bpf_object_subskeleton *s, const char *map_name, struct bpf_map **map)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
}

static inline int thelib__create_subskeleton(struct thelib *skel, const struct bpf_object *src)
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
	s->maps = (struct bpf_map_skeleton *)calloc(1, sizeof(*s->maps));
	if (!s->maps)
		return -ENOMEM;

	thelib__add_map(s, ".data", &skel->maps.data);
	return 0;
}

static inline struct thelib *thelib__open(const struct bpf_object *src)
{
	struct thelib *skel = (struct thelib *)calloc(1, sizeof(*skel));
	int err = skel ? thelib__create_subskeleton(skel, src) : -ENOMEM;
	const void *btf;

	if (!err) {
		btf = thelib__btf(src);
		err = btf ? bpf_object__open_subskeleton(skel->subskel) : -EINVAL;
	}
	if (err)
		goto failed;
	err = thelib__find_var(btf, skel->maps.data, ".data", "limits", 8, 0, (void **)&skel->data.limits);
	if (err)
		goto failed;
	return skel;

failed:
	thelib__destroy(skel);
	errno = -err;
	return NULL;
}

#ifdef __cplusplus
inline struct thelib *thelib::open(const struct bpf_object *src) { return thelib__open(src); }
inline void thelib::destroy(struct thelib *skel) { thelib__destroy(skel); }
#endif /* __cplusplus */

#endif /* __THELIB_SUBSKEL_H__ */
