internal import Emit
internal import Files
internal import Incr

extension Project {
  /// The project as a Bazel package, with a target for each output, using the rules of `bazel/defs.bzl`.
  ///
  /// The package is the folder of the graph file. It does not describe how objects are compiled: each of a compiler's
  /// objects is an alias of its file, which can be replaced by a `bpf_object`.
  ///
  /// - Throws: ``ProcessPlanError/unnameable(path:tool:objection:)`` for paths that cannot be labels of the package.
  package func bazelText() throws(ProcessPlanError) -> String {
    var package = BazelPackage(self)
    try package.addObjects()
    try package.addTasks()
    return package.text
  }
}

/// Targets, named and ordered as in the graph file.
private struct BazelPackage {
  private let project: Project
  private var rules = BazelRules()
  /// The labels of objects, by path.
  private var labels: [PathKey: String] = [:]
  private var taken: Set<String> = []
  private var linkNames: [TaskID: String] = [:]
  private var isLibrary: Set<String> = []

  init(_ project: Project) {
    self.project = project
    // A target and a source file cannot have the same name.
    for slot in 0..<project.graph.sourceCount {
      taken.insert(Paths.relative(project.graph.path(SlotID(UInt32(slot))), to: project.root) ?? "")
    }
    for task in project.graph.tasks {
      guard case .link(_, let output, let isFinal) = project.action(task) else { continue }
      let name = newName(after: project.graph.name(task))
      linkNames[task] = name
      labels[PathKey(output)] = ":" + name
      if !isFinal { isLibrary.insert(":" + name) }
    }
  }

  var text: String {
    """
    # The targets of \(Paths.name(of: project.graphFiles[0])), for this folder's BUILD.bazel, to be edited from here on.
    \(project.hasKernelChecks ? "# kernel_checks are not here: bpf_check_kernels is a rule for them.\n" : "")
    \(rules.text)
    """
  }

  mutating func addObjects() throws(ProcessPlanError) {
    for object in project.objects {
      let actual = try label(object.path)
      let name = newName(after: object.name)
      rules.add(
        "alias", name, [("actual", .text(actual))],
        comment: rules.has("alias")
          ? nil : "Made by a compiler: a bpf_object of the same name can replace an alias.")
      if labels[PathKey(object.path)] == nil { labels[PathKey(object.path)] = ":" + name }
    }
  }

  mutating func addTasks() throws(ProcessPlanError) {
    var minimal: [BazelMinimalBTFs] = []
    for task in project.graph.tasks {
      switch project.action(task) {
      case .link(let inputs, _, let isFinal): try addLink(linkNames[task]!, inputs, isFinal)
      case .header(let spec, let object, let output): try addHeader(spec, object, output)
      case .minimalBTF(let kernel, let objects, let output):
        let folder = Paths.folder(of: output)
        let group = try BazelMinimalBTFs(folder: folder, objects: labels(objects), kernels: [file(kernel)])
        if let known = minimal.firstIndex(where: { $0.folder == folder && $0.objects == group.objects }) {
          minimal[known].kernels += group.kernels
        } else {
          minimal.append(group)
        }
      case .inspect, .payload, .check, .needs, .kernelNeeds, .kernel, .kernelCheck: break
      }
    }
    for group in minimal {
      rules.add(
        "min_core_btf", newName(after: Paths.name(of: group.folder)),
        [("btfs", .list(group.kernels)), ("objects", .list(group.objects))])
    }
  }

  private mutating func addLink(_ name: String, _ inputs: [String], _ isFinal: Bool) throws(ProcessPlanError) {
    let inputs = try labels(inputs)
    // `libraries` are linked after `objects`; if the order differs, all are listed as objects.
    let firstLibrary = inputs.firstIndex(where: isLibrary.contains) ?? inputs.endIndex
    let split = inputs[firstLibrary...].allSatisfy(isLibrary.contains) ? firstLibrary : inputs.endIndex
    rules.add(
      isFinal ? "bpf_final" : "bpf_library", name,
      [("libraries", .list(Array(inputs[split...]))), ("objects", .list(Array(inputs[..<split])))])
  }

  private mutating func addHeader(
    _ spec: HeaderSpec, _ object: String, _ output: String
  ) throws(ProcessPlanError) {
    let header = try file(output)
    let name = newName(after: header.hasSuffix(".h") ? String(header.dropLast(2)) : header)
    let label = try label(object)
    let isSubskeleton = spec.kind == .subskeleton
    let rule = "bpf_" + ProcessPlan.Step.Command(spec.kind).rawValue.replacing("-", with: "_")
    var scope: [(String, BazelRules.Value)] = []
    if let text = spec.scope?.text {
      guard text.utf8.allSatisfy({ $0 < 128 }) else {
        throw .unnameable(path: text, tool: .bazel, objection: "a scope with letters that are not ASCII")
      }
      scope = [("scope", .text(text))]
    }
    rules.add(
      rule, name,
      [
        ("assert_members", .flag(spec.assertMembers)), ("header", .text(header)),
        (isSubskeleton ? "library" : "object", .text(label)),
      ] + scope + [
        ("self_contained", .flag(spec.kind.isSelfContained)), ("strip", .flag(spec.strip)),
        ("struct", .text(spec.name)),
      ])
  }

  // MARK: Names

  private func labels(_ paths: [String]) throws(ProcessPlanError) -> [String] {
    var found: [String] = []
    for path in paths { found.append(try label(path)) }
    return found
  }

  private func label(_ path: String) throws(ProcessPlanError) -> String {
    if let known = labels[PathKey(path)] { return known }
    return try file(path)
  }

  /// A file's label within the package: its path.
  private func file(_ path: String) throws(ProcessPlanError) -> String {
    guard let relative = Paths.relative(path, to: project.root) else {
      throw .unnameable(path: path, tool: .bazel, objection: "a place outside of the graph file's folder")
    }
    if let objection = BuildTool.bazel.objection(to: relative) {
      throw .unnameable(path: path, tool: .bazel, objection: objection)
    }
    return relative
  }

  /// A target's name: the last part of a path or a qualified name, or all of it if that name is in use.
  private mutating func newName(after name: String) -> String {
    let last = name.utf8.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
    let short = last.map { String(name[name.utf8.index(after: $0)...]) } ?? name
    var candidate = BazelRules.targetName(short)
    var count = 0
    while !taken.insert(candidate).inserted {
      count += 1
      candidate = BazelRules.targetName(name) + (count == 1 ? "" : "_\(count)")
    }
    return candidate
  }
}

/// Minimal BTF made for the same objects in one folder.
private struct BazelMinimalBTFs {
  let folder: String
  let objects: [String]
  var kernels: [String]
}
