/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  681629e3602a5192eb59183918bcd377
 * payload b32fbb55da5e272aa6abe86a152cff91
 * body    0ce3f7cc985cbe471ffa4c9ded3ec846
 */
#ifndef __APP_LSKEL_H__
#define __APP_LSKEL_H__

/* Types that must be declared before this header is included:
 *   enum mode
 *   quota_t
 *   struct config
 *   struct span
 */

#ifndef __KERNEL__
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#endif
#include <bpf/skel_internal.h>
#include <bpf/libbpf.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattributes"
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#endif
struct event;

struct app {
	struct bpf_loader_ctx ctx;
	struct {
		struct bpf_map_desc events;
		struct bpf_map_desc counts;
		struct bpf_map_desc rodata;
		struct bpf_map_desc data;
		struct bpf_map_desc bss;
		struct bpf_map_desc kconfig;
	} maps;
	struct {
		struct bpf_prog_desc on_enter;
		struct bpf_prog_desc on_exit;
	} progs;
	struct {
		int on_enter_fd;
		int on_exit_fd;
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
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define app__ASSERT(condition, message) static_assert(condition, message)
#else
#define app__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
app__ASSERT(sizeof(struct bpf_loader_ctx) == 24, "size of 'struct bpf_loader_ctx' is not what the loader was made for");
app__ASSERT(sizeof(struct bpf_map_desc) == 16, "size of 'struct bpf_map_desc' is not what the loader was made for");
app__ASSERT(sizeof(struct bpf_prog_desc) == 4, "size of 'struct bpf_prog_desc' is not what the loader was made for");
app__ASSERT(__builtin_offsetof(struct app, maps) == 24, "offset of 'maps' is not what the loader was made for");
app__ASSERT(__builtin_offsetof(struct app, progs) == 120, "offset of 'progs' is not what the loader was made for");
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

/* 0 is the loader's data, 1 its instructions, each further part what a data section holds at first. */
static inline const void *app__payload_part(size_t part, size_t *size)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
	static const unsigned char data[21] __attribute__((aligned(8))) =
		"\177\105LF \42\160ayload\42 \134 1\0012";
#pragma GCC diagnostic pop
	const unsigned long long *place = (const unsigned long long *)(const void *)data + 2 * part;

