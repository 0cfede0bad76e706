internal import BPF
internal import CVersion
internal import Emit

/// The version of this program and of its libraries.
enum Version {
  static let number = "0.1.0"

  /// The number, or of a snapshot, its version: a Debian version that sorts before or after the number.
  static let full: String = {
    let snapshot = unsafe String(cString: cversion_snapshot())
    return snapshot.isEmpty ? number : snapshot
  }()

  /// Our own lines, followed by those of bpftool that build systems parse.
  static var text: String {
    """
    bpfgen \(full)
    emitter \(emitterVersion)
    libbpf \(LibBPF.runningVersion) (built against \(LibBPF.builtVersion))
    \(BPFToolVersion.text)
    """
  }
}
