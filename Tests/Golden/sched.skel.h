/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  94e7cef8f62665cc535e4e161d661187
 * body    a88e1326a12394970530ee3eba49a7f5
 */
#ifndef __SCHED_SKEL_H__
#define __SCHED_SKEL_H__

#include <errno.h>
#include <stdlib.h>
#include <bpf/libbpf.h>

#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
#define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1
#endif

struct queue;

/* The object's bytes, linked in. A payload of another layout has other names: it does not link. */
extern const unsigned char sched__payload[] __asm__("sched_payload_of_layout_94e7cef8f62665cc535e4e161d661187_scope_nest")
	__attribute__((visibility("hidden")));
extern const unsigned long long sched__payload_size __asm__("sched_payload_size_of_layout_94e7cef8f62665cc535e4e161d661187_scope_nest")
	__attribute__((visibility("hidden")));

struct sched {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
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
	struct {
		struct bpf_link *nest_select;
		struct bpf_link *nest_enqueue;
		struct bpf_link *nest_ops;
	} links;
	struct sched__arena {
		struct queue *queue;
		int depth;
	} *arena;
	struct sched__bss {
		unsigned long long switches;
	} *bss;
#ifdef __cplusplus
	static inline struct sched *open(const struct bpf_object_open_opts *opts = nullptr);
	static inline struct sched *open_and_load();
	static inline int load(struct sched *skel);
	static inline int attach(struct sched *skel);
	static inline void detach(struct sched *skel);
	static inline void destroy(struct sched *skel);
	static inline const void *elf_bytes(size_t *sz);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define sched__ASSERT(condition, message) static_assert(condition, message)
#else
#define sched__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define sched__ASSERT_VARIABLE(section, name, offset, size) \
	sched__ASSERT(__builtin_offsetof(__typeof__(*((struct sched *)0)->section), name) == (offset), \
		"offset of '" #name "' in '" #section "' is not " #offset); \
	sched__ASSERT(sizeof(((struct sched *)0)->section->name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
sched__ASSERT_VARIABLE(arena, queue, 0, 8);
sched__ASSERT_VARIABLE(arena, depth, 8, 4);
sched__ASSERT_VARIABLE(bss, switches, 0, 8);
#undef sched__ASSERT_VARIABLE
#undef sched__ASSERT

static inline const void *sched__elf_bytes(size_t *sz)
{
	*sz = (size_t)sched__payload_size;
	return sched__payload;
}

static inline void sched__destroy(struct sched *skel)
{
	if (skel && skel->skeleton)
		bpf_object__destroy_skeleton(skel->skeleton);
	free(skel);
}

static inline void sched__add_map(struct bpf_object_skeleton *s, const char *map_name,
		struct bpf_map **map, void **data)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
	entry->mmaped = data;
}

static inline void sched__add_prog(struct bpf_object_skeleton *s, const char *prog_name,
		struct bpf_program **prog, struct bpf_link **link)
{
	struct bpf_prog_skeleton *entry = &s->progs[s->prog_cnt++];

	entry->name = prog_name;
	entry->prog = prog;
	entry->link = link;
}

static inline int sched__create_skeleton(struct sched *skel)
{
	struct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sz = sizeof(*s);
	s->name = "sched";
	s->obj = &skel->obj;
	s->data = sched__elf_bytes(&s->data_sz);

	/* Entries end before libbpf 1.5's link: so a newer libbpf.h serves an older libbpf.so as well. */
	s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH
	if (libbpf_major_version() > 1 || (libbpf_major_version() == 1 && libbpf_minor_version() >= 5))
		s->map_skel_sz = (int)sizeof(*s->maps);
#endif
	s->maps = (struct bpf_map_skeleton *)calloc(3, sizeof(*s->maps));
	if (!s->maps) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	sched__add_map(s, "arena", &skel->maps.arena, (void **)&skel->arena);
	sched__add_map(s, ".bss", &skel->maps.bss, (void **)&skel->bss);
	sched__add_map(s, "nest_ops", &skel->maps.nest_ops, NULL);
#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH
	if (s->map_skel_sz == (int)sizeof(*s->maps))
		s->maps[s->map_cnt - 1].link = &skel->links.nest_ops;
#endif

	s->prog_skel_sz = (int)sizeof(*s->progs);
	s->progs = (struct bpf_prog_skeleton *)calloc(2, sizeof(*s->progs));
	if (!s->progs) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	sched__add_prog(s, "nest_select", &skel->progs.nest_select, &skel->links.nest_select);
	sched__add_prog(s, "nest_enqueue", &skel->progs.nest_enqueue, &skel->links.nest_enqueue);

	skel->skeleton = s;
	return 0;
}

static inline struct sched *sched__open_opts(const struct bpf_object_open_opts *opts)
{
	struct sched *skel = (struct sched *)calloc(1, sizeof(*skel));
	int err = skel ? sched__create_skeleton(skel) : -ENOMEM;
	size_t size = 0;

	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, opts);
	if (err) {
		sched__destroy(skel);
		errno = -err;
		return NULL;
	}
	skel->struct_ops.nest_ops = (__typeof__(skel->struct_ops.nest_ops))
		bpf_map__initial_value(skel->maps.nest_ops, &size);
	return skel;
}

static inline struct sched *sched__open(void)
{
	return sched__open_opts(NULL);
}

static inline int sched__load(struct sched *skel)
{
	return bpf_object__load_skeleton(skel->skeleton);
}

static inline struct sched *sched__open_and_load(void)
{
	struct sched *skel = sched__open();
	int err = skel ? sched__load(skel) : 0;

	if (err) {
		sched__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

static inline int sched__attach(struct sched *skel)
{
	return bpf_object__attach_skeleton(skel->skeleton);
}

static inline void sched__detach(struct sched *skel)
{
	bpf_object__detach_skeleton(skel->skeleton);
}

#ifdef __cplusplus
inline struct sched *sched::open(const struct bpf_object_open_opts *opts) { return sched__open_opts(opts); }
inline struct sched *sched::open_and_load() { return sched__open_and_load(); }
inline int sched::load(struct sched *skel) { return sched__load(skel); }
inline int sched::attach(struct sched *skel) { return sched__attach(skel); }
inline void sched::detach(struct sched *skel) { sched__detach(skel); }
inline void sched::destroy(struct sched *skel) { sched__destroy(skel); }
inline const void *sched::elf_bytes(size_t *sz) { return sched__elf_bytes(sz); }
#endif /* __cplusplus */

#endif /* __SCHED_SKEL_H__ */
