internal import Incr

extension GraphDrawing {
  /// The drawing in Graphviz's language. Shapes show kinds, and colors show the outcomes of the last build. Dashed
  /// edges carry only a layout or a contract, so a code-only change stops there.
  package func dot() -> String {
    var text = """
      digraph bpfgen {
        graph [rankdir=LR, ranksep=0.7, nodesep=0.18, fontname="Helvetica", fontsize=10, fontcolor="#5f6670"];
        graph [label=\(DotText.string(legend))];
        node [style=filled, fillcolor=white, color="#5f6670", fontname="Helvetica", fontsize=11, margin="0.14,0.07"];
        edge [color="#7a8594", arrowsize=0.6];

      """
    for (id, node) in nodes.enumerated() { text += "  n\(id) [\(GraphDrawing.dotAttributes(node))];\n" }
    for edge in edges {
      let style = edge.carried == .content ? "" : " [style=dashed]"
      text += "  n\(edge.from) -> n\(edge.to)\(style);\n"
    }
    return text + "}\n"
  }

  private static func dotAttributes(_ node: Node) -> String {
    let lines = [node.name] + (node.path.map { $0 == node.name ? [] : [$0] } ?? [])
    var attributes = "label=\(DotText.string(lines)), shape=\(node.kind.dotShape)"
    if let outcome = node.outcome { attributes += ", fillcolor=\"\(outcome.dotColor)\"" }
    let tooltip = node.kind.rawValue + (node.outcome.map { ", \($0.rawValue)" } ?? "")
    return attributes + ", tooltip=\"\(tooltip)\""
  }

  private var legend: [String] {
    let edges = "solid: content; dashed: layout, contract, needs or answers alone"
    guard isBuilt else { return [edges, "no bpfgen build is on record"] }
    return [edges, "last build: blue ran, green kept, yellow skipped, red failed"]
  }
}

extension GraphDrawing.Kind {
  fileprivate var dotShape: String {
    switch self {
    case .object: "box"
    case .file: "plaintext"
    case .library: "component"
    case .final: "box3d"
    case .skeleton, .subskeleton: "note"
    case .payload, .btf: "cylinder"
    case .check: "hexagon"
    }
  }
}

extension Outcome {
  fileprivate var dotColor: String {
    switch self {
    case .ran: "#cfe0fc"
    case .kept: "#dcefe2"
    case .skipped: "#fbeac0"
    case .failed: "#f9cfcb"
    }
  }
}

/// Text in Graphviz's language. Source: its "escString" type and lib/common/labels.c.
private enum DotText {
  static func string(_ lines: [String]) -> String { "\"" + lines.map(escaped).joined(separator: "\\n") + "\"" }

  /// A backslash would begin an escape (`\N` is the node's name), an ampersand an HTML entity. Characters that XML does
  /// not allow are spelled out, because the SVG would be invalid.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0..<32, 127..<160, 0xfffe, 0xffff: result += "\\\\x" + String(scalar.value, radix: 16)
      case 0x22: result += "\\\""
      case 0x26: result += "&amp;"
      case 0x5c: result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
