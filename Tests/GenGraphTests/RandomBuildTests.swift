import Foundation
import GenGraph
import Incr
import SeededRandom
import Testing

/// Random graphs, random edits: after each build every output is byte for byte that of a clean build, and exactly the
/// tasks ran that a naive reference predicts.
@Suite("Never stale, never needless")
struct RandomBuildTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// The number of edits, over all seeds; `BPFGEN_EDITS` asks for more.
  private static let edits =
    environment["BPFGEN_EDITS"].flatMap(Int.init) ?? (environment["BPFGEN_TEST_TIER"] == "full" ? 400 : 200)
  private static let graphs = edits < 500 ? 10 : 20
  private static let firstSeed = UInt64(environment["BPFGEN_SEED"] ?? "") ?? 20_261_121

  @Test("random edits of random graphs", arguments: 0..<graphs)
  func randomEdits(_ number: Int) throws {
    let seed = Self.firstSeed + UInt64(number)
    print("seed \(seed)")
    let isLarge = number % 10 == 9
    var yard = try Yard(seed: seed, isLarge: isLarge)
    try yard.buildAndCompare("the first build")
    // A large graph costs as much as five small ones.
    let share = Self.edits / Self.graphs
    for step in 0..<(isLarge ? max(1, share / 5) : share * 11 / 10) {
      let edit = try yard.edit()
      try yard.buildAndCompare("seed \(seed), step \(step): \(edit)")
    }
  }
}

/// A build folder with its graph, and what is known of what was built in it.
private struct Yard: ~Copyable {
  private let folder: String
  private var random: SeededRandom
  private var graph: RandomGraph
  private var variants: [Int: Workshop.Variant] = [:]
  private var naive = NaiveReference()

  init(seed: UInt64, isLarge: Bool) throws {
    folder = NSTemporaryDirectory() + "yard-" + UUID().uuidString
    random = SeededRandom(seed: seed)
    graph = RandomGraph(isLarge: isLarge, using: &random)
    try FileManager.default.createDirectory(atPath: folder + "/build", withIntermediateDirectories: true)
    for object in graph.names.keys.sorted() { try place(object, .plain) }
    try graph.write(to: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private mutating func place(_ object: Int, _ variant: Workshop.Variant) throws {
    variants[object] = variant
    try Workshop.object(object, variant).write(to: URL(fileURLWithPath: "\(folder)/build/\(object).bpf.o"))
  }

  // MARK: Edits

  mutating func edit() throws -> String {
    let object = Int.random(in: 0..<graph.names.count, using: &random)
    let path = "\(folder)/build/\(object).bpf.o"
    switch Int.random(in: 0..<14, using: &random) {
    case 0, 1:
      try place(object, variants[object] == .otherCode ? .plain : .otherCode)
      return "code of \(object)"
    case 2, 3:
      try place(object, variants[object] == .otherLayout ? .plain : .otherLayout)
      return "layout of \(object)"
    case 4:
      try place(object, variants[object]!)
      return "touch \(object)"
    case 5:
      guard let output = try outputs().randomElement(using: &random) else { return "nothing" }
      let edited = try Data(contentsOf: URL(fileURLWithPath: output)) + Data("edited\n".utf8)
      try edited.write(to: URL(fileURLWithPath: output))
      return "edit \(output)"
    case 6:
      guard let output = try outputs().randomElement(using: &random) else { return "nothing" }
      try FileManager.default.removeItem(atPath: output)
      return "delete \(output)"
    case 7:
      let number = Int.random(in: 0..<40, using: &random)
      let added = graph.header(number, using: &random)
      graph.headers.removeAll { $0.path == added.path }
      graph.headers.append(added)
      try graph.write(to: folder)
      return "a header of \(added.of)"
    case 8:
      guard graph.headers.count > 2 else { return "nothing" }
      let removed = graph.headers.remove(at: Int.random(in: 0..<graph.headers.count, using: &random))
      try graph.write(to: folder)
      return "no header \(removed.path)"
    case 9:
      let index = Int.random(in: 0..<graph.headers.count, using: &random)
      graph.headers[index].assertMembers.toggle()
      try graph.write(to: folder)
      return "another option for \(graph.headers[index].path)"
    case 10:
      try damageState()
      naive.forget()
      return "no state"
    case 11:
      let renamed = graph.rename(using: &random)
      try graph.write(to: folder)
      return renamed
    case 12:
      // Files written before the clock was set back have times in the future.
      try place(object, variants[object] == .otherCode ? .plain : .otherCode)
      let everything = try outputs() + graph.names.keys.map { "\(folder)/build/\($0).bpf.o" }
      for file in everything where FileManager.default.fileExists(atPath: file) {
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: 3600)], ofItemAtPath: file)
      }
      return "the clock set back by an hour, code of \(object)"
    default:
      // Other content of the same size under the old modification time.
      let old = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]!
      try place(object, variants[object] == .otherCode ? .plain : .otherCode)
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
      return "code of \(object) under the old time"
    }
  }

  private mutating func damageState() throws {
    let path = "\(folder)/.bpfgen/bpfgen.json.state"
    switch Int.random(in: 0..<2, using: &random) {
    case 0: try FileManager.default.removeItem(atPath: path)
    default: try Data("no state".utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  private func outputs() throws -> [String] { try Project(graphFile: folder + "/bpfgen.json").outputs }

  // MARK: Builds

  mutating func buildAndCompare(_ what: String) throws {
    let project = try Project(graphFile: folder + "/bpfgen.json")
    let expected = try naive.mustRun(project)
    let jobs = [1, 2, 8].randomElement(using: &random)!
    let ran = try build(project, jobs: jobs)
    #expect(ran == expected, "\(what): what ran, and what had to")
    try naive.learn(project)

    let clean = NSTemporaryDirectory() + "clean-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: clean) }
    try FileManager.default.createDirectory(atPath: clean, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: folder + "/build", toPath: clean + "/build")
    try graph.write(to: clean)
    _ = try build(Project(graphFile: clean + "/bpfgen.json"), jobs: 2)
    for output in project.outputs {
      let made = try? Data(contentsOf: URL(fileURLWithPath: output))
      let wanted = try Data(contentsOf: URL(fileURLWithPath: clean + output.dropFirst(folder.count)))
      #expect(made == wanted, "\(what): \(output)")
    }
  }

  /// The names of the tasks that ran.
  private func build(_ project: Project, jobs: Int) throws -> Set<String> {
    var options = BuildOptions()
    options.jobs = jobs
    let log = Log()
    let summary = try ProjectBuild(graphFile: project.graphFiles[0], waiting: { _ in }).run(
      targets: nil, options: options,
      onEvent: { event in
        switch event {
        case .finished(let task, _, _, _, _): log.ran.insert(NaiveReference.title(project, task))
        case .failed(let task, let failure): log.failures.append("\(NaiveReference.title(project, task)): \(failure)")
        default: break
        }
      })
    #expect(log.failures.isEmpty && summary.failed == 0, "\(log.failures)")
    return log.ran
  }

  private final class Log {
    var ran: Set<String> = []
    var failures: [String] = []
  }
}
