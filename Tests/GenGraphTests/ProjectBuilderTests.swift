import Foundation
import GenGraph
import Incr
import Testing

/// The tasks of a graph file: their parameters, inputs, outputs, and the number of values that they compute.
@Suite("The tasks of a graph file")
struct ProjectBuilderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The keys of the graph file.
    let keys: [String]
    /// In the order in which they were added: `RULE NAME [PARAMETERS] INPUTS -> OUTPUTS, VALUES`.
    let tasks: [String]

    init(_ description: String, _ keys: String..., tasks: [String]) {
      testDescription = description
      self.keys = keys
      self.tasks = tasks
    }
  }

  private static let main = "\"objects\": {\"main\": \"build/main.o\"}"
  private static let both = "\"objects\": {\"main\": \"build/main.o\", \"net\": \"build/net.o\"}"
  private static let netlib = "\"libraries\": {\"netlib\": {\"inputs\": [\"net\"], \"output\": \"gen/netlib.o\"}}"
  private static let app = "\"finals\": {\"app\": {\"inputs\": [\"main\", \"netlib\"], \"output\": \"gen/app.o\"}}"

  private static func skeleton(_ keys: String) -> String {
    "\"skeletons\": [{\"of\": \"main\", \"header\": \"gen/main.h\"\(keys)}]"
  }

  private static let inspect = "inspect main [0 main] build/main.o -> 1"
  private static let netlibLink = "link netlib [library] build/net.o -> gen/netlib.o"
  private static let appLink = "link app [final] build/main.o gen/netlib.o -> gen/app.o"

  static let cases: [Case] = [
    Case("an object by itself has none", main, tasks: []),
    Case(
      "a self-contained skeleton reads the object too", main, skeleton(""),
      tasks: [inspect, "header gen/main.h [0 main] inspect main#0 build/main.o -> gen/main.h"]),
    Case(
      "a split skeleton reads only the layout, its payload the object", main,
      skeleton(", \"payload\": \"gen/main.skel.o\""),
      tasks: [
        "inspect main [1 main] build/main.o -> 1", "header gen/main.h [1 main] inspect main#0 -> gen/main.h",
        "payload gen/main.skel.o [1 main] inspect main#0 build/main.o -> gen/main.skel.o",
      ]),
    Case(
      "a payload is for the machine of another object", main,
      skeleton(", \"payload\": \"gen/main.skel.o\", \"like\": \"user.o\""),
      tasks: [
        "inspect main [1 main] build/main.o -> 1", "header gen/main.h [1 main] inspect main#0 -> gen/main.h",
        "payload gen/main.skel.o [1 main] inspect main#0 build/main.o user.o -> gen/main.skel.o",
      ]),
    Case(
      "a payload in C knows the object's name", main, skeleton(", \"payload\": \"gen/main.skel.c\""),
      tasks: [
        "inspect main [1 main] build/main.o -> 1", "header gen/main.h [1 main] inspect main#0 -> gen/main.h",
        "payload gen/main.skel.c [1 main|main.o] inspect main#0 build/main.o -> gen/main.skel.c",
      ]),
    Case(
      "options are parameters of the header, its payload and the inspection", main,
      skeleton(
        ", \"payload\": \"p.o\", \"name\": \"app\", \"scope\": \"a b\", \"strip\": true, \"assert_members\": true"),
      tasks: [
        "inspect main [1 app assert strip\ta b] build/main.o -> 1",
        "header gen/main.h [1 app assert strip\ta b] inspect main#0 -> gen/main.h",
        "payload p.o [1 app assert strip\ta b] inspect main#0 build/main.o -> p.o",
      ]),
    Case(
      "an object is inspected once for all its headers, with a value for each", main,
      "\"skeletons\": [{\"of\": \"main\", \"header\": \"a.h\", \"name\": \"a\"}, {\"of\": \"main\", \"header\": \"b.h\", \"name\": \"b\"}]",
      "\"subskeletons\": [{\"of\": \"main\", \"header\": \"c.h\", \"name\": \"c\"}]",
      tasks: [
        "inspect main [0 a|0 b|2 c] build/main.o -> 3", "header a.h [0 a] inspect main#0 build/main.o -> a.h",
        "header b.h [0 b] inspect main#1 build/main.o -> b.h", "header c.h [2 c] inspect main#2 -> c.h",
      ]),
    Case(
      "a library is linked, and inspected for its subskeleton", both, netlib,
      "\"subskeletons\": [{\"of\": \"netlib\", \"header\": \"gen/netlib.h\"}]",
      tasks: [
        netlibLink, "inspect netlib [2 netlib] gen/netlib.o -> 1",
        "header gen/netlib.h [2 netlib] inspect netlib#0 -> gen/netlib.h",
      ]),
    Case(
      "a library and a final without headers are linked, and that is all", both, netlib, app,
      tasks: [netlibLink, appLink]),
    Case(
      "a library with a subskeleton is compared with its final: both have a contract", both, netlib, app,
      "\"subskeletons\": [{\"of\": \"netlib\", \"header\": \"gen/netlib.h\"}]",
      tasks: [
        netlibLink, "inspect netlib [2 netlib|contract] gen/netlib.o -> 2",
        "header gen/netlib.h [2 netlib] inspect netlib#0 -> gen/netlib.h", appLink,
        "inspect app [contract] gen/app.o -> 1", "check netlib in app [] inspect netlib#1 inspect app#0 -> 1",
      ]),
    Case(
      "a contract comes after the values of headers", both, netlib, app,
      "\"skeletons\": [{\"of\": \"app\", \"header\": \"gen/app.h\", \"payload\": \"gen/p.o\"}]",
      "\"subskeletons\": [{\"of\": \"netlib\", \"header\": \"gen/netlib.h\"}]",
      tasks: [
        netlibLink, "inspect netlib [2 netlib|contract] gen/netlib.o -> 2",
        "header gen/netlib.h [2 netlib] inspect netlib#0 -> gen/netlib.h", appLink,
        "inspect app [1 app|contract] gen/app.o -> 2", "header gen/app.h [1 app] inspect app#0 -> gen/app.h",
        "payload gen/p.o [1 app] inspect app#0 gen/app.o -> gen/p.o",
        "check netlib in app [] inspect netlib#1 inspect app#1 -> 1",
      ]),
    Case(
      "an object with a subskeleton is compared with the final that it is in through a library", both, netlib, app,
      "\"subskeletons\": [{\"of\": \"net\", \"header\": \"gen/net.h\"}]",
      tasks: [
        "inspect net [2 net|contract] build/net.o -> 2", "header gen/net.h [2 net] inspect net#0 -> gen/net.h",
        netlibLink, appLink, "inspect app [contract] gen/app.o -> 1",
        "check net in app [] inspect net#1 inspect app#0 -> 1",
      ]),
    Case(
      "a final with a subskeleton of its own is compared with nothing", both, netlib, app,
      "\"subskeletons\": [{\"of\": \"app\", \"header\": \"gen/app.h\"}]",
      tasks: [
        netlibLink, appLink, "inspect app [2 app] gen/app.o -> 1",
        "header gen/app.h [2 app] inspect app#0 -> gen/app.h",
      ]),
    Case(
      "a part of each kernel's BTF, of what each object asks for", both,
      "\"min_core_btfs\": [{\"of\": [\"main\", \"net\"], \"btfs\": [\"kernels/6.1\", \"kernels/6.6\"], \"out_dir\": \"gen\"}]",
      tasks: [
        "needs main [] build/main.o -> 1", "needs net [] build/net.o -> 1",
        "min-core-btf gen/6.1 [] needs main#0 needs net#0 kernels/6.1 -> gen/6.1",
        "min-core-btf gen/6.6 [] needs main#0 needs net#0 kernels/6.6 -> gen/6.6",
      ]),
    Case(
      "what an object asks for is found once for all entries that name it, as often as they do", main,
      "\"min_core_btfs\": [{\"of\": [\"main\", \"main\"], \"btfs\": [\"k\"], \"out_dir\": \"a\"}, {\"of\": [\"main\"], \"btfs\": [\"k\"], \"out_dir\": \"b\"}]",
      tasks: [
        "needs main [] build/main.o -> 1", "min-core-btf a/k [] needs main#0 k -> a/k",
        "min-core-btf b/k [] needs main#0 k -> b/k",
      ]),
    Case(
      "paths are normalized: two spellings are one file", "\"objects\": {\"main\": \"./build/../build//main.o\"}",
      skeleton(""), tasks: [inspect, "header gen/main.h [0 main] inspect main#0 build/main.o -> gen/main.h"]),
    Case(
      "an object that a link writes is read after it", both,
      "\"libraries\": {\"netlib\": {\"inputs\": [\"net\"], \"output\": \"build/main.o\"}}",
      skeleton(""),
      tasks: [
        inspect, "header gen/main.h [0 main] inspect main#0 build/main.o -> gen/main.h",
        "link netlib [library] build/net.o -> build/main.o",
      ]),
  ]

  @Test("are", arguments: cases)
  func tasks(_ test: Case) throws {
    let drawn = try DrawnProject("{\"bpfgen\": 1, \(test.keys.joined(separator: ", "))}")
    #expect(Self.lines(drawn) == test.tasks)
    // Every task comes after those that it reads something of.
    let order = Array(drawn.project.graph.order)
    for task in order {
      let needed = drawn.project.graph.inputs(task).compactMap { drawn.project.graph.producer(SlotID($0)) }
      #expect(needed.allSatisfy { order.firstIndex(of: $0)! < order.firstIndex(of: task)! })
    }
  }

  /// The tasks of a graph; paths as the graph file has them, the lines of parameters parted by `|`.
  private static func lines(_ drawn: DrawnProject) -> [String] {
    let graph = drawn.project.graph
    func title(_ task: TaskID) -> String { "\(graph.rule(task).name) \(drawn.relative(graph.name(task)))" }
    func input(_ slot: SlotID) -> String {
      if !graph.path(slot).isEmpty { return drawn.relative(graph.path(slot)) }
      let producer = graph.producer(slot)!
      return "\(title(producer))#\(Int(slot.raw) - graph.outputs(producer).upperBound)"
    }
    return graph.tasks.map { task in
      let parameters = graph.parameters(task).replacing("\n", with: "|")
      let outputs = graph.outputs(task).map { drawn.relative(graph.path(SlotID(UInt32($0)))) }
      let values = graph.slots(task).count - outputs.count
      let results = outputs + (values > 0 ? ["\(values)"] : [])
      return ([title(task), "[\(parameters)]"] + graph.inputs(task).map { input(SlotID($0)) } + ["->"] + results)
        .joined(separator: " ")
    }
  }

  // MARK: Several files

  /// A folder with a graph file that includes another one.
  private static func including(_ keys: String, _ included: String) throws -> DrawnProject {
    let project = try DrawnProject { folder in
      try FileManager.default.createDirectory(atPath: folder + "/lib", withIntermediateDirectories: true)
      try "{\"bpfgen\": 1, \(keys)}".write(toFile: folder + "/bpfgen.json", atomically: true, encoding: .utf8)
      try "{\"bpfgen\": 1, \(included)}".write(toFile: folder + "/lib/net.json", atomically: true, encoding: .utf8)
    }
    return project
  }

  @Test("an included file's paths are relative to its folder, and its names are prefixed with its path")
  func include() throws {
    let drawn = try Self.including(
      "\"include\": [{\"file\": \"lib/net.json\", \"as\": \"net\"}], \"objects\": {\"main\": \"main.o\"}, "
        + "\"finals\": {\"app\": {\"inputs\": [\"main\", \"net:lib\"], \"output\": \"app.o\"}}",
      "\"objects\": {\"main\": \"main.o\"}, \"libraries\": {\"lib\": {\"inputs\": [\"main\"], \"output\": \"../gen/lib.o\"}}"
    )
    #expect(
      Self.lines(drawn) == [
        "link app [final] main.o gen/lib.o -> app.o", "link lib/net.json:lib [library] lib/main.o -> gen/lib.o",
      ])
    #expect(drawn.project.names == ["app", "lib/net.json:lib"])
    #expect(drawn.project.tasks(target: "net:lib") == drawn.project.tasks(target: "lib/net.json:lib"))
    #expect(drawn.project.tasks(target: "net:lib") != nil)
  }

  @Test("a header of another file's object is named after that object")
  func headerOfIncluded() throws {
    let drawn = try Self.including(
      "\"include\": [\"lib/net.json\"], \"skeletons\": [{\"of\": \"lib/net.json:main\", \"header\": \"h\"}]",
      "\"objects\": {\"main\": \"main.o\"}")
    #expect(
      Self.lines(drawn) == [
        "inspect lib/net.json:main [0 main] lib/main.o -> 1",
        "header h [0 main] inspect lib/net.json:main#0 lib/main.o -> h",
      ])
  }

  @Test("an absolute path below the graph file's folder is the same as a relative one")
  func absolutePaths() throws {
    let drawn = try DrawnProject { folder in
      let text = "{\"bpfgen\": 1, \"objects\": {\"main\": \"\(folder)/build/main.o\"}, \(Self.skeleton(""))}"
      try text.write(toFile: folder + "/bpfgen.json", atomically: true, encoding: .utf8)
    }
    let relative = try DrawnProject("{\"bpfgen\": 1, \(Self.main), \(Self.skeleton(""))}")
    #expect(drawn.project.graph.fingerprint == relative.project.graph.fingerprint)
  }
}
