/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  2539df858bfa466d37f86ab05da00b72
 * body    1de33c79568646ef871bf0aca64379d0
 */
#ifndef __APP_SKEL_H__
#define __APP_SKEL_H__

/* Types that must be declared before this header is included:
 *   struct limits
 */

#include <errno.h>
#include <stdlib.h>
#include <bpf/libbpf.h>

#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
#define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1
#endif

/* The object's bytes, linked in. A payload of another layout has other names: it does not link. */
extern const unsigned char app__payload[] __asm__("app_payload_of_layout_2539df858bfa466d37f86ab05da00b72")
	__attribute__((visibility("hidden")));
extern const unsigned long long app__payload_size __asm__("app_payload_size_of_layout_2539df858bfa466d37f86ab05da00b72")
	__attribute__((visibility("hidden")));

struct app {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
	struct {
		struct bpf_map *rodata;
		struct bpf_map *bss;
		struct bpf_map *data;
	} maps;
	struct {
		struct bpf_program *count;
	} progs;
	struct {
		struct bpf_link *count;
	} links;
	struct app__rodata {
		int step;
	} *rodata;
	struct app__bss {
		unsigned long long calls;
	} *bss;
	struct app__data {
		struct limits limits;
	} *data;
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
app__ASSERT_VARIABLE(rodata, step, 0, 4);
app__ASSERT_VARIABLE(bss, calls, 0, 8);
app__ASSERT_VARIABLE(data, limits, 0, 8);
#undef app__ASSERT_VARIABLE
#undef app__ASSERT

static inline const void *app__elf_bytes(size_t *sz)
{
	*sz = (size_t)app__payload_size;
	return app__payload;
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
	s->maps = (struct bpf_map_skeleton *)calloc(3, sizeof(*s->maps));
	if (!s->maps) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	app__add_map(s, ".rodata", &skel->maps.rodata, (void **)&skel->rodata);
	app__add_map(s, ".bss", &skel->maps.bss, (void **)&skel->bss);
	app__add_map(s, ".data", &skel->maps.data, (void **)&skel->data);

	s->prog_skel_sz = (int)sizeof(*s->progs);
	s->progs = (struct bpf_prog_skeleton *)calloc(1, sizeof(*s->progs));
	if (!s->progs) {
		bpf_object__destroy_skeleton(s);
		return -ENOMEM;
	}
	app__add_prog(s, "count", &skel->progs.count, &skel->links.count);

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

#endif /* __APP_SKEL_H__ */
