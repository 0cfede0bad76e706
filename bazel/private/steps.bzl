"""Runs of bpfgen."""

load("//private:providers.bzl", "BpfObjectInfo")

# As texts with their repository: Bazel 4 takes others for those of the package that uses a rule.
TOOLCHAIN = str(Label("//:toolchain_type"))
CLANG_TOOLCHAIN = str(Label("//:clang_toolchain_type"))

def toolchain_info(ctx):
    """What the toolchain of bpfgen says."""
    return ctx.toolchains[TOOLCHAIN].bpfgen_info

def bpfgen(ctx, **kwargs):
    """Runs bpfgen, with no environment: nothing that it makes hangs on one."""
    ctx.actions.run(
        executable = toolchain_info(ctx).bpfgen,
        **kwargs
    )

def bpfgen_step(ctx, args, execution_requirements = {}, **kwargs):
    """Runs one step of bpfgen, the words of `args`: in a worker, where Bazel keeps one."""
    args.set_param_file_format("multiline")
    args.use_param_file("@%s", use_always = True)
    bpfgen(
        ctx,
        arguments = ["worker", args],
        # Not several steps at once: Bazel 4.2 may hang when such a worker dies.
        execution_requirements = dict(execution_requirements, **{"supports-workers": "1"}),
        **kwargs
    )

def declared(ctx, inputs):
    """The command's list of what is declared, for its list of what was not read."""
    args = ctx.actions.args()
    args.set_param_file_format("multiline")
    args.use_param_file("--declared-inputs=%s", use_always = True)
    args.add_all(inputs)
    return args

def object_of(target):
    """The object of a target, or a file that is one."""
    if BpfObjectInfo in target:
        return target[BpfObjectInfo].object
    files = target.files.to_list()
    if len(files) != 1:
        fail("%s is not one BPF object, but %d files" % (target.label, len(files)))
    return files[0]
