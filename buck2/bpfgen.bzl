"""Rules for BPF programs and the headers that bpfgen makes of them, for Buck2 with its prelude.

NOT RUN BY THIS PROJECT'S TESTS: written from Buck2's documentation. What the rules run is what bazel/ runs, and that is
tested.

    load("@bpfgen//:bpfgen.bzl", "bpf_final", "bpf_object", "bpf_skeleton")

    bpf_object(name = "app_bpf", src = "app.bpf.c", hdrs = glob(["*.h"]))
    bpf_final(name = "app_final", objects = [":app_bpf"])
    bpf_skeleton(name = "app_skel", object = ":app_final", header = "app.skel.h", struct = "app")
    cxx_binary(name = "app", srcs = ["app.c"], deps = [":app_skel"])

The cell `toolchains` has a `bpfgen`, made by bpfgen_toolchain, beside the prelude's `cxx`.
"""

load("@prelude//cxx:cxx_toolchain_types.bzl", "CxxToolchainInfo")

# An object: the file, and the libraries that are linked into it, itself with them when it is one.
BpfObjectInfo = provider(fields = ["object", "libraries"])

# The tools, and what programs are compiled with.
BpfgenToolchainInfo = provider(fields = ["bpfgen", "clang", "arch", "endian", "headers", "flags", "kernel_btf"])

# MARK: Toolchain

def _toolchain_impl(ctx):
    return [
        DefaultInfo(),
        BpfgenToolchainInfo(
            arch = ctx.attrs.arch,
            bpfgen = ctx.attrs.bpfgen,
            clang = ctx.attrs.clang,
            endian = ctx.attrs.endian,
            flags = ctx.attrs.flags,
            headers = ctx.attrs.headers,
            kernel_btf = ctx.attrs.kernel_btf,
        ),
    ]

# `headers` are folders with the kernel's and libbpf's headers; without them the compiler takes the system's, which are
# no declared inputs. `arch` is <bpf/bpf_tracing.h>'s name of the machine.
bpfgen_toolchain = rule(
    impl = _toolchain_impl,
    attrs = {
        "arch": attrs.string(default = "x86"),
        "bpfgen": attrs.arg(default = "bpfgen"),
        "clang": attrs.arg(default = "clang"),
        "endian": attrs.enum(["little", "big"], default = "little"),
        "flags": attrs.list(attrs.arg(), default = []),
        "headers": attrs.list(attrs.source(allow_directory = True), default = []),
        "kernel_btf": attrs.option(attrs.source(), default = None),
    },
    is_toolchain_rule = True,
)

_TOOLCHAIN = attrs.toolchain_dep(default = "toolchains//:bpfgen", providers = [BpfgenToolchainInfo])

def _tools(ctx):
    return ctx.attrs._bpfgen[BpfgenToolchainInfo]

def _object_of(dep):
    if BpfObjectInfo in dep:
        return dep[BpfObjectInfo].object
    return dep[DefaultInfo].default_outputs[0]

def _libraries_of(dep):
    return dep[BpfObjectInfo].libraries if BpfObjectInfo in dep else []

# MARK: Objects

def _bpf_object_impl(ctx):
    tools = _tools(ctx)
    output = ctx.actions.declare_output(ctx.label.name + ".bpf.o")
    command = cmd_args(tools.bpfgen, "compile", "-o", output.as_output(), "--", tools.clang)
    command.add("-g", "-O2", "-target", "bpfeb" if (ctx.attrs.endian or tools.endian) == "big" else "bpfel")
    command.add("-D__TARGET_ARCH_" + tools.arch)

    # The same bytes wherever the project lies and whenever it is built.
    command.add("-fdebug-compilation-dir=.", "-no-canonical-prefixes", "-Wno-builtin-macro-redefined")
    command.add(["-D__{}__=\"redacted\"".format(name) for name in ["DATE", "TIMESTAMP", "TIME"]])
    if ctx.attrs.cpu:
        command.add("-mcpu=" + ctx.attrs.cpu)
    command.add(["-D" + define for define in ctx.attrs.defines])

    # By the names that programs include them by.
    headers = {header.short_path: header for header in ctx.attrs.hdrs}
    for dep in ctx.attrs.deps:
        for header in dep[DefaultInfo].default_outputs:
            headers[header.basename] = header
    if headers:
        folder = ctx.actions.symlinked_dir("__include__", headers)
        command.add(cmd_args(folder, format = "-I{}"))
        for include in ctx.attrs.includes:
            command.add(cmd_args(folder.project(include), format = "-I{}"))
    if tools.headers:
        command.add("-nostdlibinc")
        command.add(cmd_args(tools.headers, prepend = "-isystem"))
    command.add(tools.flags, ctx.attrs.copts, "-c", ctx.attrs.src)
    ctx.actions.run(command, category = "bpf_compile")
    return [DefaultInfo(default_output = output), BpfObjectInfo(libraries = [], object = output)]

