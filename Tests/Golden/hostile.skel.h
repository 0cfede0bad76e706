/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  614bbf8dfbabea3e155996862b081645
 * payload b32fbb55da5e272aa6abe86a152cff91
 * body    8c95531009e79444e6e83be41fc9e61f
 */
#ifndef __HOSTILE_SKEL_H__
#define __HOSTILE_SKEL_H__

/* Types that must be declared before this header is included:
 *   groesse_t
 */

#include <errno.h>
#include <stdlib.h>
#include <bpf/libbpf.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
#define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1
#endif

struct hostile {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
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
	struct {
#ifndef __cplusplus
		struct bpf_link *new;
#else
		struct bpf_link *new_;
#endif
		struct bpf_link *serve;
#ifndef __cplusplus
		struct bpf_link *operator;
#else
		struct bpf_link *operator_;
#endif
		struct bpf_link *int_;
		struct bpf_link *line_break;
		struct bpf_link *serve_2;
	} links;
	struct hostile__data {
#ifndef __cplusplus
		char delete;
#else
		char delete_;
#endif
		char __pad2[7];
#ifndef __cplusplus
		long long this;
#else
		long long this_;
#endif
		char __pad0;
		char __pad3[7];
		long long __pad1;
		int auto_;
		groesse_t größe;
#ifndef __cplusplus
		int template[2];
#else
		int template_[2];
#endif
		short a_b;
	} *data;
	struct hostile__rodata {
#ifndef __cplusplus
		int (*try)(int);
#else
		int (*try_)(int);
#endif
#ifndef __cplusplus
		__extension__ struct {
#ifndef __cplusplus
			int new;
#else
			int new_;
#endif
		} catch;
#else
		__extension__ struct {
#ifndef __cplusplus
			int new;
#else
			int new_;
#endif
		} catch_;
#endif
#ifndef __cplusplus
		__extension__ struct {
			int x;
		} and[2];
#else
		__extension__ struct {
			int x;
		} and_[2];
#endif
#ifndef __cplusplus
		__extension__ struct {
			char tag;
			long long at;
		} __attribute__((packed)) not;
#else
		__extension__ struct {
			char tag;
			long long at;
		} __attribute__((packed)) not_;
#endif
#ifndef __cplusplus
		__extension__ char or[0];
#else
		__extension__ char or_[0];
#endif
	} *rodata;
	struct hostile__data_odd_name {
		int _quoted_;
	} *data_odd_name;
	__extension__ struct hostile__bss_7 {
	} *bss_7;
#ifdef __cplusplus
	static inline struct hostile *open(const struct bpf_object_open_opts *opts = nullptr);
	static inline struct hostile *open_and_load();
	static inline int load(struct hostile *skel);
	static inline int attach(struct hostile *skel);
	static inline void detach(struct hostile *skel);
	static inline void destroy(struct hostile *skel);
	static inline const void *elf_bytes(size_t *sz);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define hostile__ASSERT(condition, message) static_assert(condition, message)
#else
#define hostile__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define hostile__ASSERT_VARIABLE(section, name, offset, size) \
	hostile__ASSERT(__builtin_offsetof(__typeof__(*((struct hostile *)0)->section), name) == (offset), \
		"offset of '" #name "' in '" #section "' is not " #offset); \
	hostile__ASSERT(sizeof(((struct hostile *)0)->section->name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, delete, 0, 1);
#else
hostile__ASSERT_VARIABLE(data, delete_, 0, 1);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, this, 8, 8);
#else
hostile__ASSERT_VARIABLE(data, this_, 8, 8);
#endif
hostile__ASSERT_VARIABLE(data, __pad0, 16, 1);
hostile__ASSERT_VARIABLE(data, __pad1, 24, 8);
hostile__ASSERT_VARIABLE(data, auto_, 32, 4);
hostile__ASSERT_VARIABLE(data, größe, 36, 4);
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(data, template, 40, 8);
#else
hostile__ASSERT_VARIABLE(data, template_, 40, 8);
#endif
hostile__ASSERT_VARIABLE(data, a_b, 48, 2);
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, try, 0, 8);
#else
hostile__ASSERT_VARIABLE(rodata, try_, 0, 8);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, catch, 8, 4);
#else
hostile__ASSERT_VARIABLE(rodata, catch_, 8, 4);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, and, 12, 8);
#else
hostile__ASSERT_VARIABLE(rodata, and_, 12, 8);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, not, 20, 9);
#else
hostile__ASSERT_VARIABLE(rodata, not_, 20, 9);
#endif
#ifndef __cplusplus
hostile__ASSERT_VARIABLE(rodata, or, 29, 0);
#else
hostile__ASSERT_VARIABLE(rodata, or_, 29, 0);
#endif
hostile__ASSERT_VARIABLE(data_odd_name, _quoted_, 0, 4);
#undef hostile__ASSERT_VARIABLE
#undef hostile__ASSERT

static inline const void *hostile__elf_bytes(size_t *sz)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
	static const unsigned char data[21] __attribute__((aligned(8))) =
		"\177\105LF \42\160ayload\42 \134 1\0012";
#pragma GCC diagnostic pop

	*sz = sizeof(data) - 1;
	return data;
}

static inline void hostile__destroy(struct hostile *skel)
{
	if (skel && skel->skeleton)
		bpf_object__destroy_skeleton(skel->skeleton);
	free(skel);
}

