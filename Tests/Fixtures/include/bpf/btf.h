#ifndef STANDIN_BTF_H
#define STANDIN_BTF_H

#include <bpf/libbpf_common.h>
#include <stddef.h>
#include <stdbool.h>

struct btf;
struct btf_type;

/* The file format's own structs; a kernel's are the same. */
#ifndef TYPES_DEFINE_btf_type
struct btf_type {
	unsigned int name_off;
	unsigned int info;
	union {
		unsigned int size;
		unsigned int type;
	};
};
#endif
#ifndef TYPES_DEFINE_btf_var_secinfo
struct btf_var_secinfo {
	unsigned int type;
	unsigned int offset;
	unsigned int size;
};
#endif

/* Macros, and not constants: the types in front may have an enum with these names. */
#ifndef BTF_KIND_VAR
#define BTF_KIND_VAR 14
#define BTF_KIND_DATASEC 15
#endif

unsigned int btf__type_cnt(const struct btf *btf);
int btf__find_by_name(const struct btf *btf, const char *name);
int btf__find_by_name_kind(const struct btf *btf, const char *name, unsigned int kind);
const struct btf_type *btf__type_by_id(const struct btf *btf, unsigned int id);
const char *btf__name_by_offset(const struct btf *btf, unsigned int offset);
long long btf__resolve_size(const struct btf *btf, unsigned int id);

static inline unsigned short standin_btf_vlen(const struct btf_type *t) { return (unsigned short)(t->info & 0xffff); }
static inline struct btf_var_secinfo *standin_btf_secinfos(const struct btf_type *t)
{
	return (struct btf_var_secinfo *)(t + 1);
}
#define btf_vlen standin_btf_vlen
#define btf_var_secinfos standin_btf_secinfos

#endif
