internal import GenGraph
internal import Incr

extension GraphDrawing {
  /// The drawing as one HTML page that opens without a network.
  ///
  /// - Parameter title: what the page is of, as its reader calls it: the graph file's path.
  package func html(title: String) -> String { GraphPage.html(data: JSONText.inScript(pageData(title))) }

  /// What the page's script reads: columns, since 50,000 objects with the same keys are read slower and take thrice the
  /// bytes. Kinds, outcomes, rules and what edges carry are indices; -1 is no outcome, 0 the path that is the name.
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
  /// Each element once, where it first stands.
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
