/// The types of a BTF one by one, as stored: the raw format of `bpftool btf dump`.
package struct TypesListing: Sendable {
  package enum Value: Hashable, Sendable {
    case number(Int64)
    /// The value of an unsigned 64-bit enumeration.
    case unsigned(UInt64)
    case text(String)
  }

  package struct Field: Hashable, Sendable {
    package let label: String
    package let value: Value
  }

  /// A member, an enumerator, a parameter, or a variable of a section.
  package struct Part: Sendable {
    /// `nil` for variables of a section, which are types of their own.
    package let name: String?
    package let fields: [Field]
    /// The kind and name of the variable or function that a section's part refers to.
    package let target: (kind: BTFKind, name: String)?
  }

  package struct Entry: Sendable {
    package let id: TypeID
    package let kind: BTFKind
    /// `(anon)` if it has no name.
    package let name: String
    package let fields: [Field]
    package let parts: [Part]
  }

  private let types: BTFSpec
  /// The listed types.
  package let ids: [TypeID]

  /// - Parameters:
  ///   - base: the BTF that a split BTF continues.
  ///   - ids: the types to list; if empty, all types of the file itself, without those of its base.
  /// - Throws: the errors of `file`; `BTFError.noSuchType` for an id.
  package init(_ file: TypesFile, base: TypesFile? = nil, ids: [TypeID] = []) throws(BTFError) {
    types = try file.checked(base: base)
    for id in ids where !types.contains(id) { throw .noSuchType(id: id, count: types.count) }
    let first = base?.types?.count ?? 1
    self.ids = ids.isEmpty ? Array(TypeID(index: first)..<TypeID(index: max(first, types.count))) : ids
  }

  /// O(parts).
  package func entry(_ id: TypeID) -> Entry {
    Entry(
      id: id, kind: types.kind(id), name: id.isVoid ? shown("") : shown(types.name(id)), fields: fields(id),
      parts: parts(id))
  }

  private func shown(_ name: String) -> String { name.isEmpty ? "(anon)" : name }

  private func number(_ label: String, _ value: some BinaryInteger) -> Field {
    Field(label: label, value: .number(Int64(value)))
  }

  private func text(_ label: String, _ value: String) -> Field { Field(label: label, value: .text(value)) }

  private func fields(_ id: TypeID) -> [Field] {
    let target = number("type_id", types.target(id).rawValue)
    let size = number("size", types.statedSize(id))
    let vlen = number("vlen", types.vlen(id))
    switch types.kind(id) {
    case .int:
      let encoding = types.integerEncoding(id)
      return [
        size, number("bits_offset", encoding >> 16 & 0xff), number("nr_bits", encoding & 0xff),
        text("encoding", TypesListing.encodings[encoding >> 24 & 15] ?? "UNKN"),
      ]
    case .array:
      return [
        number("type_id", types.element(id).rawValue), number("index_type_id", types.indexType(id).rawValue),
        number("nr_elems", types.elementCount(id)),
      ]
    case .structure, .union, .dataSection: return [size, vlen]
    case .enumeration, .enumeration64:
      return [text("encoding", types.kindFlag(id) ? "SIGNED" : "UNSIGNED"), size, vlen]
    case .forward: return [text("fwd_kind", types.kindFlag(id) ? "union" : "struct")]
    case .function: return [target, text("linkage", linkage(id))]
    case .functionPrototype: return [number("ret_type_id", types.target(id).rawValue), vlen]
    case .variable: return [target, text("linkage", linkage(id))]
    case .float: return [size]
    case .declarationTag: return [target, number("component_idx", types.component(id))]
    case .pointer, .typedef, .const, .volatile, .restrict, .typeTag: return [target]
    case .void: return []
    }
  }

  /// Source: the kernel's Documentation/bpf/btf.rst, `BTF_INT_SIGNED` and the others.
  private static let encodings: [UInt32: String] = [0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"]

  private func linkage(_ id: TypeID) -> String {
    switch types.linkage(of: id) {
    case .static: "static"
    case .global: "global"
    case .extern: "extern"
    case nil: "(unknown)"
    }
  }

  private func parts(_ id: TypeID) -> [Part] {
    (0..<types.partCount(id)).compactMap { index in
      switch types.kind(id) {
      case .structure, .union:
        let member = types.member(id, index)
        let bitfield = member.bitfieldBits > 0 ? [number("bitfield_size", member.bitfieldBits)] : []
        return part(
          member.nameOffset,
          [number("type_id", member.type.rawValue), number("bits_offset", member.offsetBits)] + bitfield)
      case .enumeration, .enumeration64:
        let enumerator = types.enumerator(id, index)
        let value = enumerator.value
        let isUnsigned = types.kind(id) == .enumeration64 && !types.kindFlag(id)
        let field = Field(label: "val", value: isUnsigned ? .unsigned(UInt64(bitPattern: value)) : .number(value))
        return Part(name: shown(types.string(at: enumerator.nameOffset)), fields: [field], target: nil)
      case .functionPrototype:
        let parameter = types.parameter(id, index)
        return part(parameter.nameOffset, [number("type_id", parameter.type.rawValue)])
      case .dataSection:
        let variable = types.sectionVariable(id, index)
        return Part(
          name: nil,
          fields: [
            number("type_id", variable.variable.rawValue), number("offset", variable.offset),
            number("size", variable.size),
          ], target: (types.kind(variable.variable), types.name(variable.variable)))
      case .void, .int, .pointer, .array, .forward, .typedef, .volatile, .const, .restrict, .function, .variable,
        .float, .declarationTag, .typeTag:
        return nil
      }
    }
  }

  private func part(_ nameOffset: StringOffset, _ fields: [Field]) -> Part {
    Part(name: shown(types.string(at: nameOffset)), fields: fields, target: nil)
  }
}
