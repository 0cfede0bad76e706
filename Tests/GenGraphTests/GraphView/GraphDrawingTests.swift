import Foundation
import GenGraph
import GraphView
import Incr
import SeededRandom
import Testing

/// The drawing shows the graph as users think of it, and loses no task.
@Suite("The drawing of a graph")
struct GraphDrawingTests {
  static let example = """
    { "bpfgen": 1,
      "objects":      { "main": "build/main.bpf.o", "net": "build/net.bpf.o", "unused": "build/unused.bpf.o",
                        "again": "build/net.bpf.o", "linked": "gen/netlib.bpf.o" },
      "libraries":    { "netlib": { "inputs": ["net"], "output": "gen/netlib.bpf.o" } },
      "finals":       { "app": { "inputs": ["main", "netlib"], "output": "gen/app.bpf.o" } },
      "skeletons":    [ { "of": "app", "header": "gen/app.skel.h", "payload": "gen/app.skel.o", "like": "like.o" },
                        { "of": "main", "header": "gen/main.skel.h" } ],
      "subskeletons": [ { "of": "netlib", "header": "gen/netlib.subskel.h" } ],
      "min_core_btfs": [ { "of": ["app", "unused"], "btfs": ["kernels/6.1"], "out_dir": "gen/btf" } ] }
    """

  @Test("objects, libraries, finals, their outputs, and checks; inspections belong to what they inspect")
  func nodes() throws {
    let drawn = try DrawnProject(Self.example)
    let drawing = GraphDrawing(drawn.project, outcomes: [:])
    let lines = drawing.nodes.map { node in
      let steps = node.steps.map(\.rule).joined(separator: "+")
      let names = ([node.name] + node.aliases).map(drawn.relative).joined(separator: "=")
      return "\(node.kind) \(names) \(node.path.map(drawn.relative) ?? "none") [\(steps)]"
    }
    #expect(
      Set(lines) == [
        "object main build/main.bpf.o [inspect]", "object net=again build/net.bpf.o []",
        "object unused build/unused.bpf.o [needs]", "file kernels/6.1 kernels/6.1 []",
        "btf gen/btf/6.1 gen/btf/6.1 [min-core-btf]", "file like.o like.o []",
        "library netlib=linked gen/netlib.bpf.o [link+inspect]", "final app gen/app.bpf.o [link+inspect+needs]",
        "skeleton gen/app.skel.h gen/app.skel.h [header]", "payload gen/app.skel.o gen/app.skel.o [payload]",
        "skeleton gen/main.skel.h gen/main.skel.h [header]",
        "subskeleton gen/netlib.subskel.h gen/netlib.subskel.h [header]", "check netlib in app none [check]",
      ])
    #expect(lines.count == Set(lines).count && !drawing.isBuilt)
  }

  @Test("an edge shows what it carries: at a layout or a contract, a code-only change stops")
  func edges() throws {
    let drawn = try DrawnProject(Self.example)
    let drawing = GraphDrawing(drawn.project, outcomes: [:])
    let lines = drawing.edges.map { edge in
      "\(drawn.relative(drawing.nodes[edge.from].name)) -\(edge.carried)-> \(drawn.relative(drawing.nodes[edge.to].name))"
    }
    #expect(
      Set(lines) == [
        "net -content-> netlib", "main -content-> app", "netlib -content-> app", "app -layout-> gen/app.skel.h",
        "app -content-> gen/app.skel.o", "like.o -content-> gen/app.skel.o", "netlib -layout-> gen/netlib.subskel.h",
        "main -content-> gen/main.skel.h", "netlib -contract-> netlib in app", "app -contract-> netlib in app",
        "app -needs-> gen/btf/6.1", "unused -needs-> gen/btf/6.1", "kernels/6.1 -content-> gen/btf/6.1",
      ])
    #expect(lines.count == Set(lines).count)
  }

  @Test("a node has the most severe outcome of its tasks")
  func outcomes() throws {
    let drawn = try DrawnProject(Self.example)
    let graph = drawn.project.graph
    func ended(_ link: Outcome?, _ inspect: Outcome?) -> Outcome? {
      var outcomes: [TaskID: Outcome] = [:]
      for task in graph.tasks where graph.name(task) == "netlib" {
        outcomes[task] = graph.rule(task).name == "link" ? link : inspect
      }
      return GraphDrawing(drawn.project, outcomes: outcomes).nodes.first { $0.name == "netlib" }?.outcome
    }
    #expect(ended(nil, nil) == nil)
    #expect(ended(.kept, .kept) == .kept)
    #expect(ended(.kept, nil) == .kept)
    #expect(ended(.ran, .kept) == .ran)
    #expect(ended(.ran, .failed) == .failed)
    #expect(ended(.failed, .skipped) == .failed)
    #expect(ended(.kept, .skipped) == .skipped)
  }

  @Test(
    "random graphs: each task is in one node, each input is an edge, and no edge leads backwards", arguments: 1...20)
  func complete(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let drawn = try DrawnProject(RandomGraph(isLarge: false, using: &random))
    let graph = drawn.project.graph
    let drawing = GraphDrawing(drawn.project, outcomes: [:])
    let steps = drawing.nodes.flatMap { node in node.steps.map { "\($0.rule) \($0.name)" } }
    #expect(steps.sorted() == graph.tasks.map { "\(graph.rule($0).name) \(graph.name($0))" }.sorted())
    #expect(drawing.edges.allSatisfy { $0.from < $0.to })

    var wanted: Set<String> = []
    for task in graph.tasks where graph.rule(task).name != "inspect" {
      for input in graph.inputs(task) {
        let producer = graph.producer(SlotID(input))
        let isValue = graph.path(SlotID(input)).isEmpty
        let path = isValue ? graph.path(SlotID(graph.inputs(producer!).first!)) : graph.path(SlotID(input))
        let isNamed = ["link", "check"].contains(graph.rule(task).name)
        let name = isNamed ? graph.name(task) : graph.path(SlotID(UInt32(graph.outputs(task).lowerBound)))
        wanted.insert("\(path) -> \(name)")
      }
    }
    #expect(Set(drawing.edges.map { "\(drawing.nodes[$0.from].path!) -> \(drawing.nodes[$0.to].name)" }) == wanted)
  }
}
