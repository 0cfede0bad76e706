import Emit
import Incr
import Testing

@testable import GenGraph

/// A build runs what it reads of the graph: a task's parameters must give back what they were made from.
@Suite("What a task of a graph does")
struct TaskActionTests {
  private static func spec(
    _ name: String, _ kind: HeaderOptions.Kind, scope: String? = nil, assert: Bool = false, strip: Bool = false
  ) -> TaskAction.HeaderSpec {
    .init(name: name, kind: kind, scope: scope.map { PayloadScope($0)! }, assertMembers: assert, strip: strip)
  }

  static let specs: [TaskAction.HeaderSpec] = [
    spec("app", .selfContained), spec("app", .split), spec("app", .subskeleton), spec("app", .light),
    spec("app", .lightSplit), spec("app", .split, assert: true), spec("app", .split, strip: true),
    spec("app", .split, scope: "one", assert: true, strip: true), spec("app", .split, scope: "assert strip"),
    spec("app", .split, scope: " a  b "), spec("app", .split, scope: "größe \u{2028}\u{85}x"),
    spec("assert", .split), spec("strip", .split), spec("strip", .split, scope: "s", assert: true),
    spec("contract", .subskeleton),
  ]

  @Test("is what its parameters were made from", arguments: specs)
  func headers(_ spec: TaskAction.HeaderSpec) throws {
    var builder = TaskGraphBuilder()
    let inspection = try builder.add(
      ProjectBuilder.Rules.inspect, name: "i",
      parameters: TaskAction.Parameters.inspect([spec, Self.specs[0]], hasContract: true), inputs: [.file("o")],
      values: 3)
    let header = try builder.add(
      ProjectBuilder.Rules.header, name: "h", parameters: spec.text, inputs: [.value(inspection, 0)], outputs: ["h"])
    let payload = try builder.add(
      ProjectBuilder.Rules.payload, name: "p", parameters: TaskAction.Parameters.payload(spec, file: "file name"),
      inputs: [.value(inspection, 0), .file("o"), .file("like")], outputs: ["p.c"])
    let graph = try builder.build()

    guard case .inspect("o", let headers, true) = TaskAction(inspection, of: graph) else {
      Issue.record("\(TaskAction(inspection, of: graph))")
      return
    }
    #expect(headers == [spec, Self.specs[0]])
    guard case .header(let read, "o", "h") = TaskAction(header, of: graph) else {
      Issue.record("\(TaskAction(header, of: graph))")
      return
    }
    #expect(read == spec)
    guard case .payload(let read, "o", "p.c", "like") = TaskAction(payload, of: graph) else {
      Issue.record("\(TaskAction(payload, of: graph))")
      return
    }
    #expect(read == spec)
  }

  @Test("an inspection may be for a contract only, or for headers only", arguments: [[], specs], [false, true])
  func inspections(_ headers: [TaskAction.HeaderSpec], _ hasContract: Bool) throws {
    guard !headers.isEmpty || hasContract else { return }
    var builder = TaskGraphBuilder()
    let task = try builder.add(
      ProjectBuilder.Rules.inspect, name: "i",
      parameters: TaskAction.Parameters.inspect(headers, hasContract: hasContract), inputs: [.file("o")],
      values: headers.count + 1)
    guard case .inspect(_, let read, let isRead) = TaskAction(task, of: try builder.build()) else {
      Issue.record("no inspection")
      return
    }
    #expect(read == headers && isRead == hasContract)
  }

  @Test("a link makes a library or a final", arguments: [false, true])
  func links(_ isFinal: Bool) throws {
    var builder = TaskGraphBuilder()
    let task = try builder.add(
      ProjectBuilder.Rules.link, name: "l", parameters: TaskAction.Parameters.link(isFinal: isFinal),
      inputs: [.file("a"), .file("b")], outputs: ["o"])
    guard case .link(["a", "b"], "o", let isRead) = TaskAction(task, of: try builder.build()) else {
      Issue.record("no link")
      return
    }
    #expect(isRead == isFinal)
  }
}
