internal import GenGraph
internal import Incr

extension GraphDrawing {
  /// The version of the format of `json()`: raised when readers of the previous version would misinterpret it.
  static let jsonVersion = 1

  /// The drawing for programs, one node per line. docs/graph.md describes the format.
  package func json() -> String {
    var inputs = [[String]](repeating: [], count: nodes.count)
    for edge in edges {
      inputs[edge.to].append("{\"node\": \(edge.from), \"carries\": \(JSONText.string(edge.carried.rawValue))}")
    }
    let lines = nodes.indices.map { "    " + GraphDrawing.json(nodes[$0], id: $0, inputs: inputs[$0]) }
    return """
      {
        "bpfgen_graph": \(GraphDrawing.jsonVersion),
        "built": \(isBuilt),
        "nodes": [\(lines.isEmpty ? "" : "\n" + lines.joined(separator: ",\n") + "\n  ")]
      }

      """
  }

  private static func json(_ node: Node, id: Int, inputs: [String]) -> String {
    let steps = node.steps.map { step in
      object([
        ("rule", JSONText.string(step.rule)), ("name", JSONText.string(step.name)),
        ("outcome", JSONText.string(step.outcome?.rawValue)),
      ])
    }
    return object([
      ("id", "\(id)"), ("kind", JSONText.string(node.kind.rawValue)), ("name", JSONText.string(node.name)),
      ("aliases", JSONText.list(node.aliases.map { JSONText.string($0) })), ("path", JSONText.string(node.path)),
      ("outcome", JSONText.string(node.outcome?.rawValue)), ("inputs", JSONText.list(inputs)),
      ("tasks", JSONText.list(steps)),
    ])
  }

  private static func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(JSONText.string($0)): \($1)" }.joined(separator: ", ") + "}"
  }
}
