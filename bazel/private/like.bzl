"""An object of the target platform's compiler, and its use."""

load("@bpfgen_cc//:cc.bzl", "cc")

def cc_features(ctx, toolchain):
    """The features of a C++ toolchain, as a rule requests them."""
    return cc.common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        # Coverage does not apply to data, and link-time optimization produces objects without a machine.
        unsupported_features = ctx.disabled_features + ["coverage", "thin_lto"],
    )

def _bpf_like_impl(ctx):
    toolchain = cc.find_toolchain(ctx)
    _, outputs = cc.common.compile(
        name = ctx.label.name,
        actions = ctx.actions,
        cc_toolchain = toolchain,
        feature_configuration = cc_features(ctx, toolchain),
        srcs = [ctx.file.src],
        user_compile_flags = ["-fno-lto"],
    )
    return [DefaultInfo(files = depset((outputs.objects or outputs.pic_objects)[:1]))]

bpf_like = rule(
    implementation = _bpf_like_impl,
    attrs = dict({
        "src": attr.label(
            allow_single_file = [".c"],
            mandatory = True,
        ),
    }, **cc.attrs),
    fragments = ["cpp"],
    toolchains = cc.toolchains,
)
