internal import BPF
internal import BTF
internal import Emit
internal import Files
internal import Incr

/// Turns graph files into tasks: resolves names and paths, and assigns parameters.
struct ProjectBuilder {
  /// A named entry: an object of the compiler, a library or a final.
  struct Node {
    let name: String
    let file: Int
    let path: String
    let position: TextPosition
    let link: GraphFile.Link?
    var headers: [NodeHeader] = []
    /// Indices of the nodes that are linked into it.
    var inputs: [Int] = []
    var isChecked = false
    /// Whether minimal BTF is made for it.
    var hasMinimalBTF = false
    var isCheckedAgainstKernels = false
  }

  /// A header of a node, with its entry in the file.
  struct NodeHeader {
    let spec: HeaderSpec
    let path: String
    let entry: GraphFile.Skeleton
    let file: Int
  }

  let files: [GraphFileIncludes.Loaded]
  private let root: String
  var nodes: [Node] = []
  /// For each file, its names.
  private var names: [[String: Int]] = []
  /// The graph files, which no task may write.
  private var graphFiles: Set<PathKey> = []
  /// The paths of objects in the files: a compiler writes them, or a link in another file.
  private var objects: Set<PathKey> = []
  /// The kernel of each minimal BTF.
  private var minimal: [PathKey: String] = [:]
  /// For each file, its kernels by the names that it has for them.
  var kernels: [[String: [KernelFile]]] = []
  /// The folders of kernels: another file in one of them is another graph.
  var folders: [GraphInput] = []
  private var builder = TaskGraphBuilder()
  /// The position of each task in the graph files, for errors that are found late.
  private var positions: [(file: Int, position: TextPosition)] = []

  init(files: [GraphFileIncludes.Loaded]) {
    self.files = files
    root = Paths.folder(of: files[0].file.path)
  }

  mutating func build() throws(GraphFileError) -> Project {
    for index in files.indices { try addNodes(index) }
    graphFiles = Set(files.map { PathKey($0.path) })
    objects = Set(nodes.lazy.filter { $0.link == nil }.map { PathKey($0.path) })
    for index in nodes.indices { try resolveInputs(index) }
    for index in files.indices {
      for entry in files[index].file.skeletons { try addHeader(entry, index) }
    }
    let minimalBTFs = try resolveMinimalBTFs()
    for index in files.indices { try addKernels(index) }
    let kernelChecks = try resolveKernelChecks()
    let checked = checkedPairs()
    for (library, final) in checked {
      nodes[library].isChecked = true
      nodes[final].isChecked = true
    }
    var named: [String: TaskID] = [:]
    var inspections: [Int: TaskID] = [:]
    for index in nodes.indices { try addTasks(index, &named, &inspections) }
    for (library, final) in checked { try addCheck(library, final, inspections) }
    let needs = try addNeeds(&named)
    for (entry, file, objects) in minimalBTFs { try addMinimalBTFs(entry, file, objects.map { needs[$0]! }) }
    try addKernelChecks(kernelChecks, &named)
    do throws(GraphError) {
      var graph = try builder.build()
      graph.root = root
      return Project(
        graph: graph, root: root, files: files.compactMap(\.file.input), folders: folders, named: named,
        objects: nodes.filter { $0.link == nil }.map { Project.NamedPath(name: $0.name, path: located($0.path)) },
        aliases: files[0].includes.mapValues { files[$0].path })
    } catch { throw located(error) }
  }

  // MARK: Names

  private mutating func addNodes(_ index: Int) throws(GraphFileError) {
    let file = files[index].file
    var own: [String: Int] = [:]
    func add(_ name: GraphFile.Named, _ path: GraphFile.Named, _ link: GraphFile.Link?) throws(GraphFileError) {
      if let other = own.updateValue(nodes.count, forKey: name.name) {
        throw GraphFileError(
          path: file.path, position: name.position, problem: .nameClash(name.name, first: nodes[other].position))
      }
      let resolved = try link == nil ? inputPath(path, index) : outputPath(path, index)
      let qualified = index == 0 ? name.name : "\(files[index].path):\(name.name)"
      nodes.append(Node(name: qualified, file: index, path: resolved, position: name.position, link: link))
    }
    for object in file.objects { try add(object.name, object.path, nil) }
    for link in file.links { try add(link.name, link.output, link) }
    names.append(own)
  }

  /// The node with a name that a file uses.
  func resolve(_ name: GraphFile.Named, _ file: Int) throws(GraphFileError) -> Int {
    try lookUp(name, file, in: names) { .unknownName($0, closest: $1) }
  }

