import BPF
import Emit
import Incr
import Testing

@testable import GenGraph

/// A build runs what it decodes from the graph: a task's parameters must survive encoding.
@Suite("What a task of a graph does")
struct TaskActionTests {
  private static func spec(
    _ name: String, _ kind: HeaderOptions.Kind, scope: String? = nil, assert: Bool = false, strip: Bool = false
  ) -> HeaderSpec {
    .init(name: name, kind: kind, scope: scope.map { PayloadScope($0)! }, assertMembers: assert, strip: strip)
  }

  static let specs: [HeaderSpec] = [
    spec("app", .selfContained), spec("app", .split), spec("app", .subskeleton), spec("app", .light),
    spec("app", .lightSplit), spec("app", .split, assert: true), spec("app", .split, strip: true),
    spec("app", .split, scope: "one", assert: true, strip: true), spec("app", .split, scope: "assert strip"),
    spec("app", .split, scope: " a  b "), spec("app", .split, scope: "größe \u{2028}\u{85}x"),
    spec("strip", .split), spec("strip", .split, scope: "s", assert: true), spec("contract", .subskeleton),
  ]

  static let kernelChecks: [KernelCheckSpec] = [false, true].flatMap { isReportOnly in
    [nil, 2].map { baseline in
      KernelCheckSpec(
        kernels: [
          .init(name: "5.4.0-42", version: KernelVersion(major: 5, minor: 4)), .init(name: "größe  x", version: nil),
          .init(name: "255", version: KernelVersion(major: 255, minor: 0)),
        ], isReportOnly: isReportOnly, baseline: baseline)
    }
  }

  static let parameters: [TaskParameters] =
    [.link(isFinal: false), .link(isFinal: true), .check, .needs, .minimalBTF, .kernelNeeds, .kernel]
    + kernelChecks.map { .kernelCheck($0) }
    + [false, true].map { .inspect(specs, hasContract: $0) } + [.inspect([], hasContract: true)]
    + specs.map { .header($0) } + specs.map { .inspect([$0], hasContract: true) }
    + specs.filter(\.kind.hasPayload).flatMap { spec in
      [nil, "", "file name", "a\nb"].map { .payload(spec, fileName: $0) }
    }

  @Test("parameters survive encoding", arguments: parameters)
  func decoded(_ parameters: TaskParameters) {
    #expect(TaskParameters(decoding: parameters.encode(), rule: parameters.rule) == parameters)
  }

  static let damaged: [(rule: ProjectRule, texts: [String])] = [
    (.link, ["", "Final", "final ", "library\nfinal"]),
    (.inspect, ["\n", "contract\n", "contract\ncontract", "0 app\n\n0 app", "0 app\n", "app", "\ncontract"]),
    (
      .header,
      [
        "", " ", "\t", "0", "0 ", " app", "app", "9 app", "256 app", "-1 app", "+0 app", "00 app",
        "0 app assert assert",
        "0 app strip assert", "0 app other", "0  app", "0 app ", "0 app\t", "0 app\ts\tt", "0 app\t\u{1}",
        "0 app\t\u{fffd}", "0 a-b", "0 1a", "0 int", "0 app\n", "0 app\nfile", "\0 app", "0 größe",
      ]
    ),
    (.payload, ["", "\n", "0 app", "2 app", "3 app", "1 app strip strip\nx", "file"]),
    (.check, [" ", "final"]), (.needs, ["x"]), (.minimalBTF, ["\n"]), (.kernelNeeds, ["x"]), (.kernel, [" "]),
    (
      .kernelCheck,
      [
        "", "check", "check\n", "other\na", "check other\na", "report  baseline\na", "check baseline baseline\na",
        "check baseline\na",
        "check baseline 0\na", "check baseline 02\na", "check baseline 2 3\na",
        "check\na\t", "check\na\t5", "check\na\t5.4.1", "check\na\t05.4", "check\na\t5.256", "check\na\t5.4\t5.4",
        "check\n\n", "check\n\t5.4",
      ]
    ),
  ]

