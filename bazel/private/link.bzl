"""bpf_library and bpf_final: several objects linked into one."""

load("//private:providers.bzl", "BpfObjectInfo")
load("//private:steps.bzl", "TOOLCHAIN", "bpfgen_step", "object_of")

def _linked(ctx, checks):
    output = ctx.actions.declare_file(ctx.label.name + ".bpf.o")
    inputs = [object_of(target) for target in ctx.attr.objects + ctx.attr.libraries]
    if not inputs:
        fail("%s: there is nothing to link: name objects" % ctx.label)
    args = ctx.actions.args()
    args.add("link")
    args.add_all(checks, before_each = "--check")
    args.add("-o", output)
    args.add("--")
    args.add_all(inputs)
    bpfgen_step(
        ctx,
        args,
        inputs = depset(inputs, transitive = [checks]),
        mnemonic = "BpfLink",
        outputs = [output],
        progress_message = "Linking BPF object %s" % ctx.label,
    )
    return output

def _inner(ctx):
    """The libraries in the linked object."""
    targets = [target for target in ctx.attr.objects + ctx.attr.libraries if BpfObjectInfo in target]
    return depset(
        [object_of(target) for target in ctx.attr.libraries],
        transitive = [target[BpfObjectInfo].libraries for target in targets],
    )

def _bpf_library_impl(ctx):
    output = _linked(ctx, depset())
    return [
        DefaultInfo(files = depset([output])),
        BpfObjectInfo(libraries = depset([output], transitive = [_inner(ctx)]), object = output),
    ]

def _bpf_final_impl(ctx):
    libraries = _inner(ctx)
    output = _linked(ctx, libraries if ctx.attr.check else depset())
    return [
        DefaultInfo(files = depset([output])),
        BpfObjectInfo(libraries = libraries, object = output),
    ]

_ATTRS = {
    "libraries": attr.label_list(
        doc = "Libraries, linked after the objects.",
        allow_files = [".o"],
    ),
    "objects": attr.label_list(
        doc = "Objects, in the order of linking: bpf_object, or files.",
        allow_files = [".o"],
    ),
}

bpf_library = rule(
    implementation = _bpf_library_impl,
    doc = "Links objects into one, `<name>.bpf.o`, to be linked further.",
    attrs = _ATTRS,
    provides = [BpfObjectInfo],
    toolchains = [TOOLCHAIN],
)

bpf_final = rule(
    implementation = _bpf_final_impl,
    doc = "Links objects and libraries into the object that is loaded, `<name>.bpf.o`.",
    attrs = dict(
        _ATTRS,
        check = attr.bool(
            doc = "Whether the final is compared with the libraries in it: a mismatch fails the build.",
            default = True,
        ),
    ),
    provides = [BpfObjectInfo],
    toolchains = [TOOLCHAIN],
)
