package import Bytes

/// Computes type ids: 128 bits that say what a type is, whatever its number in the BTF.
///
/// Structure counts deep through members, elements and typedefs, and by kind and name behind a pointer. Modifiers
/// (`const`, type tags) do not count: they move no byte. Each type is computed once; depth is bounded by the reader.
package struct TypeIDs {
  private let btf: BTFSpec
  private var deep: [UInt32: Fingerprint] = [:]
  private var shallow: [UInt32: Fingerprint] = [:]

  package init(_ btf: BTFSpec) { self.btf = btf }

  /// The id of a type as a value.
  package mutating func id(_ type: UInt32) -> Fingerprint {
    let type = btf.skippingModifiers(type)
    if let known = deep[type] { return known }
    var encoder = CanonicalEncoder()
    let kind = btf.kind(type)
    encoder.add(kind.rawValue)
    switch kind {
    case .void: break
    case .int:
      encoder.add(btf.name(type))
      encoder.add(btf.statedSize(type))
      encoder.add(btf.integerEncoding(type))
    case .float:
      encoder.add(btf.name(type))
      encoder.add(btf.statedSize(type))
    case .enumeration, .enumeration64:
      encoder.add(btf.name(type))
      encoder.add(btf.statedSize(type))
      encoder.add(Array(0..<btf.vlen(type))) { encoder, index in
        let (name, value) = btf.enumerator(type, index)
        encoder.add(name)
        encoder.add(value)
      }
    case .structure, .union:
      encoder.add(btf.name(type))
      encoder.add(btf.statedSize(type))
      encoder.add(btf.vlen(type))
      for index in 0..<btf.vlen(type) {
        let member = btf.member(type, index)
        encoder.add(btf.string(at: member.nameOffset))
        encoder.add(member.offsetBits)
        encoder.add(member.bitfieldBits)
        encoder.add(id(member.type))
      }
    case .array:
      encoder.add(btf.elementCount(type))
      encoder.add(id(btf.element(type)))
    case .typedef:
      encoder.add(btf.name(type))
      encoder.add(id(btf.target(type)))
    case .pointer:
      encoder.add(shallowID(btf.target(type)))
    default:
      encoder.add(shallowID(type))
    }
    let fingerprint = encoder.fingerprint
    deep[type] = fingerprint
    return fingerprint
  }

  /// Whether two types of one name are one type: a forward and its struct are.
  mutating func sameNamedType(_ left: UInt32, _ right: UInt32) -> Bool {
    if btf.kind(left) == .forward || btf.kind(right) == .forward { return true }
    return id(left) == id(right)
  }

  /// What counts of a type behind a pointer: kinds and names, down to the first name.
  private mutating func shallowID(_ type: UInt32) -> Fingerprint {
    let type = btf.skippingModifiers(type)
    if let known = shallow[type] { return known }
    var encoder = CanonicalEncoder()
    var kind = btf.kind(type)
    // A forward stands for its struct or union.
    if kind == .forward { kind = btf.kindFlag(type) ? .union : .structure }
    encoder.add(kind.rawValue)
    switch kind {
    case .pointer: encoder.add(shallowID(btf.target(type)))
    case .array:
      encoder.add(btf.elementCount(type))
      encoder.add(shallowID(btf.element(type)))
    case .functionPrototype:
      encoder.add(shallowID(btf.target(type)))
      encoder.add(btf.vlen(type))
      for index in 0..<btf.vlen(type) { encoder.add(shallowID(btf.parameter(type, index))) }
    case .void: break
    default: encoder.add(btf.name(type))
    }
    let fingerprint = encoder.fingerprint
    shallow[type] = fingerprint
    return fingerprint
  }
}
