"""The rules. docs/bazel.md has a complete project, and shows what runs after which change."""

load("//private:check_kernels.bzl", _bpf_check_kernels = "bpf_check_kernels")
load("//private:graph.bzl", _bpf_graph = "bpf_graph")
load(
    "//private:headers.bzl",
    _bpf_light_skeleton = "bpf_light_skeleton",
    _bpf_skeleton = "bpf_skeleton",
    _bpf_subskeleton = "bpf_subskeleton",
)
load("//private:link.bzl", _bpf_final = "bpf_final", _bpf_library = "bpf_library")
load("//private:min_core_btf.bzl", _min_core_btf = "min_core_btf")
load("//private:object.bzl", _bpf_object = "bpf_object")
load("//private:providers.bzl", _BpfHeaderInfo = "BpfHeaderInfo", _BpfObjectInfo = "BpfObjectInfo")
load("//private:vmlinux.bzl", _vmlinux_h = "vmlinux_h")

bpf_object = _bpf_object
bpf_library = _bpf_library
bpf_final = _bpf_final
bpf_skeleton = _bpf_skeleton
bpf_light_skeleton = _bpf_light_skeleton
bpf_subskeleton = _bpf_subskeleton
bpf_check_kernels = _bpf_check_kernels
bpf_graph = _bpf_graph
min_core_btf = _min_core_btf
vmlinux_h = _vmlinux_h

BpfObjectInfo = _BpfObjectInfo
BpfHeaderInfo = _BpfHeaderInfo