	*size = (size_t)place[1];
	return data + (size_t)place[0];
}

/* The size of a mapping on the machine that runs this. The kernel's own modules map nothing. */
static inline size_t app__whole_pages(size_t size)
{
#ifdef __KERNEL__
	return size;
#else
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
#endif
}

static inline int app__on_enter__attach(struct app *skel)
{
	int fd = skel_raw_tracepoint_open("sys_enter", skel->progs.on_enter.prog_fd);

	if (fd > 0)
		skel->links.on_enter_fd = fd;
	return fd;
}

static inline int app__on_exit__attach(struct app *skel)
{
	int fd = skel_raw_tracepoint_open(NULL, skel->progs.on_exit.prog_fd);

	if (fd > 0)
		skel->links.on_exit_fd = fd;
	return fd;
}

static inline int app__attach(struct app *skel)
{
	int err = 0;

	if (err >= 0 && skel->progs.on_enter.prog_fd > 0)
		err = app__on_enter__attach(skel);
	if (err >= 0 && skel->progs.on_exit.prog_fd > 0)
		err = app__on_exit__attach(skel);
	return err < 0 ? err : 0;
}

static inline void app__detach(struct app *skel)
{
	skel_closenz(skel->links.on_enter_fd);
	skel_closenz(skel->links.on_exit_fd);
	memset(&skel->links, 0, sizeof(skel->links));
}

static inline void app__destroy(struct app *skel)
{
	size_t size = 0;

	if (!skel)
		return;
	app__detach(skel);
	skel_closenz(skel->progs.on_enter.prog_fd);
	skel_closenz(skel->progs.on_exit.prog_fd);
	if (skel->rodata) {
		app__payload_part(2, &size);
		skel_free_map_data(skel->rodata, skel->maps.rodata.initial_value, app__whole_pages(size));
	}
	if (skel->data) {
		app__payload_part(3, &size);
		skel_free_map_data(skel->data, skel->maps.data.initial_value, app__whole_pages(size));
	}
	if (skel->bss) {
		app__payload_part(4, &size);
		skel_free_map_data(skel->bss, skel->maps.bss.initial_value, app__whole_pages(size));
	}
	if (skel->kconfig) {
		app__payload_part(5, &size);
		skel_free_map_data(skel->kconfig, skel->maps.kconfig.initial_value, app__whole_pages(size));
	}
	skel_closenz(skel->maps.events.map_fd);
	skel_closenz(skel->maps.counts.map_fd);
	skel_closenz(skel->maps.rodata.map_fd);
	skel_closenz(skel->maps.data.map_fd);
	skel_closenz(skel->maps.bss.map_fd);
	skel_closenz(skel->maps.kconfig.map_fd);
	skel_free(skel);
}

static inline struct app *app__open(void)
{
	struct app *skel = (struct app *)skel_alloc(sizeof(*skel));
	const void *initial;
	size_t size = 0;

	if (!skel)
		return NULL;
	skel->ctx.sz = (__u32)(__builtin_offsetof(struct app, progs) + sizeof(skel->progs));

	initial = app__payload_part(2, &size);
	skel->rodata = (__typeof__(skel->rodata))
		skel_prep_map_data(initial, app__whole_pages(size), size);
	if (!skel->rodata) {
		app__destroy(skel);
		return NULL;
	}
	skel->maps.rodata.initial_value = (__u64)(unsigned long)skel->rodata;

	initial = app__payload_part(3, &size);
	skel->data = (__typeof__(skel->data))
		skel_prep_map_data(initial, app__whole_pages(size), size);
	if (!skel->data) {
		app__destroy(skel);
		return NULL;
	}
	skel->maps.data.initial_value = (__u64)(unsigned long)skel->data;

	initial = app__payload_part(4, &size);
	skel->bss = (__typeof__(skel->bss))
		skel_prep_map_data(initial, app__whole_pages(size), size);
	if (!skel->bss) {
		app__destroy(skel);
		return NULL;
	}
	skel->maps.bss.initial_value = (__u64)(unsigned long)skel->bss;

	initial = app__payload_part(5, &size);
	skel->kconfig = (__typeof__(skel->kconfig))
		skel_prep_map_data(initial, app__whole_pages(size), size);
	if (!skel->kconfig) {
		app__destroy(skel);
		return NULL;
	}
	skel->maps.kconfig.initial_value = (__u64)(unsigned long)skel->kconfig;
	return skel;
}

static inline int app__load(struct app *skel)
{
	struct bpf_load_and_run_opts opts;
	size_t size = 0;
	void *mapped;
	int err;

	memset(&opts, 0, sizeof(opts));
	opts.ctx = (struct bpf_loader_ctx *)skel;
	opts.data = app__payload_part(0, &size);
	opts.data_sz = (__u32)size;
	opts.insns = app__payload_part(1, &size);
	opts.insns_sz = (__u32)size;
	err = bpf_load_and_run(&opts);
	if (err < 0)
		return err;

	app__payload_part(2, &size);
	mapped = skel_finalize_map_data(&skel->maps.rodata.initial_value, app__whole_pages(size),
		PROT_READ, skel->maps.rodata.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->rodata = (__typeof__(skel->rodata))mapped;

	app__payload_part(3, &size);
	mapped = skel_finalize_map_data(&skel->maps.data.initial_value, app__whole_pages(size),
		PROT_READ | PROT_WRITE, skel->maps.data.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->data = (__typeof__(skel->data))mapped;

	app__payload_part(4, &size);
	mapped = skel_finalize_map_data(&skel->maps.bss.initial_value, app__whole_pages(size),
		PROT_READ | PROT_WRITE, skel->maps.bss.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->bss = (__typeof__(skel->bss))mapped;

	app__payload_part(5, &size);
	mapped = skel_finalize_map_data(&skel->maps.kconfig.initial_value, app__whole_pages(size),
		PROT_READ, skel->maps.kconfig.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->kconfig = (__typeof__(skel->kconfig))mapped;
	return 0;
}

static inline struct app *app__open_and_load(void)
{
	struct app *skel = app__open();

	if (skel && app__load(skel) != 0) {
		app__destroy(skel);
		return NULL;
	}
	return skel;
}
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* __APP_LSKEL_H__ */
