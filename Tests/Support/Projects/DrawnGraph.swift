import Foundation

/// A graph as printed by `bpfgen graph --format json`.
struct DrawnGraph {
  struct Node: Decodable, Equatable {
    let id: Int
    let kind: String
    let name: String
    let path: String?
    let inputs: [Input]
  }

  struct Input: Decodable, Equatable {
    let node: Int
    let carries: String
  }

  let nodes: [Node]
  /// For each node those that consume something of it.
  let consumers: [[Int]]

  init(file: String) throws {
    struct Root: Decodable { let nodes: [Node] }
    let text = try Shell.run(Toolchain.bpfgen(), ["graph", "-f", file, "--format", "json"]).checked().stdout
    nodes = try JSONDecoder().decode(Root.self, from: Data(text.utf8)).nodes
    var consumers = [[Int]](repeating: [], count: nodes.count)
    for node in nodes { for input in node.inputs { consumers[input.node].append(node.id) } }
    self.consumers = consumers
  }

  subscript(name: String) -> Node { nodes.first { $0.name == name || $0.path?.hasSuffix("/\(name)") == true }! }

  func feeding(_ node: Int) -> [Int] { nodes[node].inputs.map(\.node) }

  /// What is reached from a node, without itself.
  func closure(_ node: Int, by next: (Int) -> [Int]) -> Set<Int> {
    var reached: Set<Int> = []
    var pending = next(node)
    while let other = pending.popLast() {
      if reached.insert(other).inserted { pending += next(other) }
    }
    return reached
  }
}
