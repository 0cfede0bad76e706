internal import Emit
package import Incr

/// What a task of a project does: its parameters, and its files from the graph. Paths are as seen by this process.
///
/// It is decoded from the task graph only: a build that takes the graph from its state runs tasks without reading the
/// graph file, and what is hashed into a task's recipe is what the task does.
package enum TaskAction {
  case link(inputs: [String], output: String, isFinal: Bool)
  /// Computes the layout id of each header of the object, followed by the contract's id if it is checked.
  case inspect(object: String, headers: [HeaderSpec], hasContract: Bool)
  case header(HeaderSpec, object: String, output: String)
  case payload(HeaderSpec, object: String, output: String, like: String?)
  case check(library: String, final: String)
  /// Finds what the object's CO-RE relocations need from a kernel.
  case needs(object: String)
  case minimalBTF(kernel: String, objects: [String], output: String)
  /// Finds all that the object asks of kernels.
  case kernelNeeds(object: String)
  /// Finds what a kernel answers to each of the objects.
  ///
  /// - Parameter files: its BTF, and that of its modules.
  case kernel(_ files: [String], objects: [String])
  /// Finds whether the kernels load the object.
  case kernelCheck(KernelCheckSpec, object: String, kernels: [[String]], baseline: String?, report: String?)

  /// - Returns: `nil` if the task's parameters do not match its rule, or its inputs and outputs. This never happens for
  ///   graph files; a state with such a task is damaged.
  package init?(_ task: TaskID, of graph: TaskGraph) {
    guard let rule = ProjectRule(graph.rule(task)),
      let parameters = TaskParameters(decoding: graph.parameters(task), rule: rule),
      let action = TaskAction(parameters, TaskFiles(task, of: graph))
    else { return nil }
    self = action
  }

  private init?(_ parameters: TaskParameters, _ files: TaskFiles) {
    switch parameters {
    case .link(let isFinal):
      guard files.inputCount > 0, let inputs = files.paths(0..<files.inputCount), let output = files.output else {
        return nil
      }
      self = .link(inputs: inputs, output: output, isFinal: isFinal)
    case .inspect(let headers, let hasContract):
      guard files.inputCount == 1, let object = files.path(0), files.has(values: headers.count + (hasContract ? 1 : 0))
      else { return nil }
      self = .inspect(object: object, headers: headers, hasContract: hasContract)
    case .header(let header):
      // A header that contains bytes also consumes the object's content.
      guard files.inputCount == (header.kind.isSelfContained ? 2 : 1), let object = files.inspected(0),
        files.inputCount == 1 || files.path(1) == object, let output = files.output
      else { return nil }
      self = .header(header, object: object, output: output)
    case .payload(let header, let fileName):
      guard 2...3 ~= files.inputCount, let object = files.path(1), files.inspected(0) == object,
        let output = files.output,
        fileName == (output.hasSuffix(".c") ? PayloadSource.fileName(of: object) : nil)
      else { return nil }
      let like = files.inputCount == 3 ? files.path(2) : nil
      guard files.inputCount == 2 || like != nil else { return nil }
      self = .payload(header, object: object, output: output, like: like)
    case .check:
      guard files.inputCount == 2, let library = files.inspected(0), let final = files.inspected(1),
        files.has(values: 1)
      else { return nil }
      self = .check(library: library, final: final)
    case .needs:
      guard files.inputCount == 1, let object = files.path(0), files.has(values: 1) else { return nil }
      self = .needs(object: object)
    case .minimalBTF:
      let last = files.inputCount - 1
      guard last > 0, let kernel = files.path(last), let output = files.output else { return nil }
      let objects = (0..<last).compactMap(files.inspected)
      guard objects.count == last else { return nil }
      self = .minimalBTF(kernel: kernel, objects: objects, output: output)
    case .kernelNeeds:
      guard files.inputCount == 1, let object = files.path(0), files.has(values: 1) else { return nil }
      self = .kernelNeeds(object: object)
    case .kernel:
      let kernel = files.firstPaths
      let objects = (kernel.count..<files.inputCount).compactMap(files.inspected)
      guard !kernel.isEmpty, !objects.isEmpty, kernel.count + objects.count == files.inputCount,
        files.has(values: objects.count)
      else { return nil }
      self = .kernel(kernel, objects: objects)
    case .kernelCheck(let spec):
      let count = spec.kernels.count
      // The object's needs are an input of its own: an object that cannot be read is an error of the task that finds them.
      guard files.inputCount == 2 + count + (spec.hasBaseline ? 1 : 0), let object = files.path(0),
        files.inspected(1) == object, files.output != nil || files.has(values: 1)
      else { return nil }
      // A kernel's value is of the object that asked for it.
      let kernels = (2..<2 + count).compactMap { files.kernel($0, asked: object) }
      let baseline = spec.hasBaseline ? files.path(2 + count) : nil
      guard kernels.count == count, (baseline != nil) == spec.hasBaseline else { return nil }
      self = .kernelCheck(spec, object: object, kernels: kernels, baseline: baseline, report: files.output)
    }
  }
}

/// The inputs and outputs of a task in a graph. It may come from a state, so they may not match the rule.
private struct TaskFiles {
  private let graph: TaskGraph
  private let inputs: ArraySlice<UInt32>
  private let outputs: Range<Int>
  private let valueCount: Int

  init(_ task: TaskID, of graph: TaskGraph) {
    self.graph = graph
    inputs = graph.inputs(task)
    outputs = graph.outputs(task)
    valueCount = graph.slots(task).count - outputs.count
  }

  var inputCount: Int { inputs.count }

  /// The task's only output; `nil` if it does not have exactly one, or if it has values.
  var output: String? { outputs.count == 1 && valueCount == 0 ? path(of: outputs.lowerBound) : nil }

  /// Whether the task has this many values and no outputs.
  func has(values: Int) -> Bool { outputs.isEmpty && valueCount == values }

  /// The path of an input that is a file; `nil` for a value.
  func path(_ input: Int) -> String? { path(of: Int(inputs[inputs.startIndex + input])) }

  /// The paths of inputs; `nil` if one of them is a value.
  func paths(_ inputs: Range<Int>) -> [String]? {
    let paths = inputs.compactMap { path($0) }
    return paths.count == inputs.count ? paths : nil
  }

  /// The object whose inspection computes an input; `nil` for a file.
  func inspected(_ input: Int) -> String? {
    let value = inputs[inputs.startIndex + input]
    guard path(of: Int(value)) == nil, let producer = graph.producer(SlotID(value)),
      let object = graph.inputs(producer).first
    else { return nil }
    return path(of: Int(object))
  }

  /// The paths of the inputs before the first that is a value.
  var firstPaths: [String] {
    var paths: [String] = []
    while paths.count < inputCount, let path = path(paths.count) { paths.append(path) }
    return paths
  }

  /// The kernel that gives the value of an input; `nil` when it is not one that this object asked it for.
  func kernel(_ input: Int, asked object: String) -> [String]? {
    let value = Int(inputs[inputs.startIndex + input])
    guard path(of: value) == nil, let producer = graph.producer(SlotID(UInt32(value))) else { return nil }
    let files = TaskFiles(producer, of: graph)
    let number = value - graph.slots(producer).lowerBound
    let paths = files.firstPaths
    guard !paths.isEmpty, paths.count + number < files.inputCount, files.inspected(paths.count + number) == object
    else {
      return nil
    }
    return paths
  }

  private func path(of slot: Int) -> String? {
    let path = graph.path(SlotID(UInt32(slot)))
    return path.isEmpty ? nil : path
  }
}
