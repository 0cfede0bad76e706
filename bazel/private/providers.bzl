"""Information that the rules pass to each other and to your own rules."""

BpfObjectInfo = provider(
    doc = "A BPF object: of bpf_object, bpf_library and bpf_final.",
    fields = {
        "object": "File: the object.",
        "libraries": "depset of File: the libraries that are linked into it, itself with them when it is one.",
    },
)

BpfHeaderInfo = provider(
    doc = "The header of an object: of bpf_skeleton and bpf_subskeleton. C and C++ rules take their CcInfo.",
    fields = {
        "header": "File: the header.",
        "payload": "File: the object's bytes, an object file; None where the header holds them, or needs none.",
        "object": "File: the BPF object.",
        "struct": "string: the name of the struct in the header.",
    },
)

BpfgenToolchainInfo = provider(
    doc = "What bpfgen_toolchain provides.",
    fields = {
        "bpfgen": "File: the program.",
        "kernel_btf": "File: the BTF that vmlinux_h reads when it names none, or None.",
        "libbpf": "CcInfo of libbpf, which users of the headers link.",
    },
)

BpfClangToolchainInfo = provider(
    doc = "What bpf_clang_toolchain provides.",
    fields = {
        "arch": "string: <bpf/bpf_tracing.h>'s name of the target machine, as x86 or arm64.",
        "clang": "File: the compiler.",
        "endian": "string: little or big.",
        "files": "depset of File: what the compiler reads beside the program's own files.",
        "flags": "list of string: what it is told before the program's own options.",
    },
)
