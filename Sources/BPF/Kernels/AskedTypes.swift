internal import BTF
internal import Bytes

/// Computes ids of the types that an object asks kernels for: all that libbpf compares of them.
///
/// `TypeFingerprints` ends at the name of what a pointer leads to. libbpf goes through typedefs there, so a typedef that
/// became another type would keep its fingerprint, and get another answer.
struct AskedTypes {
  private let btf: BTFSpec
  private var known: [Key: Fingerprint] = [:]

  private struct Key: Hashable {
    let type: TypeID
    let isBehindPointer: Bool
  }

  init(_ btf: BTFSpec) { self.btf = btf }

  /// The id of a type as a value. Each type is computed once; nesting is bounded by the reader.
  mutating func id(of type: TypeID) -> Fingerprint { id(of: type, isBehindPointer: false) }

  /// - Parameter isBehindPointer: of a struct or a union there, the name is all that counts.
  private mutating func id(of type: TypeID, isBehindPointer: Bool) -> Fingerprint {
    let key = Key(type: type, isBehindPointer: isBehindPointer)
    if let known = known[key] { return known }
    var encoder = CanonicalEncoder()
    // The typedefs on the way: messages have their names.
    var type = type
    while btf.kind(type).isTransparent {
      if btf.kind(type) == .typedef { encoder.add(btf.name(type)) }
      type = btf.target(type)
    }
    let kind = btf.kind(type)
    encoder.add(kind.rawValue)
    switch kind {
    case .void: break
    case .int, .float: encoder.addScalar(type, of: btf)
    case .enumeration, .enumeration64:
      encoder.add(btf.kindFlag(type))
      encoder.addScalar(type, of: btf)
    case .structure, .union:
      encoder.add(btf.name(type))
      encoder.add(btf.vlen(type))
      guard !isBehindPointer else { break }
      encoder.add(btf.statedSize(type))
      for index in 0..<btf.vlen(type) {
        let member = btf.member(type, index)
        encoder.addMember(member, of: btf)
        encoder.add(id(of: member.type, isBehindPointer: false))
      }
    case .forward:
      encoder.add(btf.name(type))
      encoder.add(btf.kindFlag(type))
    case .array:
      encoder.add(btf.elementCount(type))
      encoder.add(id(of: btf.element(type), isBehindPointer: isBehindPointer))
    case .pointer: encoder.add(id(of: btf.target(type), isBehindPointer: true))
    case .functionPrototype:
      encoder.add(id(of: btf.target(type), isBehindPointer: isBehindPointer))
      encoder.add(btf.vlen(type))
      for index in 0..<btf.vlen(type) {
        encoder.add(id(of: btf.parameter(type, index).type, isBehindPointer: isBehindPointer))
      }
    case .function, .variable, .declarationTag:
      encoder.add(btf.name(type))
      encoder.add(id(of: btf.target(type), isBehindPointer: isBehindPointer))
    case .typedef, .volatile, .const, .restrict, .typeTag, .dataSection: encoder.add(btf.name(type))
    }
    let fingerprint = encoder.fingerprint
    known[key] = fingerprint
    return fingerprint
  }
}
