"""Headers and payloads for C and C++ rules."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:like.bzl", "cc_features")
load("//private:steps.bzl", "toolchain_info")

def folder(path):
    """The folder part of a path; empty if it has none."""
    return path[:path.rindex("/")] if "/" in path else ""

def header_library(ctx, headers, payloads, names):
    """What a rule that depends on headers compiles and links with.

    Args:
      ctx: the rule's, which has the attributes and toolchains of `cc`.
      headers: files.
      payloads: object files that the headers' users link.
      names: the headers' paths below the folder with the target's name. C includes them by these, or by their last parts.

    Returns:
      A CcInfo, with that of libbpf.
    """
    parts = [ctx.bin_dir.path, ctx.label.workspace_root, ctx.label.package, ctx.label.name]
    base = "/".join([part for part in parts if part])
    includes = depset([base] + [base + "/" + folder(name) for name in names if "/" in name])
    infos = [
        cc.info(compilation_context = cc.common.create_compilation_context(
            headers = depset(headers),
            includes = includes,
        )),
        toolchain_info(ctx).libbpf,
    ]
    if payloads:
        toolchain = cc.find_toolchain(ctx)

        # No shared library: the payload's symbols are hidden, so it must be linked together with the header's user.
        linking, _ = cc.common.create_linking_context_from_compilation_outputs(
            name = ctx.label.name,
            actions = ctx.actions,
            cc_toolchain = toolchain,
            compilation_outputs = cc.common.create_compilation_outputs(
                objects = depset(payloads),
                pic_objects = depset(payloads),
            ),
            disallow_dynamic_library = True,
            feature_configuration = cc_features(ctx, toolchain),
        )
        infos.insert(0, cc.info(linking_context = linking))
    return cc.common.merge_cc_infos(cc_infos = infos)
