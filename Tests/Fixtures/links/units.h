/* What the random units of LinkedUnits.swift share: the same source for BPF and for this machine. */
/* A unit may define what it does not use. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"

#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define MAP_VALUE(map, key) bpf_map_lookup_elem(&map, key)
#define LICENSED(name) char name[] SEC("license") = "GPL";
#define KERNEL                                                       \
	extern int LINUX_KERNEL_VERSION __kconfig;                   \
	extern void bpf_rcu_read_lock(void) __ksym;                  \
	extern void bpf_rcu_read_unlock(void) __ksym;
#else
#define SEC(name) __attribute__((section(name), used))
#define __weak __attribute__((weak))
#define __hidden __attribute__((visibility("hidden")))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) value *name
#define BPF_MAP_TYPE_ARRAY 2
#define LICENSED(name)
long *host_map_value(void *map, int key);
#define MAP_VALUE(map, key) host_map_value(&map, *(key))
#define KERNEL                                  \
	extern int LINUX_KERNEL_VERSION;        \
	extern void bpf_rcu_read_lock(void);    \
	extern void bpf_rcu_read_unlock(void);
#endif

#define MIX(r, value) ((r) = (r) * 31 + (unsigned int)(value))
#define USE_MAP(r, map, number)                                      \
	do {                                                         \
		int key = number;                                    \
		long *value = MAP_VALUE(map, &key);                  \
		if (value)                                           \
			MIX(r, ++*value);                            \
	} while (0)
#define USE_KERNEL(r)                                                \
	do {                                                         \
		bpf_rcu_read_lock();                                 \
		MIX(r, LINUX_KERNEL_VERSION > 0);                    \
		bpf_rcu_read_unlock();                               \
	} while (0)

struct map_type {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, int);
	__type(value, long);
	__uint(max_entries, 4);
};
