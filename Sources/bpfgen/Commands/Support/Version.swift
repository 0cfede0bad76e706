internal import BPF
internal import Emit

/// What this program is, and what it was built with.
enum Version {
  static let number = "0.1.0"

  /// Our own lines first, then those of bpftool that build systems look for.
  static var text: String {
    """
    bpfgen \(number)
    emitter \(emitterVersion)
    libbpf \(LibBPF.runningVersion) (built against \(LibBPF.builtVersion))
    \(BPFToolVersion.text)
    """
  }
}
