/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  f858e041faeaf4d244594e7f7c07ff2d
 * payload b32fbb55da5e272aa6abe86a152cff91
 * body    d84000a86d5f28e506e8ec4dd997feab
 */
#ifndef __HOSTILE_LSKEL_H__
#define __HOSTILE_LSKEL_H__

/* Types that must be declared before this header is included:
 *   groesse_t
 */

#ifndef __KERNEL__
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#endif
#include <bpf/skel_internal.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpacked-not-aligned"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
struct hostile {
	struct bpf_loader_ctx ctx;
	struct {
#ifndef __cplusplus
		struct bpf_map_desc class;
#else
		struct bpf_map_desc class_;
#endif
		struct bpf_map_desc a_b_c___;
		struct bpf_map_desc rodata_2;
		struct bpf_map_desc ___int_x____;
		struct bpf_map_desc data;
		struct bpf_map_desc rodata;
		struct bpf_map_desc data_odd_name;
		struct bpf_map_desc bss_7;
	} maps;
	struct {
#ifndef __cplusplus
		struct bpf_prog_desc new;
#else
		struct bpf_prog_desc new_;
#endif
		struct bpf_prog_desc serve;
#ifndef __cplusplus
		struct bpf_prog_desc operator;
#else
		struct bpf_prog_desc operator_;
#endif
		struct bpf_prog_desc int_;
		struct bpf_prog_desc line_break;
	} progs;
	struct {
		int new_fd;
		int serve_fd;
		int operator_fd;
		int int__fd;
		int line_break_fd;
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
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define hostile__ASSERT(condition, message) static_assert(condition, message)
#else
#define hostile__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
hostile__ASSERT(sizeof(struct bpf_loader_ctx) == 24, "size of 'struct bpf_loader_ctx' is not what the loader was made for");
hostile__ASSERT(sizeof(struct bpf_map_desc) == 16, "size of 'struct bpf_map_desc' is not what the loader was made for");
hostile__ASSERT(sizeof(struct bpf_prog_desc) == 4, "size of 'struct bpf_prog_desc' is not what the loader was made for");
hostile__ASSERT(__builtin_offsetof(struct hostile, maps) == 24, "offset of 'maps' is not what the loader was made for");
hostile__ASSERT(__builtin_offsetof(struct hostile, progs) == 152, "offset of 'progs' is not what the loader was made for");
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

/* 0 is the loader's data, 1 its instructions, each further part what a data section holds at first. */
static inline const void *hostile__payload_part(size_t part, size_t *size)
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
static inline size_t hostile__whole_pages(size_t size)
{
#ifdef __KERNEL__
	return size;
#else
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
#endif
}

static inline int hostile__new__attach(struct hostile *skel)
{
#ifndef __cplusplus
	int fd = skel_raw_tracepoint_open("a \042\077\042\012", skel->progs.new.prog_fd);
#else
	int fd = skel_raw_tracepoint_open("a \042\077\042\012", skel->progs.new_.prog_fd);
#endif

	if (fd > 0)
		skel->links.new_fd = fd;
	return fd;
}

static inline int hostile__serve__attach(struct hostile *skel)
{
	int fd = skel_raw_tracepoint_open(NULL, skel->progs.serve.prog_fd);

	if (fd > 0)
		skel->links.serve_fd = fd;
	return fd;
}

static inline int hostile__operator__attach(struct hostile *skel)
{
	(void)skel; /* Its kind of program is attached by hand. */
	return 0;
}

static inline int hostile__int___attach(struct hostile *skel)
{
	int fd = skel_link_create(skel->progs.int_.prog_fd, 0, BPF_TRACE_ITER);

	if (fd > 0)
		skel->links.int__fd = fd;
	return fd;
}

static inline int hostile__line_break__attach(struct hostile *skel)
{
	(void)skel; /* Its kind of program is attached by hand. */
	return 0;
}

static inline int hostile__attach(struct hostile *skel)
{
	int err = 0;

#ifndef __cplusplus
	if (err >= 0 && skel->progs.new.prog_fd > 0)
#else
	if (err >= 0 && skel->progs.new_.prog_fd > 0)
#endif
		err = hostile__new__attach(skel);
	if (err >= 0 && skel->progs.serve.prog_fd > 0)
		err = hostile__serve__attach(skel);
	if (err >= 0 && skel->progs.int_.prog_fd > 0)
		err = hostile__int___attach(skel);
	return err < 0 ? err : 0;
}

static inline void hostile__detach(struct hostile *skel)
{
	skel_closenz(skel->links.new_fd);
	skel_closenz(skel->links.serve_fd);
	skel_closenz(skel->links.operator_fd);
	skel_closenz(skel->links.int__fd);
	skel_closenz(skel->links.line_break_fd);
	memset(&skel->links, 0, sizeof(skel->links));
}

static inline void hostile__destroy(struct hostile *skel)
{
	size_t size = 0;

	if (!skel)
		return;
	hostile__detach(skel);
#ifndef __cplusplus
	skel_closenz(skel->progs.new.prog_fd);
#else
	skel_closenz(skel->progs.new_.prog_fd);
#endif
	skel_closenz(skel->progs.serve.prog_fd);
#ifndef __cplusplus
	skel_closenz(skel->progs.operator.prog_fd);
#else
	skel_closenz(skel->progs.operator_.prog_fd);
#endif
	skel_closenz(skel->progs.int_.prog_fd);
	skel_closenz(skel->progs.line_break.prog_fd);
	if (skel->data) {
		hostile__payload_part(2, &size);
		skel_free_map_data(skel->data, skel->maps.data.initial_value, hostile__whole_pages(size));
	}
	if (skel->rodata) {
		hostile__payload_part(3, &size);
		skel_free_map_data(skel->rodata, skel->maps.rodata.initial_value, hostile__whole_pages(size));
	}
	if (skel->data_odd_name) {
		hostile__payload_part(4, &size);
		skel_free_map_data(skel->data_odd_name, skel->maps.data_odd_name.initial_value, hostile__whole_pages(size));
	}
#ifndef __cplusplus
	skel_closenz(skel->maps.class.map_fd);
#else
	skel_closenz(skel->maps.class_.map_fd);
#endif
	skel_closenz(skel->maps.a_b_c___.map_fd);
	skel_closenz(skel->maps.rodata_2.map_fd);
	skel_closenz(skel->maps.___int_x____.map_fd);
	skel_closenz(skel->maps.data.map_fd);
	skel_closenz(skel->maps.rodata.map_fd);
	skel_closenz(skel->maps.data_odd_name.map_fd);
	skel_closenz(skel->maps.bss_7.map_fd);
	skel_free(skel);
}

static inline struct hostile *hostile__open(void)
{
	struct hostile *skel = (struct hostile *)skel_alloc(sizeof(*skel));
	const void *initial;
	size_t size = 0;

	if (!skel)
		return NULL;
	skel->ctx.sz = (__u32)(__builtin_offsetof(struct hostile, progs) + sizeof(skel->progs));

	initial = hostile__payload_part(2, &size);
	skel->data = (__typeof__(skel->data))
		skel_prep_map_data(initial, hostile__whole_pages(size), size);
	if (!skel->data) {
		hostile__destroy(skel);
		return NULL;
	}
	skel->maps.data.initial_value = (__u64)(unsigned long)skel->data;

	initial = hostile__payload_part(3, &size);
	skel->rodata = (__typeof__(skel->rodata))
		skel_prep_map_data(initial, hostile__whole_pages(size), size);
	if (!skel->rodata) {
		hostile__destroy(skel);
		return NULL;
	}
	skel->maps.rodata.initial_value = (__u64)(unsigned long)skel->rodata;

	initial = hostile__payload_part(4, &size);
	skel->data_odd_name = (__typeof__(skel->data_odd_name))
		skel_prep_map_data(initial, hostile__whole_pages(size), size);
	if (!skel->data_odd_name) {
		hostile__destroy(skel);
		return NULL;
	}
	skel->maps.data_odd_name.initial_value = (__u64)(unsigned long)skel->data_odd_name;
	return skel;
}

static inline int hostile__load(struct hostile *skel)
{
	struct bpf_load_and_run_opts opts;
	size_t size = 0;
	void *mapped;
	int err;

	memset(&opts, 0, sizeof(opts));
	opts.ctx = (struct bpf_loader_ctx *)skel;
	opts.data = hostile__payload_part(0, &size);
	opts.data_sz = (__u32)size;
	opts.insns = hostile__payload_part(1, &size);
	opts.insns_sz = (__u32)size;
	err = bpf_load_and_run(&opts);
	if (err < 0)
		return err;
#ifndef __cplusplus
	skel->progs.line_break.prog_fd = skel->progs.operator.prog_fd;
#else
	skel->progs.line_break.prog_fd = skel->progs.operator_.prog_fd;
#endif
	skel->progs.int_.prog_fd = skel->progs.serve.prog_fd;
#ifndef __cplusplus
	skel->progs.operator.prog_fd = 0;
#else
	skel->progs.operator_.prog_fd = 0;
#endif
#ifndef __cplusplus
	skel->progs.serve.prog_fd = skel->progs.new.prog_fd;
#else
	skel->progs.serve.prog_fd = skel->progs.new_.prog_fd;
#endif
#ifndef __cplusplus
	skel->progs.new.prog_fd = 0;
#else
	skel->progs.new_.prog_fd = 0;
#endif

	hostile__payload_part(2, &size);
	mapped = skel_finalize_map_data(&skel->maps.data.initial_value, hostile__whole_pages(size),
		PROT_READ | PROT_WRITE, skel->maps.data.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->data = (__typeof__(skel->data))mapped;

	hostile__payload_part(3, &size);
	mapped = skel_finalize_map_data(&skel->maps.rodata.initial_value, hostile__whole_pages(size),
		PROT_READ, skel->maps.rodata.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->rodata = (__typeof__(skel->rodata))mapped;

	hostile__payload_part(4, &size);
	mapped = skel_finalize_map_data(&skel->maps.data_odd_name.initial_value, hostile__whole_pages(size),
		PROT_READ | PROT_WRITE, skel->maps.data_odd_name.map_fd);
	if (!mapped)
		return -ENOMEM;
	skel->data_odd_name = (__typeof__(skel->data_odd_name))mapped;
	return 0;
}

static inline struct hostile *hostile__open_and_load(void)
{
	struct hostile *skel = hostile__open();

	if (skel && hostile__load(skel) != 0) {
		hostile__destroy(skel);
		return NULL;
	}
	return skel;
}
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#endif /* __HOSTILE_LSKEL_H__ */