static inline void hostile__add_map(struct bpf_object_skeleton *s, const char *map_name,
		struct bpf_map **map, void **data)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
	entry->mmaped = data;
}

static inline void hostile__add_prog(struct bpf_object_skeleton *s, const char *prog_name,
		struct bpf_program **prog, struct bpf_link **link)
{
	struct bpf_prog_skeleton *entry = &s->progs[s->prog_cnt++];

	entry->name = prog_name;
	entry->prog = prog;
	entry->link = link;
}

static inline int hostile__create_skeleton(struct hostile *skel)
{
	struct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sz = sizeof(*s);
	s->name = "hostile";
	s->obj = &skel->obj;
	s->data = hostile__elf_bytes(&s->data_sz);

	/* Entries end before libbpf 1.5's link: so a newer libbpf.h serves an older libbpf.so as well. */
	s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH
	if (libbpf_major_version() > 1 || (libbpf_major_version() == 1 && libbpf_minor_version() >= 5))
		s->map_skel_sz = (int)sizeof(*s->maps);
#endif
	s->maps = (struct bpf_map_skeleton *)calloc(9, sizeof(*s->maps));
	if (!s->maps) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
#ifndef __cplusplus
	hostile__add_map(s, "class", &skel->maps.class, NULL);
#else
	hostile__add_map(s, "class", &skel->maps.class_, NULL);
#endif
	hostile__add_map(s, "a\042b\134c\077\077/", &skel->maps.a_b_c___, NULL);
	hostile__add_map(s, "rodata", &skel->maps.rodata_2, NULL);
	hostile__add_map(s, "*/ int x; /*", &skel->maps.___int_x____, NULL);
	hostile__add_map(s, ".data", &skel->maps.data, (void **)&skel->data);
	hostile__add_map(s, ".rodata", &skel->maps.rodata, (void **)&skel->rodata);
	hostile__add_map(s, ".data.odd-name", &skel->maps.data_odd_name, (void **)&skel->data_odd_name);
	hostile__add_map(s, ".bss.7", &skel->maps.bss_7, (void **)&skel->bss_7);
	hostile__add_map(s, "serve", &skel->maps.serve_2, NULL);
#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH
	if (s->map_skel_sz == (int)sizeof(*s->maps))
		s->maps[s->map_cnt - 1].link = &skel->links.serve_2;
#endif

	s->prog_skel_sz = (int)sizeof(*s->progs);
	s->progs = (struct bpf_prog_skeleton *)calloc(5, sizeof(*s->progs));
	if (!s->progs) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
#ifndef __cplusplus
	hostile__add_prog(s, "new", &skel->progs.new, &skel->links.new);
#else
	hostile__add_prog(s, "new", &skel->progs.new_, &skel->links.new_);
#endif
	hostile__add_prog(s, "serve", &skel->progs.serve, &skel->links.serve);
#ifndef __cplusplus
	hostile__add_prog(s, "operator", &skel->progs.operator, &skel->links.operator);
#else
	hostile__add_prog(s, "operator", &skel->progs.operator_, &skel->links.operator_);
#endif
	hostile__add_prog(s, "int", &skel->progs.int_, &skel->links.int_);
	hostile__add_prog(s, "line\012break", &skel->progs.line_break, &skel->links.line_break);

	skel->skeleton = s;
	return 0;
}

static inline struct hostile *hostile__open_opts(const struct bpf_object_open_opts *opts)
{
	struct hostile *skel = (struct hostile *)calloc(1, sizeof(*skel));
	int err = skel ? hostile__create_skeleton(skel) : -ENOMEM;
	size_t size = 0;

	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, opts);
	if (err) {
		hostile__destroy(skel);
		errno = -err;
		return NULL;
	}
	skel->struct_ops.serve_2 = (__typeof__(skel->struct_ops.serve_2))
		bpf_map__initial_value(skel->maps.serve_2, &size);
	return skel;
}

static inline struct hostile *hostile__open(void)
{
	return hostile__open_opts(NULL);
}

static inline int hostile__load(struct hostile *skel)
{
	return bpf_object__load_skeleton(skel->skeleton);
}

static inline struct hostile *hostile__open_and_load(void)
{
	struct hostile *skel = hostile__open();
	int err = skel ? hostile__load(skel) : 0;

	if (err) {
		hostile__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

static inline int hostile__attach(struct hostile *skel)
{
	return bpf_object__attach_skeleton(skel->skeleton);
}

static inline void hostile__detach(struct hostile *skel)
{
	bpf_object__detach_skeleton(skel->skeleton);
}

#ifdef __cplusplus
inline struct hostile *hostile::open(const struct bpf_object_open_opts *opts) { return hostile__open_opts(opts); }
inline struct hostile *hostile::open_and_load() { return hostile__open_and_load(); }
inline int hostile::load(struct hostile *skel) { return hostile__load(skel); }
inline int hostile::attach(struct hostile *skel) { return hostile__attach(skel); }
inline void hostile::detach(struct hostile *skel) { hostile__detach(skel); }
inline void hostile::destroy(struct hostile *skel) { hostile__destroy(skel); }
inline const void *hostile::elf_bytes(size_t *sz) { return hostile__elf_bytes(sz); }
#endif /* __cplusplus */
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* __HOSTILE_SKEL_H__ */
