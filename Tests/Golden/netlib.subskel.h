/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Made by bpfgen from a BPF object. Edits are lost: it is made again when the object's layout changes.
 * layout  f5fe9d5255159f9a19dd6275552f8f8a
 * body    9a6a3ac731fd1a4bebc102fc022b5321
 */
#ifndef __NETLIB_SUBSKEL_H__
#define __NETLIB_SUBSKEL_H__

/* Types that must be declared before this header is included:
 *   struct peer
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>

struct session;
union word;

/* Functions of libbpf; <bpf/btf.h> would bring the kernel's own types with it. */
const void *netlib__btf(const struct bpf_object *obj) __asm__("bpf_object__btf");
int netlib__btf_find(const void *btf, const char *type_name, unsigned int kind) __asm__("btf__find_by_name_kind");
int netlib__btf_resolve(const void *btf, unsigned int type_id) __asm__("btf__resolve_type");
const unsigned int *netlib__btf_type(const void *btf, unsigned int type_id) __asm__("btf__type_by_id");
const char *netlib__btf_name(const void *btf, unsigned int offset) __asm__("btf__name_by_offset");

struct netlib {
	struct bpf_object *obj;
	struct bpf_object_subskeleton *subskel;
	struct {
		struct bpf_map *sessions;
		struct bpf_map *data;
		struct bpf_map *rodata;
		struct bpf_map *rodata_str1_1;
		struct bpf_map *bss;
		struct bpf_map *kconfig;
	} maps;
	struct {
		struct bpf_program *on_packet;
	} progs;
	struct netlib__data {
		int *timeout_ms;
		__typeof__(struct peer[8]) *peers;
#ifndef __cplusplus
		__extension__ __typeof__(struct {
			int from;
			int to;
		}[2]) *routes;
#else
		__extension__ struct {
			int from;
			int to;
		} (*routes)[2];
#endif
		__typeof__(int (*)(struct session *, int)) *hook;
		char *flag;
		long long *deadline;
	} data;
	struct netlib__rodata {
		bool *debug;
		__extension__
#ifdef __SIZEOF_INT128__
		__int128
#else
		struct { unsigned char bytes[16]; } __attribute__((aligned(16)))
#endif
		*key;
	} rodata;
	struct netlib__bss {
		struct session **head;
		union word **word;
		__typeof__(__u64[2][3]) *totals;
	} bss;
	struct netlib__kconfig {
		const int *CONFIG_HZ;
		const enum libbpf_tristate *CONFIG_XDP_SOCKETS;
	} kconfig;
#ifdef __cplusplus
	static inline struct netlib *open(const struct bpf_object *src);
	static inline void destroy(struct netlib *skel);
#endif /* __cplusplus */
};

