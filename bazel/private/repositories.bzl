"""The repositories that the rules load: bpfgen_cc, and bpfgen_local with the tools of this machine."""

# Bazel up to 8 has these names built in; with modules they are in rules_cc, which Bazel 9 and newer require.
_NATIVE = """
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

_CURRENT = Label("@bazel_tools//tools/cpp:current_cc_toolchain")
_info = CcInfo
_common = cc_common
_find = find_cpp_toolchain
_library = native.cc_library
"""

_RULES_CC = """
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")

_CURRENT = Label("@rules_cc//cc:current_cc_toolchain")
_info = CcInfo
_common = cc_common
_find = find_cc_toolchain
_library = cc_library
"""

_STRUCT = """
cc = struct(
    attrs = {"_cc_toolchain": attr.label(default = _CURRENT)},
    common = _common,
    find_toolchain = _find,
    info = _info,
    library = _library,
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
"""

def _bpfgen_cc_impl(ctx):
    ctx.file("BUILD.bazel", "exports_files([\"cc.bzl\"])\n")
    ctx.file("cc.bzl", (_RULES_CC if ctx.attr.rules_cc else _NATIVE) + _STRUCT)

bpfgen_cc = repository_rule(
    implementation = _bpfgen_cc_impl,
    doc = "The C and C++ API that the rules need, from wherever this version of Bazel has it.",
    attrs = {
        "rules_cc": attr.bool(doc = "Whether there is a rules_cc to load it from."),
    },
)

def _found(ctx, variable, names):
    """The path of a tool, from an environment variable or the PATH."""
    named = ctx.os.environ.get(variable, "")
    if named:
        names = [named]
    for name in names:
        if name.startswith("/"):
            return ctx.path(name)
        path = ctx.which(name)
        if path:
            return path
    fail("bpfgen_local: there is no %s in the PATH: install it, or name one with --repo_env=%s=..." %
         (names[0], variable))

def _output(ctx, command):
    result = ctx.execute(command)
    if result.return_code != 0:
        fail("bpfgen_local: %s failed:\n%s" % (" ".join([str(word) for word in command]), result.stderr))
    return result.stdout.strip()

# From `uname -m` to the machine names of <bpf/bpf_tracing.h>.
_ARCHES = [
    ("x86_64", "x86"),
    ("i", "x86"),
    ("aarch64", "arm64"),
    ("arm", "arm"),
    ("riscv", "riscv"),
    ("s390", "s390"),
    ("ppc", "powerpc"),
    ("loongarch", "loongarch"),
    ("mips", "mips"),
]

_BIG_ENDIAN = ["s390x", "ppc", "ppc64", "mips", "mips64", "armeb", "aarch64_be"]

def _arch(machine):
    for prefix, arch in _ARCHES:
        if machine.startswith(prefix):
            return arch
    return machine

def _link_headers(ctx, machine):
    """Links this system's kernel and libbpf headers, with one folder each."""
    triplet = "/usr/include/%s-linux-gnu/" % ("i386" if machine == "i686" else machine)
    folders = {
        "asm": [triplet + "asm", "/usr/include/asm"],
        "asm-generic": ["/usr/include/asm-generic"],
        "bpf": ["/usr/local/include/bpf", "/usr/include/bpf", triplet + "bpf"],
        "linux": ["/usr/include/linux"],
    }
    for name, places in folders.items():
        there = [place for place in places if ctx.path(place).exists]
        if not there:
            fail("bpfgen_local: there is no folder %s: install the headers of libc and libbpf" % " or ".join(places))
        ctx.symlink(there[0], "include/" + name)

_BUILD = """
load("{cc}", "cc")
load("{toolchains}", "bpf_clang_toolchain", "bpfgen_toolchain")

package(default_visibility = ["//visibility:public"])

cc.library(
    name = "libbpf",
    linkopts = ["-lbpf"],
)

bpfgen_toolchain(
    name = "bpfgen_info",
    bpfgen = "bin/bpfgen",
    kernel_btf = {kernel_btf},
    libbpf = ":libbpf",
)

bpf_clang_toolchain(
    name = "clang_info",
    arch = "{arch}",
    builtin_header = "builtin/include/stddef.h",
    clang = "bin/clang",
    endian = "{endian}",
    # Of the compiler's own headers, leave out those for other machines' instructions.
    files = glob([
        "builtin/include/*float*.h",
        "builtin/include/*limits*.h",
        "builtin/include/*std*.h",
        "builtin/include/inttypes.h",
        "builtin/include/iso646.h",
        "include/**/*.h",
    ]),
    system_includes = ["include"],
)

toolchain(
    name = "bpfgen",
    toolchain = ":bpfgen_info",
    toolchain_type = "{bpfgen_type}",
)

toolchain(
    name = "clang",
    toolchain = ":clang_info",
    toolchain_type = "{clang_type}",
)
"""

_KERNEL_BTF = "/sys/kernel/btf/vmlinux"

def _bpfgen_local_impl(ctx):
    ctx.symlink(_found(ctx, "BPFGEN", ["bpfgen"]), "bin/bpfgen")
    versions = ["clang-%d" % version for version in range(30, 11, -1)]
    clang = _found(ctx, "BPF_CLANG", ["clang"] + versions)
    ctx.symlink(clang, "bin/clang")
    ctx.symlink(_output(ctx, [clang, "-print-resource-dir"]) + "/include", "builtin/include")
    machine = _output(ctx, ["uname", "-m"])
    _link_headers(ctx, machine)
    has_btf = ctx.path(_KERNEL_BTF).exists
    if has_btf:
        ctx.symlink(_KERNEL_BTF, "kernel.btf")
    ctx.file("BUILD.bazel", _BUILD.format(
        arch = _arch(machine),
        bpfgen_type = Label("//:toolchain_type"),
        cc = Label("@bpfgen_cc//:cc.bzl"),
        clang_type = Label("//:clang_toolchain_type"),
        endian = "big" if machine in _BIG_ENDIAN else "little",
        kernel_btf = "\"kernel.btf\"" if has_btf else None,
        toolchains = Label("//:toolchains.bzl"),
    ))

bpfgen_local = repository_rule(
    implementation = _bpfgen_local_impl,
    doc = "Toolchains of the bpfgen, the clang, the libbpf and the kernel's headers that are installed.",
    configure = True,
    environ = ["BPFGEN", "BPF_CLANG", "PATH"],
    local = True,
)