  /// Resolves a name in a file: to an entry of the file itself or, as `FILE:NAME`, of one that it includes.
  ///
  /// - Parameters:
  ///   - tables: for each file, its own names.
  ///   - unknown: the problem with a name that does not exist, given the name and the most similar one that does.
  func lookUp<Value>(
    _ name: GraphFile.Named, _ file: Int, in tables: [[String: Value]],
    unknown: (String, String?) -> GraphFileError.Problem
  ) throws(GraphFileError) -> Value {
    if let value = tables[file][name.name] { return value }
    func fail(_ problem: GraphFileError.Problem) -> GraphFileError {
      GraphFileError(path: files[file].file.path, position: name.position, problem: problem)
    }
    guard let colon = name.name.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      throw fail(unknown(name.name, Spelling.closest(to: name.name, among: tables[file].keys.sorted())))
    }
    let (include, own) = (String(name.name[..<colon]), ProjectBuilder.ownName(name.name))
    guard let target = files[file].includes[include] else { throw fail(.unknownFile(include)) }
    guard let value = tables[target][own] else {
      let closest = Spelling.closest(to: own, among: tables[target].keys.sorted()).map { "\(include):\($0)" }
      throw fail(unknown(name.name, closest))
    }
    return value
  }

  /// A name without the file that it is from.
  private static func ownName(_ name: String) -> String {
    name.utf8.lastIndex(of: UInt8(ascii: ":")).map { String(name[name.utf8.index(after: $0)...]) } ?? name
  }

  private mutating func resolveInputs(_ index: Int) throws(GraphFileError) {
    guard let link = nodes[index].link else { return }
    var inputs: [Int] = []
    for input in link.inputs { inputs.append(try resolve(input, nodes[index].file)) }
    nodes[index].inputs = inputs
  }

  private mutating func addHeader(_ entry: GraphFile.Skeleton, _ file: Int) throws(GraphFileError) {
    let node = try resolve(entry.of, file)
    let name = entry.name?.name ?? BPFObject.defaultName(path: ProjectBuilder.ownName(entry.of.name))
    guard BPFObject.isObjectName(name) else {
      throw GraphFileError(
        path: files[file].file.path, position: (entry.name ?? entry.of).position, problem: .badObjectName(name))
    }
    let kind: HeaderOptions.Kind =
      switch entry.form {
      case .skeleton: entry.payload == nil ? .selfContained : .split
      case .subskeleton: .subskeleton
      case .light: entry.payload == nil ? .light : .lightSplit
      }
    let spec = HeaderSpec(
      name: name, kind: kind, scope: entry.scope, assertMembers: entry.assertMembers, strip: entry.strip)
    nodes[node].headers.append(
      NodeHeader(spec: spec, path: try outputPath(entry.header, file), entry: entry, file: file))
  }

  /// Adds each entry's nodes, without duplicates.
  private mutating func resolveMinimalBTFs() throws(GraphFileError)
    -> [(entry: GraphFile.MinimalBTF, file: Int, objects: [Int])]
  {
    var resolved: [(GraphFile.MinimalBTF, Int, [Int])] = []
    for file in files.indices {
      for entry in files[file].file.minimalBTFs {
        var objects: [Int] = []
        for name in entry.of {
          let node = try resolve(name, file)
          nodes[node].hasMinimalBTF = true
          if !objects.contains(node) { objects.append(node) }
        }
        resolved.append((entry, file, objects))
      }
    }
    return resolved
  }

  // MARK: Paths

  /// The graph's paths are relative to the root; code that opens or reports them needs them as seen by this process.
  func located(_ path: String) -> String { Paths.join(root, path) }

  func inputPath(_ path: GraphFile.Named, _ file: Int) throws(GraphFileError) -> String {
    if path.name.isAbsolutePath { return Paths.relative(path.name, to: root) ?? Paths.normalized(path.name) }
    return Paths.normalized(Paths.join(Paths.folder(of: files[file].path), path.name))
  }

  func outputPath(_ path: GraphFile.Named, _ file: Int) throws(GraphFileError) -> String {
    let resolved = try inputPath(path, file)
    guard Paths.isInside(resolved, "") else {
      throw GraphFileError(
        path: files[file].file.path, position: path.position,
        problem: .outsideRoot(path: Paths.normalized(located(resolved)), root: root.isEmpty ? "." : root))
    }
    return resolved
  }

  // MARK: Tasks

  mutating func add(
    _ parameters: TaskParameters, _ name: String, at position: (file: Int, position: TextPosition),
    inputs: [TaskGraphBuilder.Input], outputs: [String] = [], values: Int = 0
  ) throws(GraphFileError) -> TaskID {
    for output in outputs
    where graphFiles.contains(PathKey(output)) || parameters.rule != .link && objects.contains(PathKey(output))
      || output.hasBytes(ProjectBuild.statePrefix)
    {
      throw GraphFileError(
        path: files[position.file].file.path, position: position.position, problem: .outputIsInput(located(output)))
    }
    do throws(GraphError) {
      let task = try builder.add(
        parameters.rule.rule, name: name, parameters: parameters.encode(), inputs: inputs, outputs: outputs,
        values: values)
      positions.append(position)
      return task
    } catch { throw located(error, at: position) }
  }

  private mutating func addTasks(
    _ index: Int, _ named: inout [String: TaskID], _ inspections: inout [Int: TaskID]
  ) throws(GraphFileError) {
    let node = nodes[index]
    let position = (node.file, node.position)
    if let link = node.link {
      named[node.name] = try add(
        .link(isFinal: link.isFinal), node.name, at: position,
        inputs: node.inputs.map { .file(nodes[$0].path) }, outputs: [node.path])
    }
    guard !node.headers.isEmpty || node.isChecked else { return }
    let inspection = try add(
      .inspect(node.headers.map(\.spec), hasContract: node.isChecked), node.name, at: position,
      inputs: [.file(node.path)], values: node.headers.count + (node.isChecked ? 1 : 0))
    inspections[index] = inspection
    if node.link == nil { named[node.name] = inspection }
    for (number, header) in node.headers.enumerated() { try addHeaderTasks(node, header, inspection, number) }
  }

  private mutating func addHeaderTasks(_ node: Node, _ header: NodeHeader, _ inspection: TaskID, _ number: Int)
    throws(GraphFileError)
  {
    let (spec, entry, file) = (header.spec, header.entry, header.file)
    // A self-contained header contains the bytes; all others depend on the layout only.
    let content: [TaskGraphBuilder.Input] = spec.kind.isSelfContained ? [.file(node.path)] : []
    _ = try add(
      .header(spec), header.path, at: (file, entry.header.position),
      inputs: [.value(inspection, number)] + content, outputs: [header.path])
    guard let payload = entry.payload else { return }
    let path = try outputPath(payload, file)
    var like: [TaskGraphBuilder.Input] = []
    if let entry = entry.like { like = [.file(try inputPath(entry, file))] }
    let name = path.hasSuffix(".c") ? PayloadSource.fileName(of: node.path) : nil
    _ = try add(
      .payload(spec, fileName: name), path, at: (file, payload.position),
      inputs: [.value(inspection, number), .file(node.path)] + like, outputs: [path])
  }

  // MARK: Minimal BTF

  private mutating func addNeeds(_ named: inout [String: TaskID]) throws(GraphFileError) -> [Int: TaskID] {
    var needs: [Int: TaskID] = [:]
    for index in nodes.indices where nodes[index].hasMinimalBTF {
      let node = nodes[index]
      let task = try add(
        .needs, node.name, at: (node.file, node.position), inputs: [.file(node.path)], values: 1)
      needs[index] = task
      if named[node.name] == nil { named[node.name] = task }
    }
    return needs
  }

  private mutating func addMinimalBTFs(_ entry: GraphFile.MinimalBTF, _ file: Int, _ needs: [TaskID])
    throws(GraphFileError)
  {
    let folder = try outputPath(entry.folder, file)
    for kernel in entry.kernels {
      let path = try inputPath(kernel, file)
      let output = Paths.normalized(Paths.join(folder, Paths.name(of: path)))
      guard PathKey(output) != PathKey(path) else {
        throw GraphFileError(
          path: files[file].file.path, position: entry.folder.position, problem: .outputIsInput(located(output)))
      }
      if let other = minimal.updateValue(path, forKey: PathKey(output)) {
        throw GraphFileError(
          path: files[file].file.path, position: kernel.position,
          problem: .twoKernels(path: located(output), first: located(other), second: located(path)))
      }
      _ = try add(
        .minimalBTF, output, at: (file, kernel.position),
        inputs: needs.map { .value($0, 0) } + [.file(path)], outputs: [output])
    }
  }

  // MARK: Checks

  /// Each library that has a subskeleton, with each final that it is linked into, directly or through other libraries.
  private func checkedPairs() -> [(library: Int, final: Int)] {
    var pairs: [(Int, Int)] = []
    for final in nodes.indices where nodes[final].link?.isFinal == true {
      var reached: Set<Int> = []
      var pending = nodes[final].inputs
      while let node = pending.popLast() {
        if reached.insert(node).inserted { pending += nodes[node].inputs }
      }
      for node in reached.sorted() where nodes[node].headers.contains(where: { $0.spec.kind == .subskeleton }) {
        pairs.append((node, final))
      }
    }
    return pairs
  }

  private mutating func addCheck(_ library: Int, _ final: Int, _ inspections: [Int: TaskID]) throws(GraphFileError) {
    let inputs = [library, final].map { node in
      TaskGraphBuilder.Input.value(inspections[node]!, nodes[node].headers.count)
    }
    _ = try add(
      .check, "\(nodes[library].name) in \(nodes[final].name)", at: (nodes[final].file, nodes[final].position),
      inputs: inputs, values: 1)
  }

  /// - Parameter position: the position of the task that was added.
  private func located(
    _ error: GraphError, at position: (file: Int, position: TextPosition)? = nil
  ) -> GraphFileError {
    switch error {
    case .twoWriters(let path, _, _):
      let first = positions[Int(builder.writer(of: path)!.raw)]
      return GraphFileError(
        path: files[position?.file ?? 0].file.path, position: position?.position,
        problem: .twoWriters(
          path: path, first: "\(files[first.file].file.path):\(first.position.line):\(first.position.column)"))
    case .cycle(let tasks):
      let node = nodes.first { $0.name == tasks[0] }
      return GraphFileError(
        path: files[node?.file ?? 0].file.path, position: node?.position, problem: .cycle(tasks))
    }
  }
}
