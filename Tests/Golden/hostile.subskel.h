/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  5ac55276ccd82b5fbad3287ced925336
 * body    d367cc4f398768e3e504aaba3fb8972d
 */
#ifndef __HOSTILE_SUBSKEL_H__
#define __HOSTILE_SUBSKEL_H__

/* Types that must be declared before this header is included:
 *   groesse_t
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
/* Functions of libbpf; <bpf/btf.h> would bring the kernel's own types with it. */
const void *hostile__btf(const struct bpf_object *obj) __asm__("bpf_object__btf");
int hostile__btf_find(const void *btf, const char *type_name, unsigned int kind) __asm__("btf__find_by_name_kind");
int hostile__btf_resolve(const void *btf, unsigned int type_id) __asm__("btf__resolve_type");
const unsigned int *hostile__btf_type(const void *btf, unsigned int type_id) __asm__("btf__type_by_id");
const char *hostile__btf_name(const void *btf, unsigned int offset) __asm__("btf__name_by_offset");

struct hostile {
	struct bpf_object *obj;
	struct bpf_object_subskeleton *subskel;
	struct {
#ifndef __cplusplus
		struct bpf_map *class;
#else
		struct bpf_map *class_;
#endif
		struct bpf_map *a_b_c___;
		struct bpf_map *rodata_2;
		struct bpf_map *___int_x____;
		struct bpf_map *data;
		struct bpf_map *rodata;
		struct bpf_map *data_odd_name;
		struct bpf_map *bss_7;
		struct bpf_map *serve_2;
	} maps;
	struct {
		struct hostile__serve_2__serve_ops {
#ifndef __cplusplus
			struct bpf_program *private;
#else
			struct bpf_program *private_;
#endif
#ifndef __cplusplus
			unsigned int mutable;
#else
			unsigned int mutable_;
#endif
#ifndef __cplusplus
			__extension__ unsigned int explicit: 1;
#else
			__extension__ unsigned int explicit_: 1;
#endif
		} *serve_2;
	} struct_ops;
	struct {
#ifndef __cplusplus
		struct bpf_program *new;
#else
		struct bpf_program *new_;
#endif
		struct bpf_program *serve;
#ifndef __cplusplus
		struct bpf_program *operator;
#else
		struct bpf_program *operator_;
#endif
		struct bpf_program *int_;
		struct bpf_program *line_break;
	} progs;
	struct hostile__data {
#ifndef __cplusplus
		char *delete;
#else
		char *delete_;
#endif
#ifndef __cplusplus
		long long *this;
#else
		long long *this_;
#endif
		char *__pad0;
		long long *__pad1;
		int *auto_;
		groesse_t *größe;
#ifndef __cplusplus
		__typeof__(int[2]) *template;
#else
		__typeof__(int[2]) *template_;
#endif
		short *a_b;
	} data;
	struct hostile__rodata {
#ifndef __cplusplus
		__typeof__(int (*)(int)) *try;
#else
		__typeof__(int (*)(int)) *try_;
#endif
#ifndef __cplusplus
		__extension__ struct {
#ifndef __cplusplus
			int new;
#else
			int new_;
#endif
		} *catch;
#else
		__extension__ struct {
#ifndef __cplusplus
			int new;
#else
			int new_;
#endif
		} *catch_;
#endif
#ifndef __cplusplus
		__extension__ __typeof__(struct {
			int x;
		}[2]) *and;
#else
		__extension__ struct {
			int x;
		} (*and_)[2];
#endif
#ifndef __cplusplus
		__extension__ struct {
			char tag;
			long long at;
		} __attribute__((packed)) *not;
#else
		__extension__ struct {
			char tag;
			long long at;
		} __attribute__((packed)) *not_;
#endif
#ifndef __cplusplus
		__extension__ __typeof__(char[0]) *or;
#else
		__extension__ __typeof__(char[0]) *or_;
#endif
	} rodata;
	struct hostile__data_odd_name {
		int *_quoted_;
	} data_odd_name;
	__extension__ struct hostile__bss_7 {
	} bss_7;
#ifdef __cplusplus
	static inline struct hostile *open(const struct bpf_object *src);
	static inline void destroy(struct hostile *skel);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define hostile__ASSERT(condition, message) static_assert(condition, message)
#else
#define hostile__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define hostile__ASSERT_VARIABLE(section, name, size) \
	hostile__ASSERT(sizeof(*((struct hostile *)0)->section.name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, delete, 1);
#else
hostile__ASSERT_VARIABLE(data, delete_, 1);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, this, 8);
#else
hostile__ASSERT_VARIABLE(data, this_, 8);
#endif
hostile__ASSERT_VARIABLE(data, __pad0, 1);
hostile__ASSERT_VARIABLE(data, __pad1, 8);
hostile__ASSERT_VARIABLE(data, auto_, 4);
hostile__ASSERT_VARIABLE(data, größe, 4);
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, template, 8);
#else
hostile__ASSERT_VARIABLE(data, template_, 8);
#endif
hostile__ASSERT_VARIABLE(data, a_b, 2);
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, try, 8);
#else
hostile__ASSERT_VARIABLE(rodata, try_, 8);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, catch, 4);
#else
hostile__ASSERT_VARIABLE(rodata, catch_, 4);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, and, 8);
#else
hostile__ASSERT_VARIABLE(rodata, and_, 8);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, not, 9);
#else
hostile__ASSERT_VARIABLE(rodata, not_, 9);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, or, 0);
#else
hostile__ASSERT_VARIABLE(rodata, or_, 0);
#endif
hostile__ASSERT_VARIABLE(data_odd_name, _quoted_, 4);
#undef hostile__ASSERT_VARIABLE
#undef hostile__ASSERT

