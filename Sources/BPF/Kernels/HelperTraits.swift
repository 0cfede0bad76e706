/// What is known of a helper or a kernel function: what verifiers of all ages agree on.
struct HelperTraits {
  enum Result {
    /// A number of which the verifier knows nothing.
    case number
    /// A pointer that may be NULL, to data that programs may change; whether every verifier considers NULL possible.
    case nullable(isCertain: Bool)
    /// It may be other than 0.
    case other
  }

  var result = Result.other
  /// Whether it writes to no memory that it is given.
  var onlyReads = false
  /// The register with the address of what it writes; the next one has the size.
  var writes: Int?
  /// Whether it calls a function as many times as its first argument says.
  var isLoop = false
  /// How many registers it reads at most.
  var parameters = 5

  /// - Parameter symbol: the kernel function's name; `nil` for a helper.
  init(_ instruction: Instruction, symbol: String?) {
    if let symbol {
      // Both results of an iterator are followed, so that a loop ends.
      let isNext = symbol.hasPrefix("bpf_iter_") && symbol.hasSuffix("_next")
      if isNext { result = .nullable(isCertain: true) }
      return
    }
    guard instruction.source == 0 else { return }
    // Source: the kernel's include/uapi/linux/bpf.h.
    switch instruction.immediate {
    case 1:  // map_lookup_elem: newer verifiers know that an element of an array exists
      (result, onlyReads) = (.nullable(isCertain: false), true)
    case 2, 3, 6, 25, 130:  // map_update_elem, map_delete_elem, trace_printk, perf_event_output, ringbuf_output
      (result, onlyReads) = (.number, true)
    case 4, 112, 113:  // probe_read, probe_read_user, probe_read_kernel
      (result, writes) = (.number, 1)
    case 45, 114, 115: writes = 1  // probe_read_str, probe_read_user_str, probe_read_kernel_str
    case 16: (result, writes) = (.number, 1)  // get_current_comm
    case 5, 7, 14, 15, 35, 80, 118, 125:  // ktime_get_ns, get_prandom_u32, IDs, get_current_task, times
      (result, parameters) = (.number, 0)
    case 9, 10, 11, 13, 23, 27, 28, 44, 46, 47, 51, 54, 55, 65, 69:
      // changes of packets, redirects, checksums, cookies
      result = .number
    case 26: (result, writes) = (.number, 3)  // skb_load_bytes
    case 131: result = .nullable(isCertain: true)  // ringbuf_reserve
    case 181: isLoop = true  // loop
    default: break
    }
  }
}
