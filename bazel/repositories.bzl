"""Called from a WORKSPACE. A MODULE.bazel does not need it."""

load("//private:repositories.bzl", "bpfgen_cc", "bpfgen_local")

def bpfgen_repositories(local_tools = True):
    """Declares the repositories that the rules load.

    Args:
      local_tools: whether the tools of this machine are registered: the bpfgen and the clang in the PATH (or that
        --repo_env=BPFGEN=... and BPF_CLANG=... name), with the system's libbpf and headers. Without it, register
        toolchains of your own.
    """
    bpfgen_cc(name = "bpfgen_cc")
    if local_tools:
        bpfgen_local(name = "bpfgen_local")
        native.register_toolchains("@bpfgen_local//:all")
