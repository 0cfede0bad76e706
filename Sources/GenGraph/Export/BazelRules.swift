/// Targets of a BUILD file, formatted as Bazel's own formatter does: sorted attributes, and one line for a list of one
/// element.
struct BazelRules {
  enum Value {
    case text(String)
    case list([String])
    /// Omitted if false, which is the default in all rules.
    case flag(Bool)
  }

  private var targets = ""
  private var used: Set<String> = []

  /// The `load` statement and the targets.
  var text: String {
    // Users are expected to replace an alias with a bpf_object.
    let loaded = Set(used.map { $0 == "alias" ? "bpf_object" : $0 }).sorted().map(BazelRules.quoted)
    let load = (["@bpfgen//:defs.bzl"].map(BazelRules.quoted) + loaded).joined(separator: ", ")
    return (loaded.isEmpty ? "" : "load(\(load))\n") + targets
  }

  func has(_ rule: String) -> Bool { used.contains(rule) }

  /// Adds a target.
  ///
  /// - Parameter attributes: all except the name, sorted; empty lists are omitted.
  mutating func add(_ rule: String, _ name: String, _ attributes: [(String, Value)], comment: String? = nil) {
    used.insert(rule)
    targets += "\n" + (comment.map { "# \($0)\n" } ?? "")
    targets += "\(rule)(\n    name = \(BazelRules.quoted(name)),\n"
    for (attribute, value) in attributes {
      if let text = BazelRules.spelled(value) { targets += "    \(attribute) = \(text),\n" }
    }
    targets += ")\n"
  }

  private static func spelled(_ value: Value) -> String? {
    switch value {
    case .text(let text): return quoted(text)
    case .flag(let isSet): return isSet ? "True" : nil
    case .list(let list):
      guard list.count > 1 else { return list.first.map { "[\(quoted($0))]" } }
      return "[\n" + list.map { "        \(quoted($0)),\n" }.joined() + "    ]"
    }
  }

  private static func quoted(_ text: String) -> String { "\"" + text.escaping(["\\", "\""], with: "\\") + "\"" }

  /// A text as a target's name: letters, digits, `_` and `-` are kept, anything else becomes `_`.
  static func targetName(_ text: String) -> String {
    String(
      text.map { character in
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": character
        default: "_"
        }
      })
  }
}
