"""bpf_object: a compiled BPF program."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:providers.bzl", "BpfObjectInfo")
load("//private:steps.bzl", "CLANG_TOOLCHAIN", "TOOLCHAIN", "bpfgen", "declared")

def _folders(ctx):
    """The folders of `includes`, in the source tree and in the output tree."""
    folders = []
    for folder in ctx.attr.includes:
        parts = []
        for part in "/".join([ctx.label.workspace_root, ctx.label.package, folder]).split("/"):
            if part == ".." and parts:
                # The compiler would search in the parent folder that this path leaves.
                parts.pop()
            elif part and part != ".":
                parts.append(part)
        for root in [[], [ctx.bin_dir.path]]:
            folders.append("/".join(root + parts) or ".")
    return folders

# The byte orders of machines that have only one.
_ENDIAN = {
    "arm": "little",
    "arm64": "little",
    "loongarch": "little",
    "riscv": "little",
    "s390": "big",
    "sparc": "big",
    "x86": "little",
}

def _bpf_object_impl(ctx):
    clang = ctx.toolchains[CLANG_TOOLCHAIN].clang_info
    output = ctx.actions.declare_file(ctx.label.name + ".bpf.o")
    unused = ctx.actions.declare_file(ctx.label.name + ".bpf.o.unused")
    contexts = [dep[cc.info].compilation_context for dep in ctx.attr.deps]
    sources = depset([ctx.file.src] + ctx.files.hdrs, transitive = [context.headers for context in contexts])

    args = ctx.actions.args()
    args.add("-o", output)
    args.add("--unused-inputs-list", unused)
    args.add("--")
    args.add(clang.clang)
    endian = ctx.attr.endian or _ENDIAN.get(ctx.attr.arch, clang.endian)
    args.add_all(["-g", "-O2", "-target", "bpfeb" if endian == "big" else "bpfel"])
    args.add("-D__TARGET_ARCH_" + (ctx.attr.arch or clang.arch))

    # The same bytes wherever the workspace is and whenever it is built.
    args.add_all(["-fdebug-compilation-dir=.", "-no-canonical-prefixes", "-Wno-builtin-macro-redefined"])
    args.add_all(["-D__%s__=\"redacted\"" % name for name in ["DATE", "TIMESTAMP", "TIME"]])
    if ctx.attr.cpu:
        args.add("-mcpu=" + ctx.attr.cpu)
    args.add_all(ctx.attr.defines, format_each = "-D%s")
    args.add_all(_folders(ctx), before_each = "-I")

    # As in C rules: files are found by their path in the workspace.
    args.add_all([".", ctx.bin_dir.path], before_each = "-iquote")
    for context in contexts:
        args.add_all(context.defines, format_each = "-D%s")
        args.add_all(context.quote_includes, before_each = "-iquote")
        args.add_all(context.includes, before_each = "-I")
        args.add_all(context.system_includes, before_each = "-isystem")
    args.add_all(clang.flags)
    args.add_all(ctx.attr.copts)
    args.add("-c")
    args.add(ctx.file.src)
    bpfgen(
        ctx,
        arguments = ["compile", declared(ctx, sources), args],
        inputs = depset(transitive = [sources, clang.files]),
        mnemonic = "BpfCompile",
        outputs = [output, unused],
        progress_message = "Compiling BPF object %s" % ctx.label,
        tools = [clang.clang],
        unused_inputs_list = unused,
    )
    return [
        DefaultInfo(files = depset([output])),
        BpfObjectInfo(libraries = depset(), object = output),
    ]

bpf_object = rule(
    implementation = _bpf_object_impl,
    doc = "Compiles a BPF program to `<name>.bpf.o`. Headers that are listed and not included do not count.",
    attrs = {
        "arch": attr.string(
            doc = "The machine whose kernel loads the program, in the spelling of <bpf/bpf_tracing.h>. Default: the toolchain's.",
            values = ["", "mips", "powerpc"] + sorted(_ENDIAN.keys()),
        ),
        "copts": attr.string_list(doc = "Compiler options."),
        "cpu": attr.string(
            doc = "The BPF instruction set.",
            values = ["", "v1", "v2", "v3", "v4"],
        ),
        "defines": attr.string_list(doc = "NAME or NAME=VALUE, for this program only."),
        "deps": attr.label_list(
            doc = "Libraries whose headers it includes: cc_library, vmlinux_h.",
            providers = [cc.info],
        ),
        "endian": attr.string(
            doc = "The byte order. Default: the toolchain's.",
            values = ["", "little", "big"],
        ),
        "hdrs": attr.label_list(
            doc = "Headers that it includes.",
            allow_files = True,
        ),
        "includes": attr.string_list(doc = "Include folders, relative to the package."),
        "src": attr.label(
            doc = "The program, a C file.",
            allow_single_file = [".c"],
            mandatory = True,
        ),
    },
    provides = [BpfObjectInfo],
    toolchains = [TOOLCHAIN, CLANG_TOOLCHAIN],
)
