import Foundation
import GenGraph
import GraphView
import Incr
import Testing

/// The drawing as text: for programs, and for the page.
@Suite("The texts of a drawing")
struct DrawingTextTests {
  /// Names and paths that would end a string, an element or a script if they were not escaped.
  static let hostile = """
    { "bpfgen": 1,
      "objects": { "a<b>\\"q\\\\N\\\\": "in/</script><script>alert(1)</script>.bpf.o",
                   "{x|y} &amp; \\u65e5\\u672c <!--": "in/\\u0001 \\u2028 \\u2029 \\ud83d\\ude00.bpf.o" },
      "finals": { "fin": { "inputs": ["a<b>\\"q\\\\N\\\\", "{x|y} &amp; \\u65e5\\u672c <!--"], "output": "gen/\\"}.o" } },
      "skeletons": [ { "of": "fin", "header": "gen/<h>\\\\.h" } ] }
    """

  /// Every second task ended in some way.
  private static func outcomes(_ graph: TaskGraph) -> [TaskID: Outcome] {
    var outcomes: [TaskID: Outcome] = [:]
    for task in graph.tasks where task.raw % 2 == 0 { outcomes[task] = Outcome.allCases[Int(task.raw / 2) % 4] }
    return outcomes
  }

  @Test("JSON contains the whole drawing, for hostile names too", arguments: [GraphDrawingTests.example, hostile])
  func json(_ text: String) throws {
    let project = try DrawnProject(text).project
    let drawing = GraphDrawing(project, outcomes: Self.outcomes(project.graph))
    let root = try #require(JSONSerialization.jsonObject(with: Data(drawing.json().utf8)) as? [String: Any])
    #expect(Set(root.keys) == ["bpfgen_graph", "built", "nodes"])
    #expect(root["bpfgen_graph"] as? Int == 1 && root["built"] as? Bool == true)
    let nodes = try #require(root["nodes"] as? [[String: Any]])
    #expect(nodes.count == drawing.nodes.count)
    for (id, (read, node)) in zip(nodes, drawing.nodes).enumerated() {
      #expect(Set(read.keys) == ["id", "kind", "name", "aliases", "path", "outcome", "inputs", "tasks"])
      #expect(read["id"] as? Int == id && read["kind"] as? String == node.kind.rawValue)
      #expect(read["name"] as? String == node.name && read["path"] as? String == node.path)
      #expect(read["aliases"] as? [String] == node.aliases)
      #expect(read["outcome"] as? String == node.outcome?.rawValue)
      let inputs = try #require(read["inputs"] as? [[String: Any]]).map { "\($0["node"]!) \($0["carries"]!)" }
      #expect(inputs == drawing.edges.filter { $0.to == id }.map { "\($0.from) \($0.carried)" })
      let tasks = try #require(read["tasks"] as? [[String: Any]])
      #expect(tasks.map { $0["rule"] as? String } == node.steps.map(\.rule))
      #expect(tasks.map { $0["name"] as? String } == node.steps.map(\.name))
      #expect(tasks.map { $0["outcome"] as? String } == node.steps.map { $0.outcome?.rawValue })
    }
  }

  @Test("an empty graph can be drawn")
  func empty() throws {
    let drawing = GraphDrawing(try DrawnProject("{ \"bpfgen\": 1 }").project, outcomes: [:])
    #expect(drawing.nodes.isEmpty && drawing.dot().hasPrefix("digraph bpfgen {\n"))
    let root = try JSONSerialization.jsonObject(with: Data(drawing.json().utf8)) as? [String: Any]
    #expect((root?["nodes"] as? [Any])?.isEmpty == true && root?["built"] as? Bool == false)
  }

  @Test("the page's data cannot leave its element, and the page refers to nothing outside")
  func page() throws {
    let drawing = GraphDrawing(try DrawnProject(Self.hostile).project, outcomes: [:])
    let html = drawing.html(title: "</title></script><img src=x onerror=alert(1)>")
    #expect(html.components(separatedBy: "<script").count == 3 && html.components(separatedBy: "</script").count == 3)
    for word in ["<img", "alert(1)</script>", "<!--", "\u{2028}", "\u{2029}"] {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(html.matches(of: /https?:\/\/[^"\s]*/).map { String($0.output) } == ["http://www.w3.org/2000/svg"])

    let start = try #require(html.range(of: "id=\"data\">")).upperBound
    let end = try #require(html.range(of: "</script>", range: start..<html.endIndex)).lowerBound
    let data = try JSONSerialization.jsonObject(with: Data(html[start..<end].utf8)) as? [String: Any]
    #expect(data?["name"] as? [String] == drawing.nodes.map(\.name))
    #expect(data?["title"] as? String == "</title></script><img src=x onerror=alert(1)>")
  }
}
