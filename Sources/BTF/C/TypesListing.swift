/// The types of a BTF, one by one, as they are stored: what `bpftool btf dump` calls raw.
package struct TypesListing: Sendable {
  package enum Value: Hashable, Sendable {
    case number(Int64)
    /// Of an enumeration of 64 bits without a sign.
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
    /// The variable or function that a section's part stands for: its kind and name.
    package let target: (kind: BTFKind, name: String)?
  }

  package struct Entry: Sendable {
    package let id: UInt32
    package let kind: BTFKind
    /// `(anon)` where there is none.
    package let name: String
    package let fields: [Field]
    package let parts: [Part]
  }

  private let types: BTFSpec
  /// The types that are listed.
  package let ids: [UInt32]

  /// - Parameters:
  ///   - base: what a split BTF continues.
  ///   - ids: the types to list; when empty all of the file itself, without its base's.
  /// - Throws: what is wrong with `file`; `BTFError.noSuchType` for an id.
  package init(_ file: TypesFile, base: TypesFile? = nil, ids: [UInt32] = []) throws(BTFError) {
    types = try file.checked(base: base)
    for id in ids where id >= types.count { throw .noSuchType(id: id, count: types.count) }
    let first = UInt32(base?.types?.count ?? 1)
    self.ids = ids.isEmpty ? Array(first..<max(first, UInt32(types.count))) : ids
  }

  /// O(parts).
  package func entry(_ id: UInt32) -> Entry {
    Entry(
      id: id, kind: types.kind(id), name: id == 0 ? shown("") : shown(types.name(id)), fields: fields(id),
      parts: parts(id))
  }

  private func shown(_ name: String) -> String { name.isEmpty ? "(anon)" : name }

  private func number(_ label: String, _ value: some BinaryInteger) -> Field {
    Field(label: label, value: .number(Int64(value)))
  }

  private func text(_ label: String, _ value: String) -> Field { Field(label: label, value: .text(value)) }

  private func fields(_ id: UInt32) -> [Field] {
    let target = number("type_id", types.target(id))
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
        number("type_id", types.element(id)), number("index_type_id", types.indexType(id)),
        number("nr_elems", types.elementCount(id)),
      ]
    case .structure, .union, .dataSection: return [size, vlen]
    case .enumeration, .enumeration64:
      return [text("encoding", types.kindFlag(id) ? "SIGNED" : "UNSIGNED"), size, vlen]
    case .forward: return [text("fwd_kind", types.kindFlag(id) ? "union" : "struct")]
    case .function: return [target, text("linkage", linkage(id))]
    case .functionPrototype: return [number("ret_type_id", types.target(id)), vlen]
    case .variable: return [target, text("linkage", linkage(id))]
    case .float: return [size]
    case .declarationTag: return [target, number("component_idx", Int32(bitPattern: types.word(id, 3)))]
    case .pointer, .typedef, .const, .volatile, .restrict, .typeTag: return [target]
    case .void: return []
    }
  }

  /// Source: the kernel's Documentation/bpf/btf.rst, `BTF_INT_SIGNED` and its like.
  private static let encodings: [UInt32: String] = [0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"]

  private func linkage(_ id: UInt32) -> String {
    switch types.linkage(of: id) {
    case .static: "static"
    case .global: "global"
    case .extern: "extern"
    case nil: "(unknown)"
    }
  }

  private func parts(_ id: UInt32) -> [Part] {
    (0..<partCount(id)).map { index in
      switch types.kind(id) {
      case .structure, .union:
        let member = types.member(id, index)
        let bitfield = member.bitfieldBits > 0 ? [number("bitfield_size", member.bitfieldBits)] : []
        return part(
          member.nameOffset, [number("type_id", member.type), number("bits_offset", member.offsetBits)] + bitfield)
      case .enumeration, .enumeration64:
        let (name, value) = types.enumerator(id, index)
        let isUnsigned = types.kind(id) == .enumeration64 && !types.kindFlag(id)
        let field = Field(label: "val", value: isUnsigned ? .unsigned(UInt64(bitPattern: value)) : .number(value))
        return Part(name: shown(name), fields: [field], target: nil)
      case .functionPrototype:
        return part(types.word(id, 3 + 2 * index), [number("type_id", types.parameter(id, index))])
      default:
        let variable = types.sectionVariable(id, index)
        return Part(
          name: nil,
          fields: [
            number("type_id", variable.variable), number("offset", variable.offset), number("size", variable.size),
          ], target: (types.kind(variable.variable), types.name(variable.variable)))
      }
    }
  }

  private func part(_ nameOffset: UInt32, _ fields: [Field]) -> Part {
    Part(name: shown(types.string(at: nameOffset)), fields: fields, target: nil)
  }

  private func partCount(_ id: UInt32) -> Int {
    switch types.kind(id) {
    case .structure, .union, .enumeration, .enumeration64, .functionPrototype, .dataSection: types.vlen(id)
    default: 0
    }
  }
}
