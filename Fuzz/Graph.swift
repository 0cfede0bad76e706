// Bytes as a graph file: refused, or a project that can be asked, drawn, and written for other build tools.
import Bytes
import Files
import FuzzSupport
import Incr
import MutationRunner

@testable import GenGraph
@testable import GraphView

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  _ = try! AtomicOutput.write(ByteRope(bytes(start, count)), to: "bpfgen.json")
  guard let project = try? Project(graphFile: "bpfgen.json") else { return 0 }
  for node in project.names + project.outputs {
    for question in Project.Question.allCases {
      let answer = project.answer(question, about: node, isTransitive: true)
      require(answer != nil, "\(node.debugDescription) is not in its graph")
    }
  }
  for output in project.outputs {
    let isInside = !output.isAbsolutePath && !output.split(at: "/").contains("..")
    require(isInside, "\(output.debugDescription) is outside of the root")
  }
  for task in project.graph.tasks { _ = project.action(task) }
  _ = project.headers()
  let drawing = GraphDrawing(project, outcomes: [:])
  require((try? JSONReader.read(Array(drawing.json().utf8))) != nil, "a drawing is no JSON")
  _ = drawing.dot()
  _ = drawing.html(title: "bpfgen.json")
  let plan = ProcessPlan(project)
  for output in [nil, "plan"] {
    _ = try? plan.ninjaText(output: output)
    _ = try? plan.makeText(output: output)
  }
  return 0
}
