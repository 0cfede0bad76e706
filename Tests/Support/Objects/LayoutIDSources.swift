/// The BPF programs that ``LayoutIDTests`` edits: small, and with one of everything that a header shows.
enum LayoutIDSource: String, CaseIterable, Sendable {
  /// An application: user structs by value, all common sections, kconfig, two maps, two programs.
  case application
  /// A library as subskeletons are made of: anonymous types, a custom section, arrays, weak and hidden variables.
  case library

  var text: String {
    switch self {
    case .application: LayoutIDSource.applicationText
    case .library: LayoutIDSource.libraryText
    }
  }

  private static let applicationText = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct limits { __u32 soft; __u32 hard; };
    struct config { struct limits limits; char tag[8]; __u64 mask; };
    enum mode { MODE_OFF, MODE_ON };
    /* unrelated types */
    struct first_unrelated { int a; };
    struct second_unrelated { long b; };

    struct config config;
    __u64 seen;
    int errors = 3;
    unsigned int retries = 4;
    const volatile __u32 threshold = 10;
    const volatile enum mode mode = MODE_ON;
    extern int LINUX_KERNEL_VERSION __kconfig;
    static volatile int calls;
    static struct first_unrelated *first;
    static struct second_unrelated *second;

    struct {
    	__uint(type, BPF_MAP_TYPE_HASH);
    	__uint(max_entries, 64);
    	__type(key, __u32);
    	__type(value, struct limits);
    } counts SEC(".maps");

    struct {
    	__uint(type, BPF_MAP_TYPE_RINGBUF);
    	__uint(max_entries, 4096);
    } events SEC(".maps");

    SEC("raw_tp/sys_enter")
    int on_enter(void *ctx)
    {
    	__u32 key = 0;
    	struct limits *found = bpf_map_lookup_elem(&counts, &key);
    	calls++;
    	if (found && found->soft > threshold)
    		errors += retries;
    	if (first && second)
    		seen += first->a + second->b;
    	return mode == MODE_ON ? config.mask : LINUX_KERNEL_VERSION;
    }

    SEC("raw_tp/sys_exit")
    int on_exit(void *ctx)
    {
    	void *slot = bpf_ringbuf_reserve(&events, 8, 0);
    	if (slot)
    		bpf_ringbuf_discard(slot, 0);
    	bpf_printk("seen %d", seen);
    	return 0;
    }

    char _license[] SEC("license") = "GPL";
    """

  private static let libraryText = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct { int x; struct { char c; long d; } in; } point;
    int table[3][4] = {{1}};
    char small;
    long wide;
    int tuned SEC(".data.tuning") = 1;
    __weak int fallback = 5;
    int (*hook)(int, char *);
    const volatile char label[16] = "library";

    struct {
    	__uint(type, BPF_MAP_TYPE_ARRAY);
    	__uint(max_entries, 1);
    	__type(key, int);
    	__type(value, long);
    } slots SEC(".maps");

    SEC("tracepoint/syscalls/sys_enter_getpid")
    int lib_prog(void *ctx)
    {
    	int key = 0;
    	long *slot = bpf_map_lookup_elem(&slots, &key);
    	if (slot)
    		*slot += point.x + table[1][2] + small + wide + tuned + fallback + label[2];
    	return hook != 0;
    }

    char _license[] SEC("license") = "GPL";
    """
}
