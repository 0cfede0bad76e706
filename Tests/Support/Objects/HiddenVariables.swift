/// A library whose variables are hidden in every way that C supports.
enum HiddenVariables {
  /// The kernel's idiom to keep variables private to a file, with a struct that only BPF code has.
  static let library = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #define private(name) SEC(".data." #name) __attribute__((visibility("hidden"), aligned(8)))
    struct secret { long inside; };
    private(A) struct secret guarded;
    private(A) struct secret *guard_pointer;
    __attribute__((visibility("hidden"))) int own_count;
    __attribute__((visibility("internal"))) int own_mode = 2;
    __attribute__((visibility("protected"))) int limit = 3;
    __attribute__((visibility("hidden"), weak)) int own_weak = 4;
    int calls;
    SEC("raw_tp/sys_enter") int count(void *ctx)
    {
    	guarded.inside++;
    	if (guard_pointer)
    		calls += guard_pointer->inside;
    	own_count += own_mode + own_weak + limit;
    	calls++;
    	return 0;
    }
    char LICENSE[] SEC("license") = "GPL";
    """

  /// What no header of the library shows.
  static let names = ["secret", "guarded", "guard_pointer", "own_count", "own_mode", "own_weak"]
}
