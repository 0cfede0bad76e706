import BPF
import BTF
import Bytes
import ELF
import Emit
import Files
import Glibc

/// Everything that the product does with an object's bytes, none of which may trap, hang or take more than its share.
enum Exercise {
  /// What bytes came to.
  enum Outcome: Hashable {
    case refused
    case headers
  }

  /// - Parameters:
  ///   - partner: what the static linker gets in addition to the object; `nil` to link nothing.
  ///   - made: called with each header.
  static func run(
    _ bytes: [UInt8], against original: BPFObject?, linkedWith partner: [UInt8]?,
    made: (BPFObject, Header) -> Void = { _, _ in }
  ) -> Outcome {
    let outcome = read(bytes, against: original, made)
    _ = try? DebugStripper.strip(bytes)
    if let partner { link(bytes, with: partner) }
    checkKernels(bytes)
    return outcome
  }

  private static func read(_ bytes: [UInt8], against original: BPFObject?, _ made: (BPFObject, Header) -> Void)
    -> Outcome
  {
    guard let object = try? BPFObject(bytes, name: "sample", assertMembers: true) else { return .refused }
    for kind in [HeaderOptions.Kind.selfContained, .split, .subskeleton] {
      let header = Header(object.layout, options: HeaderOptions(kind: kind), payload: bytes)
      let text = header.text().joined()
      require(header.banner.isOn(text), "a header does not know its own banner")
      made(object, header)
    }
    if let light = try? LightObject(bytes, name: "sample", assertMembers: true) {
      let payload = LightPayload(light.loader).bytes(.little)
      _ = Header(light.layout, options: HeaderOptions(kind: .light), payload: payload).text()
    }
    require(LayoutDiff.changes(from: object, to: object).isEmpty, "an object differs from itself")
    if let original {
      _ = LayoutDiff.changes(from: original, to: object)
      _ = LayoutDiff.changes(from: object, to: original)
    }
    return .headers
  }

  /// Asks its own types, in which all is found, and a kernel without types.
  private static func checkKernels(_ bytes: [UInt8]) {
    guard let object = try? CheckedObject(bytes), let own = try? TypesFile(bytes).checked(base: nil) else { return }
    let none = BTFSpec(words: [], starts: [0], kinds: [.void], strings: [0], byteOrder: own.byteOrder)
    for types in [own, none] {
      let kernel = KernelTypes(types, asked: object.needs.names)
      _ = object.verdict(KernelAnswers(object.needs, kernel))
    }
  }

  private static func link(_ bytes: [UInt8], with partner: [UInt8]) {
    _ = try? StaticLinker.link([("mutated", bytes)])
    _ = try? StaticLinker.link([("partner", partner), ("mutated", bytes)])
  }
}