  @Test("anything except the encoded form of a rule's parameters is refused", arguments: damaged)
  func refused(_ rule: ProjectRule, _ texts: [String]) {
    for text in texts { #expect(TaskParameters(decoding: text, rule: rule) == nil, "\(text.debugDescription)") }
  }

  @Test("is identified by its rule's name and version")
  func rules() {
    for rule in ProjectRule.allCases {
      #expect(ProjectRule(rule.rule) == rule)
      #expect(ProjectRule(Rule(name: rule.rawValue, version: rule.rule.version + 1)) == nil)
    }
    #expect(ProjectRule(Rule(name: "", version: 1)) == nil)
  }

  /// A task of a graph in which task 0 inspects object `o` for two values, tasks 1 and 2 ask for the needs of it, and task 3 asks
  /// kernel `b` for both.
  private func action(
    _ parameters: TaskParameters, _ inputs: [TaskGraphBuilder.Input], _ outputs: [String] = [], values: Int = 0
  ) throws -> TaskAction? {
    var builder = TaskGraphBuilder()
    _ = try builder.add(
      ProjectRule.inspect.rule, name: "i", parameters: "", inputs: [.file("o")], values: 2)
    _ = try builder.add(ProjectRule.needs.rule, name: "n", parameters: "", inputs: [.file("o")], values: 1)
    _ = try builder.add(ProjectRule.kernelNeeds.rule, name: "k", parameters: "", inputs: [.file("o")], values: 1)
    _ = try builder.add(
      ProjectRule.kernel.rule, name: "b", parameters: "", inputs: [.file("b"), Self.needs, .value(TaskID(2), 0)],
      values: 2)
    let task = try builder.add(
      parameters.rule.rule, name: "t", parameters: parameters.encode(), inputs: inputs, outputs: outputs,
      values: values)
    return TaskAction(task, of: try builder.build())
  }

  private static let (asked, answer, moreAnswers) = (
    TaskGraphBuilder.Input.value(TaskID(2), 0), TaskGraphBuilder.Input.value(TaskID(3), 0),
    TaskGraphBuilder.Input.value(TaskID(3), 1)
  )
  private static let (layout, other, needs) = (
    TaskGraphBuilder.Input.value(TaskID(0), 0), TaskGraphBuilder.Input.value(TaskID(0), 1),
    TaskGraphBuilder.Input.value(TaskID(1), 0)
  )

  @Test("is its parameters, with the files of the graph")
  func files() throws {
    let split = Self.specs[1]
    guard case .link(["a", "b"], "c", true) = try action(.link(isFinal: true), [.file("a"), .file("b")], ["c"]),
      case .inspect("o", Self.specs, true) = try action(
        .inspect(Self.specs, hasContract: true), [.file("o")], values: Self.specs.count + 1),
      case .header(Self.specs[0], "o", "h") = try action(.header(Self.specs[0]), [Self.layout, .file("o")], ["h"]),
      case .header(split, "o", "h") = try action(.header(split), [Self.layout], ["h"]),
      case .payload(split, "o", "p.o", nil) = try action(
        .payload(split, fileName: nil), [Self.layout, .file("o")], ["p.o"]),
      case .payload(split, "o", "p.c", "like") = try action(
        .payload(split, fileName: "o"), [Self.layout, .file("o"), .file("like")], ["p.c"]),
      case .check("o", "o") = try action(.check, [Self.layout, Self.other], values: 1),
      case .needs("o") = try action(.needs, [.file("o")], values: 1),
      case .minimalBTF("k", ["o"], "m") = try action(.minimalBTF, [Self.needs, .file("k")], ["m"]),
      case .kernelNeeds("o") = try action(.kernelNeeds, [.file("o")], values: 1),
      case .kernel(["k"], ["o", "o"]) = try action(.kernel, [.file("k"), Self.needs, Self.needs], values: 2),
      case .kernel(["k", "m"], ["o"]) = try action(.kernel, [.file("k"), .file("m"), Self.needs], values: 1),
      case .kernelCheck(Self.kernelChecks[0], "o", [["b"], ["b"], ["b"]], nil, nil) = try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("o"), Self.asked, Self.answer, Self.moreAnswers, Self.answer],
        values: 1),
      case .kernelCheck(Self.kernelChecks[1], "o", [["b"], ["b"], ["b"]], "known", "r") = try action(
        .kernelCheck(Self.kernelChecks[1]),
        [.file("o"), Self.asked, Self.answer, Self.answer, Self.answer, .file("known")], ["r"])
    else {
      Issue.record("another task")
      return
    }
  }

  @Test("is not decoded from a task whose files do not match its rule")
  func misfits() throws {
    let (selfContained, split) = (Self.specs[0], Self.specs[1])
    let misfits: [TaskAction?] = [
      try action(.link(isFinal: true), [], ["c"]),
      try action(.link(isFinal: true), [.file("a")]),
      try action(.link(isFinal: true), [.file("a")], ["c", "d"]),
      try action(.link(isFinal: true), [.file("a")], ["c"], values: 1),
      try action(.link(isFinal: true), [Self.layout], ["c"]),
      try action(.inspect([split], hasContract: true), [.file("o")], values: 1),
      try action(.inspect([split], hasContract: true), [.file("o")], values: 3),
      try action(.inspect([split], hasContract: true), [], values: 2),
      try action(.inspect([split], hasContract: true), [Self.layout], values: 2),
      try action(.inspect([split], hasContract: true), [.file("o")], ["x"], values: 2),
      try action(.header(selfContained), [Self.layout], ["h"]),
      try action(.header(selfContained), [Self.layout, .file("x")], ["h"]),
      try action(.header(split), [], ["h"]),
      try action(.header(split), [.file("o")], ["h"]),
      try action(.header(split), [Self.layout, .file("o")], ["h"]),
      try action(.header(split), [Self.layout]),
      try action(.payload(split, fileName: nil), [Self.layout], ["p.o"]),
      try action(.payload(split, fileName: nil), [Self.layout, .file("x")], ["p.o"]),
      try action(.payload(split, fileName: nil), [Self.layout, .file("o"), Self.layout], ["p.o"]),
      try action(.payload(split, fileName: nil), [Self.layout, .file("o")], ["p.c"]),
      try action(.payload(split, fileName: "o"), [Self.layout, .file("o")], ["p.o"]),
      try action(.payload(split, fileName: "x"), [Self.layout, .file("o")], ["p.c"]),
      try action(.check, [Self.layout], values: 1),
      try action(.check, [Self.layout, .file("o")], values: 1),
      try action(.check, [Self.layout, Self.layout]),
      try action(.needs, [.file("o")], values: 2),
      try action(.minimalBTF, [], ["m"]),
      try action(.minimalBTF, [.file("k")], ["m"]),
      try action(.minimalBTF, [Self.needs], ["m"]),
      try action(.minimalBTF, [.file("o"), .file("k")], ["m"]),
      try action(.kernelNeeds, [Self.layout], values: 1),
      try action(.kernelNeeds, [.file("o")], ["x"]),
      try action(.kernel, [.file("k")], values: 0),
      try action(.kernel, [.file("k"), Self.needs], values: 2),
      try action(.kernel, [.file("k"), .file("o")], values: 1),
      try action(.kernel, [Self.needs, Self.needs], values: 1),
      try action(.kernelCheck(Self.kernelChecks[0]), [.file("o"), Self.asked, Self.answer, Self.answer], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("o"), Self.asked, Self.answer, Self.answer, Self.layout], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("o"), Self.asked, Self.answer, Self.answer, .file("b")], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("o"), .file("o"), Self.answer, Self.answer, Self.answer], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("x"), Self.asked, Self.answer, Self.answer, Self.answer], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[0]), [.file("o"), Self.asked, Self.answer, Self.answer, Self.answer], values: 2),
      try action(
        .kernelCheck(Self.kernelChecks[1]), [.file("o"), Self.asked, Self.answer, Self.answer, Self.answer], values: 1),
      try action(
        .kernelCheck(Self.kernelChecks[1]),
        [.file("o"), Self.asked, Self.answer, Self.answer, Self.answer, Self.layout], values: 1),
    ]
    for (index, action) in misfits.enumerated() { #expect(action == nil, "misfit \(index)") }
  }
}
