internal import Bytes

/// The size of the C text that libbpf's dump writes for a BTF.
///
/// The dump spells out anonymous types wherever they are used, even after pointers: a few bytes of BTF can expand to
/// more text than fits in memory. Source: `btf_dump_order_type`.
package struct DumpSize {
  private let btf: BTFSpec
  /// The text size of a use of each type, 0 if not computed yet.
  private var mentions: [UInt64]
  private var depth = 0

  private init(_ btf: BTFSpec) {
    self.btf = btf
    mentions = [UInt64](repeating: 0, count: btf.count)
  }

  /// Refuses a BTF whose text is out of proportion. The kernel's text is smaller than its BTF. O(types + members).
  package static func check(_ btf: BTFSpec, _ kfuncs: Kfuncs) throws(BTFError) {
    var size = DumpSize(btf)
    let limit = UInt64(NameLengths.limit(btf.ownBytes))
    var total: UInt64 = 0
    for id in btf.ids {
      total += try size.definition(id)
      guard total <= limit else { throw .damaged(.textTooLong(id: id)) }
    }
    for kfunc in kfuncs.all {
      total += try size.mention(kfunc.prototype) + UInt64(kfunc.name.utf8.count)
      guard total <= limit else { throw .damaged(.textTooLong(id: kfunc.prototype)) }
    }
  }

  /// A limit small enough that the sum of two values does not overflow.
  private static let tooMuch: UInt64 = 1 << 40

  private mutating func definition(_ id: TypeID) throws(BTFError) -> UInt64 {
    switch btf.kind(id) {
    case .structure, .union, .enumeration, .enumeration64: try parts(of: id)
    case .typedef: try mention(btf.target(id)) + name(id)
    case .void, .int, .pointer, .array, .forward, .volatile, .const, .restrict, .function, .functionPrototype,
      .variable,
      .dataSection, .float, .declarationTag, .typeTag:
      0
    }
  }

  private func name(_ id: TypeID) -> UInt64 { length(btf.nameOffset(id)) }

  private func length(_ name: StringOffset) -> UInt64 { UInt64(btf.strings[name.index...].prefix { $0 != 0 }.count) }

  /// A type within a declaration. Anonymous composites after pointers can nest arbitrarily deeply; nesting deeper than
  /// compilers support is refused here.
  private mutating func mention(_ id: TypeID) throws(BTFError) -> UInt64 {
    if id.isVoid { return 4 }
    let known = mentions[id.index]
    if known > 0 { return known }
    guard depth < Int(BTFSpec.maximumNesting) else { throw .damaged(.nestingTooDeep(id: id)) }
    depth += 1
    defer { depth -= 1 }
    let bytes = try min(DumpSize.tooMuch, spelling(id) + 8)
    mentions[id.index] = bytes
    return bytes
  }

  private mutating func spelling(_ id: TypeID) throws(BTFError) -> UInt64 {
    switch btf.kind(id) {
    case .structure, .union, .enumeration, .enumeration64: btf.hasName(id) ? name(id) : try parts(of: id)
    // The ordering step follows one that refers to a function again and again.
    case .typedef:
      btf.kind(btf.skippingModifiers(btf.target(id))) == .functionPrototype
        ? try mention(btf.target(id)) + name(id) : name(id)
    case .pointer, .const, .volatile, .restrict, .typeTag: try mention(btf.target(id))
    case .array: try mention(btf.element(id))
    case .functionPrototype: try parameters(of: id)
    case .void, .int, .forward, .function, .variable, .dataSection, .float, .declarationTag: name(id)
    }
  }

  private mutating func parameters(of id: TypeID) throws(BTFError) -> UInt64 {
    var bytes = try mention(btf.target(id))
    for index in 0..<btf.vlen(id) {
      let parameter = btf.parameter(id, index)
      bytes = min(DumpSize.tooMuch, bytes + length(parameter.nameOffset) + (try mention(parameter.type)))
    }
    return bytes
  }

  /// The members or enumerators of a type.
  private mutating func parts(of id: TypeID) throws(BTFError) -> UInt64 {
    guard btf.kind(id).isComposite else {
      return (0..<btf.vlen(id)).reduce(0) { $0 + length(btf.enumerator(id, $1).nameOffset) + 24 }
    }
    var bytes: UInt64 = 0
    for index in 0..<btf.vlen(id) {
      let member = btf.member(id, index)
      bytes = min(DumpSize.tooMuch, bytes + 8 + length(member.nameOffset) + (try mention(member.type)))
    }
    return bytes
  }
}