bpf_object = rule(
    impl = _bpf_object_impl,
    attrs = {
        "copts": attrs.list(attrs.arg(), default = []),
        "cpu": attrs.option(attrs.enum(["v1", "v2", "v3", "v4"]), default = None),
        "defines": attrs.list(attrs.string(), default = []),
        # vmlinux_h, and other targets whose outputs are headers.
        "deps": attrs.list(attrs.dep(), default = []),
        "endian": attrs.option(attrs.enum(["little", "big"]), default = None),
        "hdrs": attrs.list(attrs.source(), default = []),
        # Folders of hdrs.
        "includes": attrs.list(attrs.string(), default = []),
        "src": attrs.source(),
        "_bpfgen": _TOOLCHAIN,
    },
)

def _link(ctx, checks):
    output = ctx.actions.declare_output(ctx.label.name + ".bpf.o")
    inputs = [_object_of(dep) for dep in ctx.attrs.objects + ctx.attrs.libraries]
    command = cmd_args(_tools(ctx).bpfgen, "link")
    command.add(cmd_args(checks, prepend = "--check"))
    command.add("-o", output.as_output(), "--", inputs)
    ctx.actions.run(command, category = "bpf_link")
    return output

def _inner(ctx):
    libraries = [_object_of(dep) for dep in ctx.attrs.libraries]
    for dep in ctx.attrs.objects + ctx.attrs.libraries:
        libraries += [library for library in _libraries_of(dep) if library not in libraries]
    return libraries

def _bpf_library_impl(ctx):
    output = _link(ctx, [])
    return [
        DefaultInfo(default_output = output),
        BpfObjectInfo(libraries = [output] + _inner(ctx), object = output),
    ]

def _bpf_final_impl(ctx):
    libraries = _inner(ctx)
    output = _link(ctx, libraries if ctx.attrs.check else [])
    return [DefaultInfo(default_output = output), BpfObjectInfo(libraries = libraries, object = output)]

_LINK_ATTRS = {
    "libraries": attrs.list(attrs.dep(), default = []),
    "objects": attrs.list(attrs.dep(), default = []),
    "_bpfgen": _TOOLCHAIN,
}

bpf_library = rule(impl = _bpf_library_impl, attrs = _LINK_ATTRS)

bpf_final = rule(
    impl = _bpf_final_impl,
    attrs = _LINK_ATTRS | {"check": attrs.bool(default = True)},
)

# MARK: Headers

def _like(ctx):
    """An object of the target platform's compiler."""
    compiler = ctx.attrs._cxx[CxxToolchainInfo].c_compiler_info
    source = ctx.actions.write("like.c", "int bpfgen_like;\n")
    output = ctx.actions.declare_output("like.o")
    command = cmd_args(compiler.compiler, compiler.compiler_flags or [], "-fno-lto")
    command.add("-c", source, "-o", output.as_output())
    ctx.actions.run(command, category = "bpf_like")
    return output

def _header_impl(ctx):
    tools = _tools(ctx)
    header = ctx.actions.declare_output(ctx.attrs.header)
    parts = {"header": [DefaultInfo(default_output = header)]}
    command = cmd_args(tools.bpfgen, ctx.attrs.kind, "--name", ctx.attrs.struct)
    if ctx.attrs.strip:
        command.add("--strip")
    if ctx.attrs.assert_members:
        command.add("--assert-members")
    if ctx.attrs.kind != "subskeleton" and not ctx.attrs.self_contained:
        payload = ctx.actions.declare_output(ctx.attrs.header.removesuffix(".h") + ".o")
        parts["payload"] = [DefaultInfo(default_output = payload)]
        command.add("--payload", payload.as_output(), "--like", _like(ctx), "--scope", ctx.attrs.scope)
    command.add("-o", header.as_output(), "--", _object_of(ctx.attrs.object))
    ctx.actions.run(command, category = "bpf_" + ctx.attrs.kind.replace("-", "_"))
    return [DefaultInfo(default_output = header, sub_targets = parts)]

_header = rule(
    impl = _header_impl,
    attrs = {
        "assert_members": attrs.bool(default = False),
        "header": attrs.string(),
        "kind": attrs.enum(["light-skeleton", "skeleton", "subskeleton"]),
        "object": attrs.dep(),
        "scope": attrs.string(default = ""),
        "self_contained": attrs.bool(default = False),
        "strip": attrs.bool(default = False),
        "struct": attrs.string(),
        "_bpfgen": _TOOLCHAIN,
        "_cxx": attrs.toolchain_dep(default = "toolchains//:cxx", providers = [CxxToolchainInfo]),
    },
)

def _library(name, headers, payloads, libbpf, visibility):
    """What C and C++ rules name in their deps."""
    native.prebuilt_cxx_library(
        name = name,
        exported_deps = [libbpf] if libbpf else [],
        exported_headers = headers,
        exported_linker_flags = ["$(location {})".format(payload) for payload in payloads] +
                                ([] if libbpf else ["-lbpf"]),
        header_namespace = "",
        header_only = True,
        visibility = visibility,
    )

