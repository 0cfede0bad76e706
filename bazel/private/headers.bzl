"""bpf_skeleton, bpf_light_skeleton and bpf_subskeleton: headers, for cc_library and cc_binary to depend on."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:cc_info.bzl", "header_library")
load("//private:providers.bzl", "BpfHeaderInfo")
load("//private:steps.bzl", "TOOLCHAIN", "bpfgen_step", "object_of")

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
_PRINTABLE = _LETTERS + " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^`{|}~"

def _names(ctx, object, suffix):
    """The header's path below the package, and the struct's name, by default the same as bpftool's."""
    stem = object.basename[:-len(".o")] if object.basename.endswith(".o") else object.basename
    struct = ctx.attr.struct
    if not struct:
        struct = "".join([c if c in _LETTERS or c.isdigit() else "_" for c in stem.elems()])
    if struct[0] not in _LETTERS or [c for c in struct.elems() if c not in _LETTERS and not c.isdigit()]:
        fail("%s: '%s' is not a name for a C struct: give one with struct" % (ctx.label, struct))
    if stem.endswith(".bpf"):
        stem = stem[:-len(".bpf")]
    header = ctx.attr.header or stem + suffix
    if not header.endswith(".h") or [part for part in header.split("/") if part in ["", ".", "..", ".h"]]:
        fail("%s: '%s' is not the path of a header below the target: end it in .h" % (ctx.label, header))
    return header, struct

def _scope(ctx):
    """The scope that keeps the payload apart from one of the same name and layout; by default the target's label."""
    scope = ctx.attr.scope
    for character in scope.elems():
        # Bazel 4 spells others differently for a worker and for a process.
        if character not in _PRINTABLE:
            fail("%s: '%s' is not a scope: it has printable ASCII characters only" % (ctx.label, scope))

    # Not str(label): its spelling of a repository depends on Bazel's version.
    repository = ctx.label.workspace_name
    return scope or "%s//%s:%s" % ("@" + repository if repository else "", ctx.label.package, ctx.label.name)

_SUFFIXES = {"light-skeleton": ".lskel.h", "skeleton": ".skel.h", "subskeleton": ".subskel.h"}

def _header(ctx, verb, object, options = [], has_payload = False):
    """Generates a header, and provides what its users compile and link with."""
    name, struct = _names(ctx, object, _SUFFIXES[verb])
    header = ctx.actions.declare_file(ctx.label.name + "/" + name)
    inputs = [object]
    payload = None

    args = ctx.actions.args()
    args.add(verb)
    args.add("--name", struct)
    args.add_all(options)
    if has_payload:
        payload = ctx.actions.declare_file(header.basename[:-len(".h")] + ".o", sibling = header)
        inputs.append(ctx.file._like)
        args.add("--payload", payload)
        args.add("--like", ctx.file._like)
        args.add("--scope", _scope(ctx))

        # Bazel links the shared library of a cc_library from its own sources only; the payload is in the program or
        # test.
        args.add("--shared")
    args.add("-o", header)
    args.add("--")
    args.add(object)
    payloads = [payload] if payload else []
    bpfgen_step(
        ctx,
        args,
        inputs = inputs,
        mnemonic = "Bpf" + "".join([word.capitalize() for word in verb.split("-")]),
        outputs = [header] + payloads,
        progress_message = "Generating BPF %s %s" % (verb, ctx.label),
    )
    return [
        DefaultInfo(files = depset([header] + payloads)),
        BpfHeaderInfo(header = header, object = object, payload = payload, struct = struct),
        header_library(ctx, [header], payloads, [name]),
    ]

def _skeleton(ctx, verb, options):
    if ctx.attr.assert_members:
        options.append("--assert-members")
    if ctx.attr.self_contained and ctx.attr.scope:
        fail("%s: scope names a payload, and self_contained makes none: leave one of them out" % ctx.label)
    return _header(ctx, verb, object_of(ctx.attr.object), options, not ctx.attr.self_contained)

def _bpf_skeleton_impl(ctx):
    return _skeleton(ctx, "skeleton", ["--strip"] if ctx.attr.strip else [])

def _bpf_light_skeleton_impl(ctx):
    return _skeleton(ctx, "light-skeleton", [])

def _bpf_subskeleton_impl(ctx):
    return _header(ctx, "subskeleton", object_of(ctx.attr.library))

_ATTRS = {
    "header": attr.string(
        doc = "What programs write after #include. Default: x.skel.h (x.subskel.h) for x.bpf.o.",
    ),
    "struct": attr.string(
        doc = "The name of the struct and the prefix of its functions. Default: x_bpf for x.bpf.o, as bpftool's.",
    ),
}

_SKELETON_ATTRS = dict(
    _ATTRS,
    assert_members = attr.bool(
        doc = "The compiler checks the members of the project's own structs that variables hold by value.",
    ),
    object = attr.label(
        doc = "A bpf_final, a bpf_object, or an object's file.",
        allow_files = [".o"],
        mandatory = True,
    ),
    scope = attr.string(
        doc = "A part of the linker names of header and payload. Default: the target's label.",
    ),
    self_contained = attr.bool(
        doc = "The header contains the bytes, as bpftool's does, and changes whenever they do.",
    ),
    _like = attr.label(
        allow_single_file = True,
        default = "//:like",
    ),
    **cc.attrs
)

bpf_skeleton = rule(
    implementation = _bpf_skeleton_impl,
    doc = "The header that opens, loads and attaches an object, with its bytes and libbpf.",
    attrs = dict(
        _SKELETON_ATTRS,
        strip = attr.bool(
            doc = "Removes debug sections from the bytes.",
        ),
    ),
    fragments = ["cpp"],
    provides = [BpfHeaderInfo, cc.info],
    toolchains = [TOOLCHAIN] + cc.toolchains,
)

bpf_light_skeleton = rule(
    implementation = _bpf_light_skeleton_impl,
    doc = "A header that loads an object without libbpf, by a BPF program, with that program.",
    attrs = _SKELETON_ATTRS,
    fragments = ["cpp"],
    provides = [BpfHeaderInfo, cc.info],
    toolchains = [TOOLCHAIN] + cc.toolchains,
)

bpf_subskeleton = rule(
    implementation = _bpf_subskeleton_impl,
    doc = "A library's view into the objects that contain it.",
    attrs = dict(
        _ATTRS,
        library = attr.label(
            doc = "A bpf_library, a bpf_object, or an object's file.",
            allow_files = [".o"],
            mandatory = True,
        ),
        **cc.attrs
    ),
    fragments = ["cpp"],
    provides = [BpfHeaderInfo, cc.info],
    toolchains = [TOOLCHAIN] + cc.toolchains,
)
