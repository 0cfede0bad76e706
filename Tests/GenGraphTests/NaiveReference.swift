import Bytes
import Foundation
import GenGraph
import Incr

/// Predicts what must run by comparing everything with everything: no stamps, no traces, and no order except the
/// graph's.
///
/// It knows what each task read when it last ran (contents, and for headers the layout id) and what it wrote, and
/// it computes again what each would read now by simulating the build in memory.
struct NaiveReference {
  private struct Memory: Equatable {
    var recipe: Fingerprint
    var consumed: [Fingerprint]
    var outputs: [Fingerprint]
  }

  private var memories: [String: Memory] = [:]
  /// What all tasks will have read, according to the last prediction.
  private var predicted: [String: Memory] = [:]

  static func title(_ project: Project, _ task: TaskID) -> String {
    "\(project.graph.rule(task).name) \(project.graph.name(task))"
  }

  mutating func forget() { memories = [:] }

  /// The tasks that have to run, before the build.
  mutating func mustRun(_ project: Project) throws -> Set<String> {
    let play = try Play(project)
    var result: Set<String> = []
    predicted = [:]
    for task in project.graph.order {
      let title = Self.title(project, task)
      let memory = Memory(
        recipe: project.graph.recipe(task), consumed: project.graph.inputs(task).map { play.signatures[Int($0)]! },
        outputs: project.graph.outputs(task).map { play.signatures[$0]! })
      predicted[title] = memory
      let onDisk = project.graph.outputs(task).map { slot -> Fingerprint? in
        (try? Data(contentsOf: URL(fileURLWithPath: project.graph.path(SlotID(UInt32(slot)))))).map {
          Fingerprint(of: Array($0))
        }
      }
      let known = memories[title]
      if known?.recipe != memory.recipe || known?.consumed != memory.consumed || onDisk != known?.outputs.map({ $0 }) {
        result.insert(title)
      }
    }
    return result
  }

  /// Records the result of a build. Tasks that are no longer in the graph are forgotten.
  mutating func learn(_ project: Project) throws { memories = predicted }

  /// A whole build in memory.
  private struct Play {
    var signatures: [Fingerprint?]

    init(_ project: Project) throws {
      let graph = project.graph
      var contents: [Int: [UInt8]] = [:]
      signatures = [Fingerprint?](repeating: nil, count: graph.slotCount)
      for slot in 0..<graph.sourceCount {
        contents[slot] = Array(try Data(contentsOf: URL(fileURLWithPath: graph.path(SlotID(UInt32(slot))))))
        signatures[slot] = Fingerprint(of: contents[slot]!)
      }
      // What each task gives is taken from a clean run of it: the runner itself, on copies of its inputs.
      let folder = NSTemporaryDirectory() + "play-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let root = project.root
      try FileManager.default.copyItem(atPath: root + "/build", toPath: folder + "/build")
      for file in ["bpfgen.json", "sub/bpfgen.json"] {
        let target = URL(fileURLWithPath: folder + "/" + file)
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: root + "/" + file, toPath: target.path)
      }
      try FileManager.default.createDirectory(atPath: folder + "/.bpfgen/tmp", withIntermediateDirectories: true)
      let copy = try Project(graphFile: folder + "/bpfgen.json")
      let runner = ProjectRunner(copy)
      for task in copy.graph.order {
        let context = TaskContext(
          task: task, graph: copy.graph, inputs: copy.graph.inputs(task).map { signatures[Int($0)]! })
        let outcome = try runner.run(context)
        for (slot, result) in zip(copy.graph.slots(task), outcome!.results) { signatures[slot] = result }
      }
    }
  }
}
