#ifndef STANDIN_LIBBPF_COMMON_H
#define STANDIN_LIBBPF_COMMON_H

#include <bpf/libbpf_version.h>

#endif
