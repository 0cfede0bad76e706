internal import BPF
internal import GenGraph

/// `version` as build systems parse it: three lines, or a JSON object.
enum BPFToolVersion {
  /// The equivalent bpftool version. Source: bpftool's main.c: its version is libbpf's, with the major number plus 6.
  private static var number: String {
    let parts = LibBPF.runningVersion.split(separator: ".").map { Int($0)! }
    return "\(parts[0] + 6).\(parts[1]).0"
  }

  /// perf's build checks `features:` for `skeletons` before it generates any. libbfd is for commands that are refused
  /// here.
  private static let features = [("libbfd", false), ("libbpf_strict", true), ("skeletons", true)]

  static var text: String {
    """
    bpftool v\(number)
    using libbpf v\(LibBPF.runningVersion)
    features: \(features.filter(\.1).map(\.0).joined(separator: ", "))
    """
  }

  static func json(_ style: JSONStyle) -> String {
    style.text([
      ("version", .text(number)), ("libbpf_version", .text(LibBPF.runningVersion)),
      ("features", .object(features.map { ($0, .flag($1)) })), ("bpfgen_version", .text(Version.full)),
    ])
  }
}
