package import Bytes

/// Computes fingerprints to compare types of several BTFs: 128 bits that identify a type's structure, whatever its
/// `TypeID`.
///
/// A fingerprint covers members, elements and typedefs recursively, but only the kind and name of a pointer's target.
/// Modifiers (`const`, type tags) are ignored: they do not change the layout. Each type is computed once; the reader
/// limits the recursion.
package struct TypeFingerprints {
  private let btf: BTFSpec
  private var known = TypeTable<Fingerprint>()
  private var knownShallow = TypeTable<Fingerprint>()

  package init(_ btf: BTFSpec) { self.btf = btf }

  /// The fingerprint of a type as a value.
  package mutating func fingerprint(of type: TypeID) -> Fingerprint {
    let type = btf.skippingModifiers(type)
    if let known = known[type] { return known }
    var encoder = CanonicalEncoder()
    let kind = btf.kind(type)
    encoder.add(kind.rawValue)
    switch kind {
    case .void: break
    case .int, .float, .enumeration, .enumeration64: encoder.addScalar(type, of: btf)
    case .structure, .union:
      encoder.add(btf.name(type))
      encoder.add(btf.statedSize(type))
      encoder.add(btf.vlen(type))
      for index in 0..<btf.vlen(type) {
        let member = btf.member(type, index)
        encoder.addMember(member, of: btf)
        encoder.add(fingerprint(of: member.type))
      }
    case .array:
      encoder.add(btf.elementCount(type))
      encoder.add(fingerprint(of: btf.element(type)))
    case .typedef:
      encoder.add(btf.name(type))
      encoder.add(fingerprint(of: btf.target(type)))
    case .pointer:
      encoder.add(shallow(of: btf.target(type)))
    case .forward, .volatile, .const, .restrict, .function, .functionPrototype, .variable, .dataSection,
      .declarationTag, .typeTag:
      encoder.add(shallow(of: type))
    }
    let fingerprint = encoder.fingerprint
    known[type] = fingerprint
    return fingerprint
  }

  /// Whether two types with the same name are compatible: a forward declaration and its struct are.
  mutating func sameNamedType(_ left: TypeID, _ right: TypeID) -> Bool {
    if btf.kind(left) == .forward || btf.kind(right) == .forward { return true }
    return fingerprint(of: left) == fingerprint(of: right)
  }

  /// The fingerprint of a pointer's target: kinds and names, down to the first name.
  private mutating func shallow(of type: TypeID) -> Fingerprint {
    let type = btf.skippingModifiers(type)
    if let known = knownShallow[type] { return known }
    var encoder = CanonicalEncoder()
    var kind = btf.kind(type)
    // A forward declaration is equal to its struct or union.
    if kind == .forward { kind = btf.kindFlag(type) ? .union : .structure }
    encoder.add(kind.rawValue)
    switch kind {
    case .pointer: encoder.add(shallow(of: btf.target(type)))
    case .array:
      encoder.add(btf.elementCount(type))
      encoder.add(shallow(of: btf.element(type)))
    case .functionPrototype:
      encoder.add(shallow(of: btf.target(type)))
      encoder.add(btf.vlen(type))
      for index in 0..<btf.vlen(type) { encoder.add(shallow(of: btf.parameter(type, index).type)) }
    case .void: break
    case .int, .structure, .union, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function, .variable,
      .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
      encoder.add(btf.name(type))
    }
    let fingerprint = encoder.fingerprint
    knownShallow[type] = fingerprint
    return fingerprint
  }
}

extension CanonicalEncoder {
  /// Adds everything about an integer, a floating-point type or an enumeration, except its kind and an enumeration's sign.
  package mutating func addScalar(_ type: TypeID, of btf: BTFSpec) {
    add(btf.name(type))
    add(btf.statedSize(type))
    switch btf.kind(type) {
    case .int: add(btf.integerEncoding(type))
    case .enumeration, .enumeration64:
      add(Array(0..<btf.vlen(type))) { encoder, index in
        let enumerator = btf.enumerator(type, index)
        encoder.add(btf.string(at: enumerator.nameOffset))
        encoder.add(enumerator.value)
      }
    case .void, .pointer, .array, .structure, .union, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag:
      break
    }
  }

  /// Adds the name and the position of a member, without its type.
  package mutating func addMember(_ member: BTFSpec.Member, of btf: BTFSpec) {
    add(btf.string(at: member.nameOffset))
    add(member.offsetBits)
    add(member.bitfieldBits)
  }
}
