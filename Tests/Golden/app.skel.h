/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  f37d887ec6d12d61bc7c85aafed87553
 * payload b32fbb55da5e272aa6abe86a152cff91
 * body    69413c9d431c23ef26835c37f4160da6
 */
#ifndef __APP_SKEL_H__
#define __APP_SKEL_H__

/* Types that must be declared before this header is included:
 *   enum mode
 *   quota_t
 *   struct config
 *   struct span
 */

#include <errno.h>
#include <stdlib.h>
#include <bpf/libbpf.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattributes"
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif
#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
#define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1
#endif

struct event;

struct app {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
	struct {
		struct bpf_map *events;
		struct bpf_map *counts;
		struct bpf_map *rodata;
		struct bpf_map *data;
		struct bpf_map *bss;
		struct bpf_map *kconfig;
	} maps;
	struct {
		struct bpf_program *on_enter;
		struct bpf_program *on_exit;
	} progs;
	struct {
		struct bpf_link *on_enter;
		struct bpf_link *on_exit;
	} links;
	struct app__rodata {
		char label[16];
		__extension__ struct {
			int num;
			int den;
		} ratios[2];
		__extension__
#ifdef __SIZEOF_INT128__
		__int128
#else
		struct { unsigned char bytes[16]; } __attribute__((aligned(16)))
#endif
		mask;
	} *rodata;
	struct app__data {
		int errors;
		char __pad0[4];
		struct config config;
		__extension__ struct {
			unsigned int level: 3;
			unsigned int is_active: 1;
			unsigned int hits;
		} state;
		__extension__ struct {
			int count;
			struct span span;
		} window;
		bool is_traced;
		long long deadline __attribute__((packed));
	} *data;
	struct app__bss {
		struct event *last;
		enum mode mode;
		quota_t quota;
		__u64 seen[4];
	} *bss;
	struct app__kconfig {
		const int CONFIG_HZ;
		const enum libbpf_tristate CONFIG_BPF_LSM;
	} *kconfig;
#ifdef __cplusplus
	static inline struct app *open(const struct bpf_object_open_opts *opts = nullptr);
	static inline struct app *open_and_load();
	static inline int load(struct app *skel);
	static inline int attach(struct app *skel);
	static inline void detach(struct app *skel);
	static inline void destroy(struct app *skel);
	static inline const void *elf_bytes(size_t *sz);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define app__ASSERT(condition, message) static_assert(condition, message)
#else
#define app__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define app__ASSERT_VARIABLE(section, name, offset, size) \
	app__ASSERT(__builtin_offsetof(__typeof__(*((struct app *)0)->section), name) == (offset), \
		"offset of '" #name "' in '" #section "' is not " #offset); \
	app__ASSERT(sizeof(((struct app *)0)->section->name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
app__ASSERT_VARIABLE(rodata, label, 0, 16);
app__ASSERT_VARIABLE(rodata, ratios, 16, 16);
app__ASSERT_VARIABLE(rodata, mask, 32, 16);
app__ASSERT_VARIABLE(data, errors, 0, 4);
app__ASSERT_VARIABLE(data, config, 8, 16);
app__ASSERT_VARIABLE(data, state, 24, 8);
app__ASSERT_VARIABLE(data, window, 32, 12);
app__ASSERT_VARIABLE(data, is_traced, 44, 1);
app__ASSERT_VARIABLE(data, deadline, 45, 8);
app__ASSERT_VARIABLE(bss, last, 0, 8);
app__ASSERT_VARIABLE(bss, mode, 8, 4);
app__ASSERT_VARIABLE(bss, quota, 12, 4);
app__ASSERT_VARIABLE(bss, seen, 16, 32);
app__ASSERT_VARIABLE(kconfig, CONFIG_HZ, 0, 4);
app__ASSERT_VARIABLE(kconfig, CONFIG_BPF_LSM, 4, 4);
#undef app__ASSERT_VARIABLE
app__ASSERT(__alignof__(struct span) <= 4, "alignment of 'struct span' is more than 4");
#define app__ASSERT_MEMBER(type, member, offset, size) \
	app__ASSERT(__builtin_offsetof(type, member) == (offset), \
		"offset of '" #member "' in '" #type "' is not " #offset); \
	app__ASSERT(sizeof(((type *)0)->member) == (size), \
		"size of '" #member "' in '" #type "' is not " #size)
app__ASSERT(sizeof(struct config) == 16, "size of 'struct config' is not 16");
app__ASSERT_MEMBER(struct config, limits.soft, 0, 4);
app__ASSERT_MEMBER(struct config, limits.hard, 4, 4);
app__ASSERT_MEMBER(struct config, limits, 0, 8);
app__ASSERT_MEMBER(struct config, filter, 8, 8);
app__ASSERT(sizeof(struct span) == 8, "size of 'struct span' is not 8");
app__ASSERT_MEMBER(struct span, from, 0, 4);
app__ASSERT_MEMBER(struct span, to, 4, 4);
#undef app__ASSERT_MEMBER
#undef app__ASSERT

static inline const void *app__elf_bytes(size_t *sz)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
	static const unsigned char data[21] __attribute__((aligned(8))) =
		"\177\105LF \42\160ayload\42 \134 1\0012";
#pragma GCC diagnostic pop

	*sz = sizeof(data) - 1;
	return data;
}

static inline void app__destroy(struct app *skel)
{
	if (skel && skel->skeleton)
		bpf_object__destroy_skeleton(skel->skeleton);
	free(skel);
}

static inline void app__add_map(struct bpf_object_skeleton *s, const char *map_name,
		struct bpf_map **map, void **data)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
	entry->mmaped = data;
}

static inline void app__add_prog(struct bpf_object_skeleton *s, const char *prog_name,
		struct bpf_program **prog, struct bpf_link **link)
{
	struct bpf_prog_skeleton *entry = &s->progs[s->prog_cnt++];

	entry->name = prog_name;
	entry->prog = prog;
	entry->link = link;
}

static inline int app__create_skeleton(struct app *skel)
{
	struct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sz = sizeof(*s);
	s->name = "app";
	s->obj = &skel->obj;
	s->data = app__elf_bytes(&s->data_sz);

	/* Entries end before libbpf 1.5's link: so a newer libbpf.h serves an older libbpf.so as well. */
	s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
	s->maps = (struct bpf_map_skeleton *)calloc(6, sizeof(*s->maps));
	if (!s->maps) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	app__add_map(s, "events", &skel->maps.events, NULL);
	app__add_map(s, "counts", &skel->maps.counts, NULL);
	app__add_map(s, ".rodata", &skel->maps.rodata, (void **)&skel->rodata);
	app__add_map(s, ".data", &skel->maps.data, (void **)&skel->data);
	app__add_map(s, ".bss", &skel->maps.bss, (void **)&skel->bss);
	app__add_map(s, ".kconfig", &skel->maps.kconfig, (void **)&skel->kconfig);

	s->prog_skel_sz = (int)sizeof(*s->progs);
	s->progs = (struct bpf_prog_skeleton *)calloc(2, sizeof(*s->progs));
	if (!s->progs) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	app__add_prog(s, "on_enter", &skel->progs.on_enter, &skel->links.on_enter);
	app__add_prog(s, "on_exit", &skel->progs.on_exit, &skel->links.on_exit);

	skel->skeleton = s;
	return 0;
}

static inline struct app *app__open_opts(const struct bpf_object_open_opts *opts)
{
	struct app *skel = (struct app *)calloc(1, sizeof(*skel));
	int err = skel ? app__create_skeleton(skel) : -ENOMEM;

	if (!err)
		err = bpf_object__open_skeleton(skel->skeleton, opts);
	if (err) {
		app__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

static inline struct app *app__open(void)
{
	return app__open_opts(NULL);
}

static inline int app__load(struct app *skel)
{
	return bpf_object__load_skeleton(skel->skeleton);
}

static inline struct app *app__open_and_load(void)
{
	struct app *skel = app__open();
	int err = skel ? app__load(skel) : 0;

	if (err) {
		app__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

static inline int app__attach(struct app *skel)
{
	return bpf_object__attach_skeleton(skel->skeleton);
}

static inline void app__detach(struct app *skel)
{
	bpf_object__detach_skeleton(skel->skeleton);
}

#ifdef __cplusplus
inline struct app *app::open(const struct bpf_object_open_opts *opts) { return app__open_opts(opts); }
inline struct app *app::open_and_load() { return app__open_and_load(); }
inline int app::load(struct app *skel) { return app__load(skel); }
inline int app::attach(struct app *skel) { return app__attach(skel); }
inline void app::detach(struct app *skel) { app__detach(skel); }
inline void app::destroy(struct app *skel) { app__destroy(skel); }
inline const void *app::elf_bytes(size_t *sz) { return app__elf_bytes(sz); }
#endif /* __cplusplus */
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* __APP_SKEL_H__ */