static inline void hostile__destroy(struct hostile *skel)
{
	if (skel && skel->subskel)
		bpf_object__destroy_subskeleton(skel->subskel);
	free(skel);
}

/* Finds the library's variable in the object that it was linked into: 0, -ESRCH when there is none of the name, -EINVAL
 * when it has another size. An array at the end of its section may be larger than the library's: the program can resize
 * such a section with bpf_map__set_value_size(). */
static inline int hostile__find_var(const void *btf, struct bpf_map *map, const char *section, const char *var_name,
		unsigned int size, unsigned int element_size, void **address)
{
	/* A BTF type is {name, kind << 24 | count, size or type}, then for a section {variable, offset, size}...,
	 * for an array {element, index, count}. */
	int id = hostile__btf_find(btf, section, 15 /* BTF_KIND_DATASEC */);
	const unsigned int *sec = id > 0 ? hostile__btf_type(btf, (unsigned int)id) : NULL;
	unsigned int i, count = sec ? sec[1] & 0xffff : 0;
	size_t map_size = 0;
	char *data = (char *)bpf_map__initial_value(map, &map_size);

	for (i = 0; i < count; i++) {
		const unsigned int *info = sec + 3 + 3 * i;
		const unsigned int *var = hostile__btf_type(btf, info[0]), *array;

		if (!var || var[3] == 0 /* BTF_VAR_STATIC */ || strcmp(hostile__btf_name(btf, var[0]), var_name) != 0)
			continue;
		if (info[2] != size) {
			if (info[2] < size || !element_size || i + 1 != count)
				return -EINVAL;
			id = hostile__btf_resolve(btf, var[2]);
			array = id > 0 ? hostile__btf_type(btf, (unsigned int)id) : NULL;
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

static inline void hostile__add_map(struct bpf_object_subskeleton *s, const char *map_name, struct bpf_map **map)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
}

static inline void hostile__add_prog(struct bpf_object_subskeleton *s, const char *prog_name, struct bpf_program **prog)
{
	s->progs[s->prog_cnt].name = prog_name;
	s->progs[s->prog_cnt++].prog = prog;
}

static inline int hostile__create_subskeleton(struct hostile *skel, const struct bpf_object *src)
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
	s->maps = (struct bpf_map_skeleton *)calloc(9, sizeof(*s->maps));
	if (!s->maps)
		return -ENOMEM;
	s->progs = (struct bpf_prog_skeleton *)calloc(5, sizeof(*s->progs));
	if (!s->progs)
		return -ENOMEM;

#ifndef __cplusplus
	hostile__add_map(s, "class", &skel->maps.class);
#else
	hostile__add_map(s, "class", &skel->maps.class_);
#endif
	hostile__add_map(s, "a\042b\134c\077\077/", &skel->maps.a_b_c___);
	hostile__add_map(s, "rodata", &skel->maps.rodata_2);
	hostile__add_map(s, "*/ int x; /*", &skel->maps.___int_x____);
	hostile__add_map(s, ".data", &skel->maps.data);
	hostile__add_map(s, ".rodata", &skel->maps.rodata);
	hostile__add_map(s, ".data.odd-name", &skel->maps.data_odd_name);
	hostile__add_map(s, ".bss.7", &skel->maps.bss_7);
	hostile__add_map(s, "serve", &skel->maps.serve_2);
#ifndef __cplusplus
	hostile__add_prog(s, "new", &skel->progs.new);
#else
	hostile__add_prog(s, "new", &skel->progs.new_);
#endif
	hostile__add_prog(s, "serve", &skel->progs.serve);
#ifndef __cplusplus
	hostile__add_prog(s, "operator", &skel->progs.operator);
#else
	hostile__add_prog(s, "operator", &skel->progs.operator_);
#endif
	hostile__add_prog(s, "int", &skel->progs.int_);
	hostile__add_prog(s, "line\012break", &skel->progs.line_break);
	return 0;
}

static inline struct hostile *hostile__open(const struct bpf_object *src)
{
	struct hostile *skel = (struct hostile *)calloc(1, sizeof(*skel));
	int err = skel ? hostile__create_subskeleton(skel, src) : -ENOMEM;
	size_t size = 0;
	const void *btf;

	if (!err) {
		btf = hostile__btf(src);
		err = btf ? bpf_object__open_subskeleton(skel->subskel) : -EINVAL;
	}
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.data, ".data", "delete", 1, 0, (void **)&skel->data.delete);
#else
	err = hostile__find_var(btf, skel->maps.data, ".data", "delete", 1, 0, (void **)&skel->data.delete_);
#endif
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.data, ".data", "this", 8, 0, (void **)&skel->data.this);
#else
	err = hostile__find_var(btf, skel->maps.data, ".data", "this", 8, 0, (void **)&skel->data.this_);