/* The layout that the object has, checked by the compiler. */
#ifdef __cplusplus
#define netlib__ASSERT(condition, message) static_assert(condition, message)
#else
#define netlib__ASSERT(condition, message) __extension__ _Static_assert(condition, message)
#endif
#define netlib__ASSERT_VARIABLE(section, name, size) \
	netlib__ASSERT(sizeof(*((struct netlib *)0)->section.name) == (size), \
		"size of '" #name "' in '" #section "' is not " #size)
netlib__ASSERT_VARIABLE(data, timeout_ms, 4);
netlib__ASSERT_VARIABLE(data, peers, 128);
netlib__ASSERT_VARIABLE(data, routes, 16);
netlib__ASSERT_VARIABLE(data, hook, 8);
netlib__ASSERT_VARIABLE(data, flag, 1);
netlib__ASSERT_VARIABLE(data, deadline, 8);
netlib__ASSERT_VARIABLE(rodata, debug, 1);
netlib__ASSERT_VARIABLE(rodata, key, 16);
netlib__ASSERT_VARIABLE(bss, head, 8);
netlib__ASSERT_VARIABLE(bss, word, 8);
netlib__ASSERT_VARIABLE(bss, totals, 48);
netlib__ASSERT_VARIABLE(kconfig, CONFIG_HZ, 4);
netlib__ASSERT_VARIABLE(kconfig, CONFIG_XDP_SOCKETS, 4);
#undef netlib__ASSERT_VARIABLE
#undef netlib__ASSERT

static inline void netlib__destroy(struct netlib *skel)
{
	if (skel && skel->subskel)
		bpf_object__destroy_subskeleton(skel->subskel);
	free(skel);
}

/* Finds the library's variable in the object that it was linked into: 0, -ESRCH when there is none of the name, -EINVAL
 * when it has another size. An array at the end of its section may be larger than the library's: the program can resize
 * such a section with bpf_map__set_value_size(). */
static inline int netlib__find_var(const void *btf, struct bpf_map *map, const char *section, const char *var_name,
		unsigned int size, unsigned int element_size, void **address)
{
	/* A BTF type is {name, kind << 24 | count, size or type}, then for a section {variable, offset, size}...,
	 * for an array {element, index, count}. */
	int id = netlib__btf_find(btf, section, 15 /* BTF_KIND_DATASEC */);
	const unsigned int *sec = id > 0 ? netlib__btf_type(btf, (unsigned int)id) : NULL;
	unsigned int i, count = sec ? sec[1] & 0xffff : 0;
	size_t map_size = 0;
	char *data = (char *)bpf_map__initial_value(map, &map_size);

	for (i = 0; i < count; i++) {
		const unsigned int *info = sec + 3 + 3 * i;
		const unsigned int *var = netlib__btf_type(btf, info[0]), *array;

		if (!var || var[3] == 0 /* BTF_VAR_STATIC */ || strcmp(netlib__btf_name(btf, var[0]), var_name) != 0)
			continue;
		if (info[2] != size) {
			if (info[2] < size || !element_size || i + 1 != count)
				return -EINVAL;
			id = netlib__btf_resolve(btf, var[2]);
			array = id > 0 ? netlib__btf_type(btf, (unsigned int)id) : NULL;
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

static inline void netlib__add_map(struct bpf_object_subskeleton *s, const char *map_name, struct bpf_map **map)
{
	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

	entry->name = map_name;
	entry->map = map;
}

static inline void netlib__add_prog(struct bpf_object_subskeleton *s, const char *prog_name, struct bpf_program **prog)
{
	s->progs[s->prog_cnt].name = prog_name;
	s->progs[s->prog_cnt++].prog = prog;
}

static inline int netlib__create_subskeleton(struct netlib *skel, const struct bpf_object *src)
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
	s->maps = (struct bpf_map_skeleton *)calloc(6, sizeof(*s->maps));
	if (!s->maps)
		return -ENOMEM;
	s->progs = (struct bpf_prog_skeleton *)calloc(1, sizeof(*s->progs));
	if (!s->progs)
		return -ENOMEM;

	netlib__add_map(s, "sessions", &skel->maps.sessions);
	netlib__add_map(s, ".data", &skel->maps.data);
	netlib__add_map(s, ".rodata", &skel->maps.rodata);
	netlib__add_map(s, ".rodata.str1.1", &skel->maps.rodata_str1_1);
	netlib__add_map(s, ".bss", &skel->maps.bss);
	netlib__add_map(s, ".kconfig", &skel->maps.kconfig);
	netlib__add_prog(s, "on_packet", &skel->progs.on_packet);
	return 0;
}

static inline struct netlib *netlib__open(const struct bpf_object *src)
{
	struct netlib *skel = (struct netlib *)calloc(1, sizeof(*skel));
	int err = skel ? netlib__create_subskeleton(skel, src) : -ENOMEM;
	const void *btf;

	if (!err) {
		btf = netlib__btf(src);
		err = btf ? bpf_object__open_subskeleton(skel->subskel) : -EINVAL;
	}
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "timeout_ms", 4, 0, (void **)&skel->data.timeout_ms);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "peers", 128, 16, (void **)&skel->data.peers);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "routes", 16, 8, (void **)&skel->data.routes);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "hook", 8, 0, (void **)&skel->data.hook);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "flag", 1, 0, (void **)&skel->data.flag);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.data, ".data", "deadline", 8, 0, (void **)&skel->data.deadline);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.rodata, ".rodata", "debug", 1, 0, (void **)&skel->rodata.debug);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.rodata, ".rodata", "key", 16, 0, (void **)&skel->rodata.key);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.bss, ".bss", "head", 8, 0, (void **)&skel->bss.head);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.bss, ".bss", "word", 8, 0, (void **)&skel->bss.word);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.bss, ".bss", "totals", 48, 24, (void **)&skel->bss.totals);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.kconfig, ".kconfig", "CONFIG_HZ", 4, 0, (void **)&skel->kconfig.CONFIG_HZ);
	if (err)
		goto failed;
	err = netlib__find_var(btf, skel->maps.kconfig, ".kconfig", "CONFIG_XDP_SOCKETS", 4, 0, (void **)&skel->kconfig.CONFIG_XDP_SOCKETS);
	if (err && err != -ESRCH)
		goto failed;
	return skel;

failed:
	netlib__destroy(skel);
	errno = -err;
	return NULL;
}

#ifdef __cplusplus
inline struct netlib *netlib::open(const struct bpf_object *src) { return netlib__open(src); }
inline void netlib::destroy(struct netlib *skel) { netlib__destroy(skel); }
#endif /* __cplusplus */

#endif /* __NETLIB_SUBSKEL_H__ */
