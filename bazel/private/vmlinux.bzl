"""vmlinux_h: the kernel's types as C."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:steps.bzl", "TOOLCHAIN", "bpfgen_step", "toolchain_info")

def _vmlinux_h_impl(ctx):
    btf = ctx.file.btf or toolchain_info(ctx).kernel_btf
    if not btf:
        fail("%s: the toolchain has no kernel's BTF: name a file with btf" % ctx.label)
    header = ctx.actions.declare_file(ctx.label.name + "/vmlinux.h")
    args = ctx.actions.args()
    args.add("vmlinux-h")
    args.add("-o", header)
    args.add("--")
    args.add(btf)
    bpfgen_step(
        ctx,
        args,
        # The running kernel's BTF is specific to this machine, and reading it is faster than sending it.
        execution_requirements = {} if ctx.file.btf else {"local": "1", "no-remote": "1"},
        inputs = [btf],
        mnemonic = "BpfVmlinux",
        outputs = [header],
        progress_message = "Generating vmlinux.h %s" % ctx.label,
    )
    return [
        DefaultInfo(files = depset([header])),
        cc.info(compilation_context = cc.common.create_compilation_context(
            headers = depset([header]),
            includes = depset([header.dirname]),
        )),
    ]

vmlinux_h = rule(
    implementation = _vmlinux_h_impl,
    doc = "The kernel's types as vmlinux.h, for the deps of bpf_object.",
    attrs = {
        "btf": attr.label(
            doc = "Raw BTF, or a vmlinux. By default the toolchain's, which is the running kernel's.",
            allow_single_file = True,
        ),
    },
    provides = [cc.info],
    toolchains = [TOOLCHAIN],
)
