/// What a program's context contains, by the kind of program.
struct ContextTraits {
  /// Whether it has arguments, of which the verifier knows more than that they are numbers.
  let hasArguments: Bool
  /// The arguments that are numbers to the verifier.
  let numbers: Set<Int>
  private let packetFields: Set<Int>

  private static let plain: Set<String> = [
    "kprobe", "kretprobe", "uprobe", "uretprobe", "ksyscall", "kretsyscall", "usdt", "tracepoint", "tp", "raw_tp",
    "raw_tracepoint", "perf_event", "syscall", "socket",
  ]
  private static let sockets: Set<String> = [
    "tc", "tcx", "classifier", "action", "cgroup_skb", "sk_skb", "lwt_in", "lwt_out", "lwt_xmit", "lwt_seg6local",
    "netkit", "flow_dissector",
  ]

  init(section: String, numbers: Set<Int>) {
    let name = (section.hasPrefix("?") ? section.dropFirst() : section[...]).prefix {
      $0 != "/" && $0 != "." && $0 != "+"
    }
    self.numbers = numbers
    if name == "xdp" {
      // data, data_end, data_meta of struct xdp_md
      (hasArguments, packetFields) = (false, [0, 4, 8])
    } else if ContextTraits.sockets.contains(String(name)) {
      // The same of struct __sk_buff
      (hasArguments, packetFields) = (false, [76, 80, 140])
    } else {
      (hasArguments, packetFields) = (!ContextTraits.plain.contains(String(name)), [])
    }
  }

  func isPacket(_ offset: Int, bytes: Int) -> Bool { bytes == 4 && packetFields.contains(offset) }
}
