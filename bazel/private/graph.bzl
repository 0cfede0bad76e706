"""bpf_graph: a whole graph file as one action."""

load("@bpfgen_cc//:cc.bzl", "cc")
load("//private:cc_info.bzl", "folder", "header_library")
load("//private:steps.bzl", "TOOLCHAIN", "bpfgen", "declared", "object_of")

def _place(ctx, file):
    """The path of a file relative to the graph file."""
    root = folder(ctx.file.graph.short_path)
    if not root:
        return file.short_path
    if not file.short_path.startswith(root + "/"):
        fail("%s: %s is not below the graph file's folder: name it in objects, with its path there" %
             (ctx.label, file.short_path))
    return file.short_path[len(root) + 1:]

def _made(ctx, path):
    """A file in a folder of the graph's own, which no other target of the package writes to."""
    return ctx.actions.declare_file(ctx.label.name + "/" + path)

def _bpf_graph_impl(ctx):
    places = {_place(ctx, file): file for file in [ctx.file.graph] + ctx.files.srcs}
    for target, path in ctx.attr.objects.items():
        places[path] = object_of(target)
    if ctx.attr.like:
        places[ctx.attr.like] = ctx.file._like
    inputs = []
    for path, file in places.items():
        link = _made(ctx, path)
        ctx.actions.symlink(output = link, target_file = file)
        inputs.append(link)
    graph = inputs[places.keys().index(_place(ctx, ctx.file.graph))]

    headers = [_made(ctx, path) for path in ctx.attr.headers]
    payloads = [_made(ctx, path) for path in ctx.attr.payloads]
    others = [_made(ctx, path) for path in ctx.attr.outs]
    unused = ctx.actions.declare_file(ctx.label.name + ".unused")
    args = ctx.actions.args()
    args.add("--quiet")
    args.add("--no-state")
    args.add("--jobs", ctx.attr.jobs)
    args.add("--file", graph)
    args.add("--unused-inputs-list", unused)
    if not ctx.attr.check:
        args.add("--no-check")
    bpfgen(
        ctx,
        arguments = ["build", declared(ctx, inputs), args],
        inputs = inputs,
        mnemonic = "BpfGraph",
        outputs = headers + payloads + others + [unused],
        progress_message = "Building BPF graph %s" % ctx.label,
        unused_inputs_list = unused,
    )
    return [
        DefaultInfo(files = depset(headers + payloads + others)),
        header_library(ctx, headers, payloads, ctx.attr.headers),
    ]

bpf_graph = rule(
    implementation = _bpf_graph_impl,
    doc = "Brings all outputs of a graph file up to date, as one action. C and C++ rules that depend on it can include its headers.",
    attrs = dict({
        "check": attr.bool(
            doc = "Whether libraries are compared with the finals that contain them.",
            default = True,
        ),
        "graph": attr.label(
            doc = "The graph file.",
            allow_single_file = [".json"],
            mandatory = True,
        ),
        "headers": attr.string_list(
            doc = "The headers, with their paths in the graph file.",
            mandatory = True,
        ),
        "jobs": attr.int(
            doc = "How many of its tasks run at once.",
            default = 1,
        ),
        "like": attr.string(
            doc = "The path of `like` in the graph file: an object of the target platform's compiler is put there.",
        ),
        "objects": attr.label_keyed_string_dict(
            doc = "Objects, each with its path in the graph file.",
            allow_files = True,
        ),
        "outs": attr.string_list(
            doc = "Other outputs, with their paths in the graph file. Outputs that are not listed are not kept.",
        ),
        "payloads": attr.string_list(
            doc = "The payloads, which are object files, with their paths in the graph file.",
        ),
        "srcs": attr.label_list(
            doc = "Files below its folder that it reads: included graph files, objects.",
            allow_files = True,
        ),
        "_like": attr.label(
            allow_single_file = True,
            default = "//:like",
        ),
    }, **cc.attrs),
    fragments = ["cpp"],
    provides = [cc.info],
    toolchains = [TOOLCHAIN] + cc.toolchains,
)
