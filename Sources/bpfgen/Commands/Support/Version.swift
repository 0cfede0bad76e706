internal import BPF
internal import Emit

/// The version of this program and of its libraries.
enum Version {
  static let number = "0.1.0"

  /// Our own lines, followed by those of bpftool that build systems parse.
  static var text: String {
    """
    bpfgen \(number)
    emitter \(emitterVersion)
    libbpf \(LibBPF.runningVersion) (built against \(LibBPF.builtVersion))
    \(BPFToolVersion.text)
    """
  }
}
