package import Emit
internal import Files
package import Incr

/// What one task of a project does. Paths are as this process reaches them.
///
/// It is read from the task graph, which holds all of it: a build that takes the graph from its state runs tasks without
/// reading the graph file, and what is hashed into a task's recipe is what the task does.
package enum TaskAction {
  case link(inputs: [String], output: String, isFinal: Bool)
  /// Computes the layout id of each header of the object, then, where it is checked, the contract's id.
  case inspect(object: String, headers: [HeaderSpec], hasContract: Bool)
  case header(HeaderSpec, object: String, output: String)
  case payload(HeaderSpec, object: String, output: String, like: String?)
  case check(library: String, final: String)
  /// Finds what the CO-RE relocations of the object ask a kernel for.
  case needs(object: String)
  case minimalBTF(kernel: String, objects: [String], output: String)

  /// What a header is told beside its object.
  package struct HeaderSpec: Hashable {
    package let name: String
    package let kind: HeaderOptions.Kind
    var scope: PayloadScope?
    var assertMembers = false
    var strip = false

    var options: HeaderOptions { HeaderOptions(kind: kind, scope: scope) }

    /// As a task's parameters have it: words, and the scope after a tab, which it cannot have in it.
    package var text: String {
      "\(kind.rawValue) \(name)" + (assertMembers ? " assert" : "") + (strip ? " strip" : "")
        + (scope.map { "\t" + $0.text } ?? "")
    }

    package init(name: String, kind: HeaderOptions.Kind, scope: PayloadScope?, assertMembers: Bool, strip: Bool) {
      self.name = name
      self.kind = kind
      self.scope = scope
      self.assertMembers = assertMembers
      self.strip = strip
    }

    fileprivate init(_ text: some StringProtocol) {
      let parts = text.split(at: "\t")
      let words = parts[0].split(at: " ")
      // Not the name, which may be that of an option.
      let options = words.dropFirst(2)
      self.init(
        name: String(words[1]), kind: HeaderOptions.Kind(rawValue: UInt8(words[0])!)!,
        scope: parts.count > 1 ? PayloadScope(String(parts[1])) : nil,
        assertMembers: options.contains("assert"), strip: options.contains("strip"))
    }
  }

  /// The parameters of the tasks, a text each: `init(_:of:)` reads them back.
  enum Parameters {
    static func link(isFinal: Bool) -> String { isFinal ? "final" : "library" }

    static func inspect(_ headers: [HeaderSpec], hasContract: Bool) -> String {
      (headers.map(\.text) + (hasContract ? [contract] : [])).joined(separator: "\n")
    }

    /// - Parameter file: what a payload in C calls the object's file.
    static func payload(_ header: HeaderSpec, file: String?) -> String {
      header.text + (file.map { "\n" + $0 } ?? "")
    }

    fileprivate static let contract = "contract"
  }

  package init(_ task: TaskID, of graph: TaskGraph) {
    let inputs = graph.inputs(task).map { SlotID($0) }
    let output = graph.outputs(task).first.map { graph.path(SlotID(UInt32($0))) } ?? ""
    let lines = graph.parameters(task).split(at: "\n", omittingEmpty: false)
    switch graph.rule(task) {
    case ProjectBuilder.Rules.link:
      self = .link(
        inputs: inputs.map(graph.path), output: output, isFinal: lines[0] == Parameters.link(isFinal: true))
    case ProjectBuilder.Rules.inspect:
      let hasContract = lines.last! == Parameters.contract
      let headers = (hasContract ? lines.dropLast() : lines[...]).filter { !$0.isEmpty }
      self = .inspect(
        object: graph.path(inputs[0]), headers: headers.map { HeaderSpec($0) }, hasContract: hasContract)
    case ProjectBuilder.Rules.header:
      self = .header(HeaderSpec(lines[0]), object: TaskAction.inspected(inputs[0], graph), output: output)
    case ProjectBuilder.Rules.payload:
      self = .payload(
        HeaderSpec(lines[0]), object: graph.path(inputs[1]), output: output,
        like: inputs.count > 2 ? graph.path(inputs[2]) : nil)
    case ProjectBuilder.Rules.check:
      self = .check(
        library: TaskAction.inspected(inputs[0], graph), final: TaskAction.inspected(inputs[1], graph))
    case ProjectBuilder.Rules.needs: self = .needs(object: graph.path(inputs[0]))
    case ProjectBuilder.Rules.minimalBTF:
      self = .minimalBTF(
        kernel: graph.path(inputs.last!), objects: inputs.dropLast().map { TaskAction.inspected($0, graph) },
        output: output)
    default: preconditionFailure("no rule of a project: \(graph.rule(task))")
    }
  }

  /// What a file must be for the task's output to take its place; `nil` for a task without one.
  var mark: FileMark? {
    switch self {
    case .link: .relocatable
    case .header: .header
    case .payload(_, _, let output, _): .payload(at: output)
    case .minimalBTF: .btf
    case .inspect, .check, .needs: nil
    }
  }

  /// The object whose look gives a value.
  private static func inspected(_ value: SlotID, _ graph: TaskGraph) -> String {
    graph.path(SlotID(graph.inputs(graph.producer(value)!).first!))
  }
}
