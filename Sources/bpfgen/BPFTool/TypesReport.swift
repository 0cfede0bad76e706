internal import BPF
internal import BTF
internal import GenGraph

/// The types of a BTF as bpftool lists them. Source: the examples of bpftool-btf(8).
enum TypesReport {
  static func text(_ listing: TypesListing) -> String {
    var text = ""
    for id in listing.ids {
      let entry = listing.entry(id)
      // bpftool writes a comma here and nowhere else.
      let comma = entry.kind == .variable ? ", " : " "
      text += "[\(id)] \(word(entry.kind)) '\(entry.name)'"
      let fields = entry.fields.map { assignment($0, entry.kind) }
      if !fields.isEmpty { text += " " + fields.joined(separator: comma) }
      for part in entry.parts {
        text += "\n\t" + (part.name.map { "'\($0)' " } ?? "")
        text += part.fields.map { assignment($0, entry.kind) }.joined(separator: " ")
        if let target = part.target { text += " (\(word(target.kind)) '\(target.name)')" }
      }
      text += "\n"
    }
    return text
  }

  static func json(_ listing: TypesListing, _ style: JSONStyle) -> String {
    style.text([("types", .list(listing.ids.map { object(listing.entry($0)) }))])
  }

  private static func object(_ entry: TypesListing.Entry) -> JSONStyle.Value {
    var members: [(String, JSONStyle.Value)] = [
      ("id", .number("\(entry.id)")), ("kind", .text(word(entry.kind))), ("name", .text(entry.name)),
    ]
    members += entry.fields.map { ($0.label, value($0.value)) }
    if let label = partsLabel(entry.kind) {
      let parts = entry.parts.map { part in
        JSONStyle.Value.object(
          (part.name.map { [("name", .text($0))] } ?? []) + part.fields.map { ($0.label, value($0.value)) })
      }
      members.append((label, .list(parts)))
    }
    return .object(members)
  }

  private static func value(_ value: TypesListing.Value) -> JSONStyle.Value {
    switch value {
    case .number(let number): .number("\(number)")
    case .unsigned(let number): .number("\(number)")
    case .text(let text): .text(text)
    }
  }

  private static func assignment(_ field: TypesListing.Field, _ kind: BTFKind) -> String {
    switch field.value {
    case .number(let number):
      "\(field.label)=\(number)" + (kind == .enumeration64 && field.label == "val" ? "LL" : "")
    case .unsigned(let number): "\(field.label)=\(number)ULL"
    case .text(let text): "\(field.label)=\(text)"
    }
  }

  private static func partsLabel(_ kind: BTFKind) -> String? {
    switch kind {
    case .structure, .union: "members"
    case .enumeration, .enumeration64: "values"
    case .functionPrototype: "params"
    case .dataSection: "vars"
    case .void, .int, .pointer, .array, .forward, .typedef, .volatile, .const, .restrict, .function, .variable, .float,
      .declarationTag, .typeTag:
      nil
    }
  }

  /// The kernel's name, as in `BTF_KIND_STRUCT`.
  private static func word(_ kind: BTFKind) -> String {
    switch kind {
    case .void: "UNKNOWN"
    case .int: "INT"
    case .pointer: "PTR"
    case .array: "ARRAY"
    case .structure: "STRUCT"
    case .union: "UNION"
    case .enumeration: "ENUM"
    case .forward: "FWD"
    case .typedef: "TYPEDEF"
    case .volatile: "VOLATILE"
    case .const: "CONST"
    case .restrict: "RESTRICT"
    case .function: "FUNC"
    case .functionPrototype: "FUNC_PROTO"
    case .variable: "VAR"
    case .dataSection: "DATASEC"
    case .float: "FLOAT"
    case .declarationTag: "DECL_TAG"
    case .typeTag: "TYPE_TAG"
    case .enumeration64: "ENUM64"
    }
  }
}
