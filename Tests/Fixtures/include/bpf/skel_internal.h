#ifndef STANDIN_SKEL_INTERNAL_H
#define STANDIN_SKEL_INTERNAL_H

#include <bpf/libbpf_common.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned int __u32;
typedef unsigned long long __u64;

struct bpf_map_desc {
	int map_fd;
	unsigned int max_entries;
	unsigned long long initial_value __attribute__((aligned(8)));
};

struct bpf_prog_desc {
	int prog_fd;
};

struct bpf_loader_ctx {
	unsigned int sz;
	unsigned int flags;
	unsigned int log_level;
	unsigned int log_size;
	unsigned long long log_buf;
};

struct bpf_load_and_run_opts {
	struct bpf_loader_ctx *ctx;
	const void *data;
	const void *insns;
	unsigned int data_sz;
	unsigned int insns_sz;
	const char *errstr;
};

#define BPF_TRACE_ITER 28
#define PROT_READ 1
#define PROT_WRITE 2

void *skel_alloc(size_t size);
void skel_free(void *memory);
void skel_free_map_data(void *data, unsigned long long address, size_t size);
void *skel_prep_map_data(const void *value, size_t mapping, size_t size);
void *skel_finalize_map_data(unsigned long long *value, size_t mapping, int flags, int fd);
int skel_closenz(int fd);
int skel_raw_tracepoint_open(const char *name, int program);
int skel_link_create(int program, int target, int type);
int bpf_load_and_run(struct bpf_load_and_run_opts *opts);

#endif
