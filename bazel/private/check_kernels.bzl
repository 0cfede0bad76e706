"""bpf_check_kernels: whether kernels can load objects."""

load("//private:steps.bzl", "TOOLCHAIN", "bpfgen_step", "object_of")

def _bpf_check_kernels_impl(ctx):
    objects = [object_of(target) for target in ctx.attr.objects]
    baseline = [ctx.file.baseline] if ctx.file.baseline else []
    stamps = []

    # An action for each kernel: another one, or one more, is checked and no other.
    for number, kernel in enumerate(ctx.files.kernels):
        stamp = ctx.actions.declare_file("%s/%d-%s.stamp" % (ctx.label.name, number, kernel.basename))
        args = ctx.actions.args()
        args.add("check-kernels")
        args.add("--exit-code")
        args.add("--quiet")
        args.add("--btf", kernel)
        args.add_all(baseline, before_each = "--baseline")
        args.add("--stamp", stamp)
        args.add("--")
        args.add_all(objects)
        bpfgen_step(
            ctx,
            args,
            inputs = [kernel] + objects + baseline,
            mnemonic = "BpfCheckKernels",
            outputs = [stamp],
            progress_message = "Checking whether %s loads objects" % kernel.short_path,
        )
        stamps.append(stamp)
    return [DefaultInfo(files = depset(stamps))]

bpf_check_kernels = rule(
    implementation = _bpf_check_kernels_impl,
    doc = "Whether kernels can load objects, by the kernels' BTF. A kernel that fails or may fail to load one fails the build.",
    attrs = {
        "baseline": attr.label(
            doc = "What `bpfgen check-kernels --format json` wrote: its failures are known.",
            allow_single_file = [".json"],
        ),
        "kernels": attr.label_list(
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
