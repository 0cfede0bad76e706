/// The layouts of the structs and unions in a BTF, computed with `CLayout` once for each.
package struct CompositeLayouts {
  /// The largest `aligned` attribute that gcc supports.
  package static let largestAlignment: UInt32 = 1 << 28

  /// A struct or a union with the members that C can refer to, in ascending order of offset.
  struct Composite {
    var members: [BTFSpec.Member]
    var layout: CLayout
  }

  private struct Key: Hashable {
    var id: TypeID
    var allowed: UInt32
  }

  private let btf: BTFSpec
  private var composites: [Key: Composite?] = [:]
  private var otherSizes = TypeTable<Bool>()
  private var named = TypeTable<Bool>()

  init(_ btf: BTFSpec) { self.btf = btf }

  /// - Parameter allowed: the largest alignment that it may have where it is used, in bytes.
  /// - Returns: `nil` if C cannot express it: nothing in it has a name, or no text has its offsets.
  ///
  /// Recursion is limited by `BTFSpec.maximumNesting`.
  mutating func composite(_ id: TypeID, allowed: UInt32) -> Composite? {
    let key = Key(id: id, allowed: allowed)
    if let known = composites[key] { return known }
    let composite = makeComposite(id, allowed)
    composites[key] = .some(composite)
    return composite
  }

  private mutating func makeComposite(_ id: TypeID, _ allowed: UInt32) -> Composite? {
    guard btf.kind(id).isComposite else { return nil }
    var members = (0..<btf.vlen(id)).map { btf.member(id, $0) }.filter { isNamed($0) }
    // C compilers write them in this order; others may not.
    if zip(members, members.dropFirst()).contains(where: { $0.offsetBits > $1.offsetBits }) {
      members.sort { $0.offsetBits < $1.offsetBits }
    }
    var fields: [CLayout.Field] = []
    for (index, member) in members.enumerated().reversed() {
      guard let bytes = btf.sizeBytes(member.type) else { return nil }
      let allowed = CompositeLayouts.allowed(allowed, at: member.offsetBits / 8)
      let hasName = btf.hasText(at: member.nameOffset)
      var alignment = CAlignment.byte
      if hasName {
        alignment = self.alignment(of: member.type, allowed: allowed)
      } else if let inner = composite(btf.skippingModifiersAndTypedefs(member.type), allowed: allowed) {
        alignment = inner.layout.alignment
      } else {
        // It has neither a name nor members that C can refer to: leave a gap.
        members.remove(at: index)
        continue
      }
      fields.append(
        CLayout.Field(
          offsetBits: UInt64(member.offsetBits),
          sizeBits: member.bitfieldBits > 0 ? UInt64(member.bitfieldBits) : 8 * UInt64(bytes),
          bitfieldUnit: member.bitfieldBits > 0 ? 8 * UInt64(bytes) : nil,
          alignment: alignment, hasName: hasName))
    }
    fields.reverse()
    let isUnion = btf.kind(id) == .union
    guard !members.isEmpty else { return nil }
    return CLayout.of(fields, sizeBytes: btf.statedSize(id), isUnion: isUnion, allowed: allowed)
      .map { Composite(members: members, layout: $0) }
  }

  /// The largest alignment guaranteed at an offset from an address that is aligned to `allowed`.
  package static func allowed(_ allowed: UInt32, at offset: UInt32) -> UInt32 {
    UInt32(min(UInt64(allowed), UInt64(offset).lowestBit))
  }

  /// Whether a member has a name, or is a struct or a union with a named member.
  private mutating func isNamed(_ member: BTFSpec.Member) -> Bool {
    if btf.hasText(at: member.nameOffset) { return true }
    let type = btf.skippingModifiersAndTypedefs(member.type)
    guard btf.kind(type).isComposite else { return false }
    if let known = named[type] { return known }
    var found = false
    for index in 0..<btf.vlen(type) where !found { found = isNamed(btf.member(type, index)) }
    named[type] = found
    return found
  }

  /// The alignment of a value of the type that C code declares.
  package mutating func alignment(of type: TypeID, allowed: UInt32) -> CAlignment {
    var id = type
    var isTypedef = false
    while true {
      switch btf.kind(id) {
      case .const, .volatile, .restrict, .typeTag: id = btf.target(id)
      case .array: id = btf.element(id)
      case .typedef:
        isTypedef = true
        id = btf.target(id)
      case .int, .float:
        let bytes = btf.statedSize(id)
        if let substitute = self.substitute(for: id) { return substitute == nil ? .byte : .scalar(bytes: bytes) }
        let isLong = !isTypedef && CScalar.isLong(btf.name(id))
        return isLong ? CAlignment(least: bytes, most: bytes) : .scalar(bytes: bytes)
      case .enumeration, .enumeration64: return .scalar(bytes: btf.statedSize(id))
      case .pointer: return CAlignment(least: BTFSpec.pointerSize, most: BTFSpec.pointerSize)
      case .structure, .union:
        guard isTypedef || btf.hasName(id) else {
          return composite(id, allowed: allowed)?.layout.alignment ?? .byte
        }
        if hasOtherSize(id) || btf.statedSize(id) == 0 { return .byte }
        var guess = composite(id, allowed: CompositeLayouts.largestAlignment)?.layout.alignment ?? .byte
        guess.isKnown = false
        return guess
      case .void, .forward, .function, .functionPrototype, .variable, .dataSection, .declarationTag: return .byte
      }
    }
  }

  /// The substitute for a scalar without a C name, or with another size in C; `.some(nil)` if only a byte array is
  /// possible.
  func substitute(for id: TypeID) -> String?? {
    let (name, bytes) = (btf.name(id), btf.statedSize(id))
    if CScalar.words(name) == nil ? CIdentifier.isIdentifier(name) : CScalar.bytes(name) == bytes { return nil }
    guard btf.kind(id) == .float else {
      return .some(CScalar.integer(bytes: bytes, isSigned: btf.integerEncoding(id) >> 24 & 1 == 1))
    }
    // A BPF program's `long double` is a double.
    return .some(bytes == 8 ? "double" : bytes == 4 ? "float" : nil)
  }

  /// Whether a value is, or contains, a type whose size differs between C and BPF: a `long double`.
  mutating func hasOtherSize(_ type: TypeID) -> Bool {
    var id = btf.skippingModifiersAndTypedefs(type)
    while btf.kind(id) == .array { id = btf.skippingModifiersAndTypedefs(btf.element(id)) }
    switch btf.kind(id) {
    case .int, .float:
      return CScalar.words(btf.name(id)) != nil && CScalar.bytes(btf.name(id)) != btf.statedSize(id)
    case .structure, .union:
      if let known = otherSizes[id] { return known }
      var found = false
      for index in 0..<btf.vlen(id) where !found { found = hasOtherSize(btf.member(id, index).type) }
      otherSizes[id] = found
      return found
    case .void, .pointer, .array, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .declarationTag, .typeTag, .enumeration64:
      return false
    }
  }
}
