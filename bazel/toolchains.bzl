"""The toolchains: for repositories with their own bpfgen, clang, headers or libbpf."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:providers.bzl", "BpfClangToolchainInfo", "BpfgenToolchainInfo")

def _bpfgen_toolchain_impl(ctx):
    return [platform_common.ToolchainInfo(
        bpfgen_info = BpfgenToolchainInfo(
            bpfgen = ctx.executable.bpfgen,
            kernel_btf = ctx.file.kernel_btf,
            libbpf = ctx.attr.libbpf[cc.info],
        ),
    )]

bpfgen_toolchain = rule(
    implementation = _bpfgen_toolchain_impl,
    doc = "A bpfgen, for a toolchain of the type @bpfgen//:toolchain_type.",
    attrs = {
        "bpfgen": attr.label(
            doc = "The program.",
            allow_single_file = True,
            cfg = "exec",
            executable = True,
            mandatory = True,
        ),
        "kernel_btf": attr.label(
            doc = "Raw BTF that vmlinux_h reads when it names none.",
            allow_single_file = True,
        ),
        "libbpf": attr.label(
            doc = "The cc_library that users of the headers link.",
            mandatory = True,
            providers = [cc.info],
        ),
    },
)

def _bpf_clang_toolchain_impl(ctx):
    # The compiler reads declared files only: not the folders that it searches by default.
    flags = ["-nostdlibinc"]
    if ctx.file.builtin_header:
        # .../include/stddef.h: its folder's parent is clang's "resource directory".
        include = ctx.file.builtin_header.dirname
        flags.append("-resource-dir=" + include[:include.rindex("/")])
    for folder in ctx.attr.system_includes:
        flags += ["-isystem", _below(ctx.label, folder)]
    return [platform_common.ToolchainInfo(
        clang_info = BpfClangToolchainInfo(
            arch = ctx.attr.arch,
            clang = ctx.executable.clang,
            endian = ctx.attr.endian,
            files = depset(ctx.files.files),
            flags = flags + ctx.attr.flags,
        ),
    )]

def _below(label, folder):
    """A folder of a target's package, as an action sees it."""
    return "/".join([part for part in [label.workspace_root, label.package, folder] if part])

bpf_clang_toolchain = rule(
    implementation = _bpf_clang_toolchain_impl,
    doc = "A clang that compiles for BPF, for a toolchain of the type @bpfgen//:clang_toolchain_type.",
    attrs = {
        "arch": attr.string(
            doc = "The target machine, as <bpf/bpf_tracing.h> calls it: x86, arm64, arm, riscv, s390, powerpc, ...",
            mandatory = True,
        ),
        "builtin_header": attr.label(
            doc = "The compiler's own stddef.h. Without it, the compiler uses the folder where it was installed.",
            allow_single_file = True,
        ),
        "clang": attr.label(
            doc = "The compiler.",
            allow_single_file = True,
            cfg = "exec",
            executable = True,
            mandatory = True,
        ),
        "endian": attr.string(
            doc = "The target machine's byte order.",
            default = "little",
            values = ["little", "big"],
        ),
        "files": attr.label_list(
            doc = "Everything that the compiler reads in addition to a program's own files: headers, its own libraries.",
            allow_files = True,
        ),
        "flags": attr.string_list(
            doc = "More compiler options.",
        ),
        "system_includes": attr.string_list(
            doc = "Folders of headers, relative to this target's package.",
        ),
    },
)
