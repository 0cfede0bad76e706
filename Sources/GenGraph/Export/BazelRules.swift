/// Targets of a BUILD file, written as Bazel's own formatter writes them: attributes in order, one line for one element.
struct BazelRules {
  enum Value {
    case text(String)
    case list([String])
    /// Left out when it is false, which all of the rules have as their default.
    case flag(Bool)
  }

  private var targets = ""
  private var used: Set<String> = []

  /// The rules' `load` and the targets.
  var text: String {
    // In the place of an alias a bpf_object is to come.
    let loaded = Set(used.map { $0 == "alias" ? "bpf_object" : $0 }).sorted().map(BazelRules.quoted)
    let load = (["@bpfgen//:defs.bzl"].map(BazelRules.quoted) + loaded).joined(separator: ", ")
    return (loaded.isEmpty ? "" : "load(\(load))\n") + targets
  }

  func has(_ rule: String) -> Bool { used.contains(rule) }

  /// Adds a target.
  ///
  /// - Parameter attributes: all but the name, sorted; an empty list is left out.
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

  /// A text as a target's name: letters, digits, `_` and `-`, anything else as `_`.
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
