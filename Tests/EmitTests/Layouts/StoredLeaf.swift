import BPF

/// A stored value within another one, found by reflection: a new property is found without being listed.
///
/// The case of an enum, whether an optional has a value, and that a list is empty are leaves of their own.
struct StoredLeaf: Hashable {
  /// Through properties, list elements and cases: `sections[0].variables[1].name`, `loader.case`.
  let path: String
  let value: String

  /// The path without the indices of lists, the same for all elements.
  var property: String { path.replacing(/\[[0-9]+\]/, with: "") }

  /// All leaves of a value, in the order of their declarations.
  static func all(of value: Any) -> [StoredLeaf] {
    var leaves: [StoredLeaf] = []
    walk(value, "", &leaves)
    return leaves
  }

  private static func walk(_ value: Any, _ path: String, _ leaves: inout [StoredLeaf]) {
    let mirror = Mirror(reflecting: value)
    func below(_ label: String) -> String { path.isEmpty ? label : "\(path).\(label)" }
    switch mirror.displayStyle {
    case .optional:
      leaves.append(StoredLeaf(path: below("case"), value: mirror.children.isEmpty ? "none" : "some"))
      for child in mirror.children { walk(child.value, path, &leaves) }
    case .enum:
      let payload = mirror.children.first
      leaves.append(StoredLeaf(path: below("case"), value: payload?.label ?? "\(value)"))
      if let payload { walk(payload.value, path, &leaves) }
    case .collection:
      if mirror.children.isEmpty { leaves.append(StoredLeaf(path: path, value: "[]")) }
      for (index, child) in mirror.children.enumerated() { walk(child.value, "\(path)[\(index)]", &leaves) }
    case .struct, .tuple:
      for child in mirror.children { walk(child.value, below(child.label!.replacing(/^\./, with: "")), &leaves) }
    default: leaves.append(StoredLeaf(path: path, value: "\(value)"))
    }
  }
}

/// What layouts have, as far as the emitter's text depends on it: each property with what kind of value it has.
enum LayoutFeatures {
  static func of(_ layout: ExportedLayout) -> Set<String> {
    Set(
      StoredLeaf.all(of: layout).flatMap { leaf -> [String] in
        let property = leaf.property
        // Cases and truth values are what they are; of a number it counts whether it is 0.
        if property.hasSuffix("case") || ["true", "false", "[]"].contains(leaf.value) {
          return ["\(property) = \(leaf.value)"]
        }
        if let number = UInt64(leaf.value) { return [number == 0 ? "\(property) = 0" : "\(property) > 0"] }
        return ["{", "[0]", "[", "(*", "__int128", "\"", "const ", "struct "].filter(leaf.value.contains).map {
          "\(property) has '\($0)'"
        } + [leaf.value.isEmpty ? "\(property) is empty" : property]
      })
  }
}
