"""The module extension for MODULE.bazel."""

load("//private:repositories.bzl", "bpfgen_cc", "bpfgen_local")

def _bpfgen_impl(_ctx):
    bpfgen_cc(
        name = "bpfgen_cc",
        rules_cc = True,
    )
    bpfgen_local(name = "bpfgen_local")

bpfgen = module_extension(implementation = _bpfgen_impl)
