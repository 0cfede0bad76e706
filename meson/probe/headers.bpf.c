/* Compiled at setup: does it find what BPF programs include? */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
