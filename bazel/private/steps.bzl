"""Actions that run bpfgen."""

load("//private:providers.bzl", "BpfObjectInfo")

# As strings with their repository: Bazel 4 resolves others in the package that uses a rule.
TOOLCHAIN = str(Label("//:toolchain_type"))
CLANG_TOOLCHAIN = str(Label("//:clang_toolchain_type"))

def toolchain_info(ctx):
    """The info of the bpfgen toolchain."""
    return ctx.toolchains[TOOLCHAIN].bpfgen_info

def bpfgen(ctx, **kwargs):
    """Runs bpfgen with an empty environment: its outputs do not depend on any variable."""
    ctx.actions.run(
        executable = toolchain_info(ctx).bpfgen,
        **kwargs
    )

def bpfgen_step(ctx, args, execution_requirements = {}, **kwargs):
    """Runs one step of bpfgen with the arguments `args`, in a worker if Bazel uses workers."""
    args.set_param_file_format("multiline")
    args.use_param_file("@%s", use_always = True)
    bpfgen(
        ctx,
        arguments = ["worker", args],
        # No multiplex worker: Bazel 4.2 may hang when one dies.
        execution_requirements = dict(execution_requirements, **{"supports-workers": "1"}),
        **kwargs
    )

def declared(ctx, inputs):
    """The list of declared inputs for the command, from which it writes the list of unused ones."""
    args = ctx.actions.args()
    args.set_param_file_format("multiline")
    args.use_param_file("--declared-inputs=%s", use_always = True)
    args.add_all(inputs)
    return args

def object_of(target):
    """The object of a target, or the file itself if the target is an object file."""
    if BpfObjectInfo in target:
        return target[BpfObjectInfo].object
    files = target.files.to_list()
    if len(files) != 1:
        fail("%s is not one BPF object, but %d files" % (target.label, len(files)))
    return files[0]