#endif
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data, ".data", "__pad0", 1, 0, (void **)&skel->data.__pad0);
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data, ".data", "__pad1", 8, 0, (void **)&skel->data.__pad1);
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data, ".data", "auto", 4, 0, (void **)&skel->data.auto_);
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data, ".data", "gr\303\266\303\237e", 4, 0, (void **)&skel->data.größe);
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.data, ".data", "template", 8, 4, (void **)&skel->data.template);
#else
	err = hostile__find_var(btf, skel->maps.data, ".data", "template", 8, 4, (void **)&skel->data.template_);
#endif
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data, ".data", "a.b", 2, 0, (void **)&skel->data.a_b);
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "try", 8, 0, (void **)&skel->rodata.try);
#else
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "try", 8, 0, (void **)&skel->rodata.try_);
#endif
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "catch", 4, 0, (void **)&skel->rodata.catch);
#else
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "catch", 4, 0, (void **)&skel->rodata.catch_);
#endif
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "and", 8, 4, (void **)&skel->rodata.and);
#else
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "and", 8, 4, (void **)&skel->rodata.and_);
#endif
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "not", 9, 0, (void **)&skel->rodata.not);
#else
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "not", 9, 0, (void **)&skel->rodata.not_);
#endif
	if (err)
		goto failed;
#ifndef __cplusplus
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "or", 0, 1, (void **)&skel->rodata.or);
#else
	err = hostile__find_var(btf, skel->maps.rodata, ".rodata", "or", 0, 1, (void **)&skel->rodata.or_);
#endif
	if (err)
		goto failed;
	err = hostile__find_var(btf, skel->maps.data_odd_name, ".data.odd-name", "\042quoted\042", 4, 0, (void **)&skel->data_odd_name._quoted_);
	if (err)
		goto failed;
	skel->struct_ops.serve_2 = (__typeof__(skel->struct_ops.serve_2))
		bpf_map__initial_value(skel->maps.serve_2, &size);
	return skel;

failed:
	hostile__destroy(skel);
	errno = -err;
	return NULL;
}

#ifdef __cplusplus
inline struct hostile *hostile::open(const struct bpf_object *src) { return hostile__open(src); }
inline void hostile::destroy(struct hostile *skel) { hostile__destroy(skel); }
#endif /* __cplusplus */
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* __HOSTILE_SUBSKEL_H__ */
