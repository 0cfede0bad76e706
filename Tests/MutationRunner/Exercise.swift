import BPFObject
import Emit
import Glibc
import Incr

/// Everything that the product does with an object's bytes, none of which may trap, hang or take more than its share.
struct Exercise: ~Copyable {
  /// What bytes came to.
  enum Outcome: Hashable {
    case refused
    case headers
  }

  /// A file in memory for what reads paths.
  private let file: MemoryFile

  init() throws { file = try MemoryFile(name: "mutation") }

  /// - Parameters:
  ///   - partner: what the static linker gets beside the object; `nil` when nothing is to be linked.
  ///   - made: told of each header.
  func run(
    _ bytes: [UInt8], against original: BPFObject?, linkedWith partner: FileContent?,
    made: (BPFObject, Header) -> Void = { _, _ in }
  ) -> Outcome {
    let outcome = read(bytes, against: original, made)
    _ = try? DebugStripper.strip(bytes)
    if let partner { link(bytes, with: partner) }
    return outcome
  }

  private func read(_ bytes: [UInt8], against original: BPFObject?, _ made: (BPFObject, Header) -> Void) -> Outcome {
    guard let object = try? BPFObject(bytes, name: "sample", assertMembers: true) else { return .refused }
    for kind in [HeaderOptions.Kind.selfContained, .split, .subskeleton] {
      let header = Header(object.layout, options: HeaderOptions(kind: kind), payload: bytes)
      let text = header.text().joined()
      require(header.banner.isOn(text), "a header does not know its own banner")
      made(object, header)
    }
    if let light = try? LightObject(bytes, name: "sample", assertMembers: true) {
      let payload = LightPayload(light.loader).bytes(bigEndian: false)
      _ = Header(light.layout, options: HeaderOptions(kind: .light), payload: payload).text()
    }
    require(LayoutDiff.changes(from: object, to: object).isEmpty, "an object differs from itself")
    if let original {
      _ = LayoutDiff.changes(from: original, to: object)
      _ = LayoutDiff.changes(from: object, to: original)
    }
    return .headers
  }

  private func link(_ bytes: [UInt8], with partner: FileContent) {
    ftruncate(file.descriptor, 0)
    let written = bytes.withUnsafeBytes { pwrite(file.descriptor, $0.baseAddress, $0.count, 0) }
    guard written == bytes.count, let content = try? FileContent(path: file.path) else { return }
    _ = try? StaticLinker.link([content])
    _ = try? StaticLinker.link([partner, content])
  }
}
