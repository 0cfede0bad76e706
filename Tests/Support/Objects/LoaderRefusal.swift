/// An object of which libbpf makes no loader, and whose refusal closes descriptor 0 in libbpf 1.1: it has a table of programs.
enum LoaderRefusal {
  static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    int tail(void *ctx);
    struct {
      __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
      __uint(max_entries, 1);
      __uint(key_size, 4);
      __array(values, int(void *));
    } jumps SEC(".maps") = { .values = { [0] = (void *)&tail } };
    SEC("socket") int tail(void *ctx) { return 0; }
    SEC("socket") int run(void *ctx) { bpf_tail_call(ctx, &jumps, 0); return 0; }
    char LICENSE[] SEC("license") = "GPL";

    """
}
