internal import BTF

/// Builds the shadow type of a struct_ops map: scalars and function pointers by name, everything else as bytes.
///
/// The names of hidden members (`__padding_3`, `__unsupported_3`) are those of bpftool's headers.
struct ShadowTypeBuilder {
  private typealias Member = ExportedLayout.ShadowType.Member

  let btf: BTFSpec
  private var members: [Member] = []
  private var endBits: UInt32 = 0
  private var scope = CIdentifier.Scope()

  init(btf: BTFSpec) { self.btf = btf }

  mutating func build(
    _ map: CIdentifier, _ type: TypeID, _ declarations: inout DeclarationWriter
  ) throws(BTFError) -> ExportedLayout.ShadowType {
    let typeName = btf.name(type)
    guard CIdentifier.isPlain(typeName) else { throw .unprintableName(typeName, of: "struct") }
    for index in 0..<btf.vlen(type) { try add(btf.member(type, index), index, &declarations) }
    pad(to: 8 * btf.statedSize(type), "__padding_end")
    return ExportedLayout.ShadowType(identifier: map, typeName: typeName, members: members)
  }

  private mutating func add(_ member: BTFSpec.Member, _ index: Int, _ declarations: inout DeclarationWriter)
    throws(BTFError)
  {
    pad(to: member.offsetBits, "__padding_\(index)")
    let type = btf.skippingModifiersAndTypedefs(member.type)
    let name = btf.string(at: member.nameOffset)
    let sizeBytes = btf.sizeBytes(type) ?? 0
    switch btf.kind(type) {
    case .int, .float, .enumeration, .enumeration64:
      let declaration = try declarations.declaration(of: type, keepModifiers: false, variable: name)
      if member.bitfieldBits > 0 {
        append(name, .bitfield(declaration, bits: member.bitfieldBits))
        endBits = member.offsetBits + UInt32(member.bitfieldBits)
        return
      }
      append(name, .scalar(declaration))
    case .pointer where btf.kind(btf.skippingModifiersAndTypedefs(btf.target(type))) == .functionPrototype:
      append(name, .program)
    case .void, .pointer, .array, .structure, .union, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .declarationTag, .typeTag:
      if sizeBytes > 0 { append("__unsupported_\(index)", .opaque(bytes: sizeBytes)) }
    }
    endBits = member.offsetBits + 8 * sizeBytes
  }

  private mutating func append(_ name: String, _ content: Member.Content) {
    members.append(Member(identifier: scope.claim(name), content: content))
  }

  private mutating func pad(to bits: UInt32, _ name: String) {
    guard bits > endBits else { return }
    if endBits % 8 != 0 {
      // An unnamed bit-field up to the end of the byte, or up to the next bit-field within it.
      let width = min(bits, (endBits + 7) / 8 * 8) - endBits
      members.append(Member(identifier: CIdentifier(""), content: .padding(bits: UInt8(width))))
      endBits += width
    }
    guard bits > endBits else { return }
    if bits - endBits >= 8 { append(name, .opaque(bytes: (bits - endBits) / 8)) }
    if bits % 8 != 0 {
      members.append(Member(identifier: CIdentifier(""), content: .padding(bits: UInt8(bits % 8))))
    }
    endBits = bits
  }
}
