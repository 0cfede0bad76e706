internal import GenGraph
internal import Incr

extension GraphDrawing {
  /// The drawing as one HTML page that works without a network.
  ///
  /// - Parameter title: the graph file's path as the user gave it.
  package func html(title: String) -> String { GraphPage.html(data: JSONText.inScript(pageData(title))) }

  /// The data for the page's script, in columns: 50,000 objects with the same keys would be slower to parse and three
  /// times as large. Kinds, outcomes, rules and what edges carry are indices; -1 means no outcome, and 0 that the path
  /// is the same as the name.
  private func pageData(_ title: String) -> String {
    let rules = nodes.flatMap { $0.steps.map(\.rule) }.uniqued()
    let ruleNumbers = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1, $0) })
    let aliases = nodes.enumerated().filter { !$1.aliases.isEmpty }.map { id, node in
      "\"\(id)\": " + JSONText.list(node.aliases.map { JSONText.string($0) })
    }
    let steps = nodes.map { node in
      JSONText.list(node.steps.map { "[\(ruleNumbers[$0.rule]!),\(number($0.outcome))]" })
    }
    let columns: [(String, String)] = [
      ("title", JSONText.string(title)), ("built", "\(isBuilt)"), ("kinds", names(Kind.allCases)),
      ("outcomes", names(Outcome.allCases)), ("carried", names(Carried.allCases)),
      ("rules", JSONText.list(rules.map { JSONText.string($0) })),
      ("kind", JSONText.list(nodes.map { number($0.kind) })),
      ("name", JSONText.list(nodes.map { JSONText.string($0.name) })),
      ("path", JSONText.list(nodes.map { $0.path == $0.name ? "0" : JSONText.string($0.path) })),
      ("outcome", JSONText.list(nodes.map { number($0.outcome) })),
      ("aliases", "{" + aliases.joined(separator: ", ") + "}"), ("steps", JSONText.list(steps)),
      ("from", JSONText.list(edges.map { "\($0.from)" })), ("to", JSONText.list(edges.map { "\($0.to)" })),
      ("carries", JSONText.list(edges.map { number($0.carried) })),
    ]
    return "{" + columns.map { "\"\($0)\": \($1)" }.joined(separator: ",\n") + "}"
  }

  private func names<Value: RawRepresentable<String>>(_ values: [Value]) -> String {
    JSONText.list(values.map { JSONText.string($0.rawValue) })
  }

  private func number<Value: CaseIterable & Equatable>(_ value: Value?) -> String {
    guard let value, let index = Array(Value.allCases).firstIndex(of: value) else { return "-1" }
    return "\(index)"
  }
}

extension Array where Element: Hashable {
  /// Removes duplicates; each element stays at its first position.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
