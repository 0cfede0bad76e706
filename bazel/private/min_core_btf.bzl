"""min_core_btf: the part of each kernel's BTF that objects need."""

load("//private:steps.bzl", "TOOLCHAIN", "bpfgen_step", "object_of")

def _min_core_btf_impl(ctx):
    objects = [object_of(target) for target in ctx.attr.objects]
    outputs = []
    for btf in ctx.files.btfs:
        # Named after the kernel, because that is how a program finds it at run time.
        output = ctx.actions.declare_file(ctx.label.name + "/" + btf.basename)
        args = ctx.actions.args()
        args.add("min-core-btf")
        args.add("--btf", btf)
        args.add("-o", output)
        args.add("--")
        args.add_all(objects)
        bpfgen_step(
            ctx,
            args,
            inputs = [btf] + objects,
            mnemonic = "BpfMinCoreBtf",
            outputs = [output],
            progress_message = "Generating minimal BTF %s" % output.short_path,
        )
        outputs.append(output)
    return [DefaultInfo(
        files = depset(outputs),
        runfiles = ctx.runfiles(files = outputs),
    )]

min_core_btf = rule(
    implementation = _min_core_btf_impl,
    doc = "The part of each kernel's BTF that objects need to be loaded there: a folder `<name>/` with a file for each kernel.",
    attrs = {
        "btfs": attr.label_list(
            doc = "The kernels' BTF: raw, or in an ELF file.",
            allow_files = True,
            mandatory = True,
        ),
        "objects": attr.label_list(
            doc = "The objects that are loaded: bpf_final, bpf_object, or files.",
            allow_files = [".o"],
            mandatory = True,
        ),
    },
    toolchains = [TOOLCHAIN],
)