def bpf_skeleton(name, **kwargs):
    """The header through which programs open, load and attach an object, with its bytes and libbpf to link.

    `scope` is a part of the linker names of header and payload; the target's package and name by default.
    """
    _skeleton("skeleton", name, **kwargs)

def bpf_light_skeleton(name, **kwargs):
    """A header that loads an object without libbpf, by a BPF program, with that program to link."""
    _skeleton("light-skeleton", name, **kwargs)

def _skeleton(
        kind,
        name,
        object,
        header,
        struct,
        scope = None,
        self_contained = False,
        libbpf = None,
        visibility = [],
        **kwargs):
    _header(
        name = name + "_files",
        header = header,
        kind = kind,
        object = object,
        scope = scope or "//{}:{}".format(package_name(), name),
        self_contained = self_contained,
        struct = struct,
        **kwargs
    )
    files = ":{}_files".format(name)
    payloads = [] if self_contained else [files + "[payload]"]
    _library(name, {header: files + "[header]"}, payloads, libbpf, visibility)

def bpf_subskeleton(name, library, header, struct, libbpf = None, visibility = []):
    """The header that is a library's view into whatever object it was linked into."""
    _header(
        name = name + "_files",
        header = header,
        kind = "subskeleton",
        object = library,
        struct = struct,
    )
    _library(name, {header: ":{}_files[header]".format(name)}, [], libbpf, visibility)

# MARK: Kernels' types and graph files

def _vmlinux_h_impl(ctx):
    tools = _tools(ctx)
    btf = ctx.attrs.btf or tools.kernel_btf
    output = ctx.actions.declare_output("vmlinux.h")
    command = cmd_args(tools.bpfgen, "vmlinux-h", "-o", output.as_output())

    # Without a declared file it is the running kernel's: of this machine alone.
    if btf:
        command.add("--", btf)
    ctx.actions.run(command, category = "bpf_vmlinux", local_only = not btf, allow_cache_upload = bool(btf))
    return [DefaultInfo(default_output = output)]

vmlinux_h = rule(
    impl = _vmlinux_h_impl,
    attrs = {
        "btf": attrs.option(attrs.source(), default = None),
        "_bpfgen": _TOOLCHAIN,
    },
)

def _min_core_btf_impl(ctx):
    objects = [_object_of(dep) for dep in ctx.attrs.objects]
    outputs = []
    for btf in ctx.attrs.btfs:
        output = ctx.actions.declare_output(btf.basename)
        command = cmd_args(_tools(ctx).bpfgen, "min-core-btf", "--btf", btf, "-o", output.as_output(), "--", objects)
        ctx.actions.run(command, category = "bpf_min_core_btf", identifier = btf.basename)
        outputs.append(output)
    return [DefaultInfo(default_outputs = outputs)]

min_core_btf = rule(
    impl = _min_core_btf_impl,
    attrs = {
        "btfs": attrs.list(attrs.source()),
        "objects": attrs.list(attrs.dep()),
        "_bpfgen": _TOOLCHAIN,
    },
)

def _graph_impl(ctx):
    places = {source.short_path: source for source in ctx.attrs.srcs}
    places["bpfgen.json"] = ctx.attrs.graph
    for path, dep in ctx.attrs.objects.items():
        places[path] = _object_of(dep)
    if ctx.attrs.like:
        places[ctx.attrs.like] = _like(ctx)
    inputs = ctx.actions.copied_dir("inputs", places)
    output = ctx.actions.declare_output("out", dir = True)

    # The graph's outputs lie below its file, and inputs are not written to.
    script = """
mkdir -p "$1" && cp -RL "$2/." "$1" && exec "$3" build --quiet --no-state --jobs 1 -f "$1/bpfgen.json"
"""
    ctx.actions.run(
        cmd_args("/bin/sh", "-c", script, "sh", output.as_output(), inputs, _tools(ctx).bpfgen),
        category = "bpf_graph",
    )
    parts = {path: [DefaultInfo(default_output = output.project(path))] for path in ctx.attrs.outs}
    return [DefaultInfo(default_output = output, sub_targets = parts)]

_graph = rule(
    impl = _graph_impl,
    attrs = {
        "graph": attrs.source(),
        "like": attrs.option(attrs.string(), default = None),
        "objects": attrs.dict(attrs.string(), attrs.dep(), default = {}),
        "outs": attrs.list(attrs.string()),
        "srcs": attrs.list(attrs.source(), default = []),
        "_bpfgen": _TOOLCHAIN,
        "_cxx": attrs.toolchain_dep(default = "toolchains//:cxx", providers = [CxxToolchainInfo]),
    },
)

def bpf_graph(name, graph, headers, payloads = [], outs = [], libbpf = None, visibility = [], **kwargs):
    """Makes all that a graph file says, as one action. `objects` maps their paths in the graph file to targets."""
    _graph(
        name = name + "_files",
        graph = graph,
        outs = headers + payloads + outs,
        **kwargs
    )
    files = ":{}_files".format(name)
    _library(
        name,
        {header: "{}[{}]".format(files, header) for header in headers},
        ["{}[{}]".format(files, payload) for payload in payloads],
        libbpf,
        visibility,
    )
