internal import BPF
internal import BTF
internal import Emit
internal import Files
internal import Incr

/// Turns graph files into tasks: resolves names and paths, and assigns parameters.
struct ProjectBuilder {
  /// A named entry: an object of the compiler, a library or a final.
  private struct Node {
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

  /// A kernel check of the graph files, with its names resolved.
  private struct KernelCheck {
    let entry: GraphFile.KernelCheck
    let file: Int
    let node: Int
    let kernels: [KernelFile]
  }

  /// A header of a node, with its entry in the file.
  private struct NodeHeader {
    let spec: HeaderSpec
    let path: String
    let entry: GraphFile.Skeleton
    let file: Int
  }

  private let files: [GraphFileIncludes.Loaded]
  private let root: String
  private var nodes: [Node] = []
  /// For each file, its names.
  private var names: [[String: Int]] = []
  /// The graph files, which no task may write.
  private var graphFiles: Set<PathKey> = []
  /// The paths of objects in the files: a compiler writes them, or a link in another file.
  private var objects: Set<PathKey> = []
  /// The kernel of each minimal BTF.
  private var minimal: [PathKey: String] = [:]
  /// For each file, its kernels by the names that it has for them.
  private var kernels: [[String: [KernelFile]]] = []
  /// The folders of kernels: another file in one of them is another graph.
  private var folders: [GraphInput] = []
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
  private func resolve(_ name: GraphFile.Named, _ file: Int) throws(GraphFileError) -> Int {
    try lookUp(name, file, in: names) { .unknownName($0, closest: $1) }
  }

  /// Resolves a name in a file: to an entry of the file itself or, as `FILE:NAME`, of one that it includes.
  ///
  /// - Parameters:
  ///   - tables: for each file, its own names.
  ///   - unknown: the problem with a name that does not exist, given the name and the most similar one that does.
  private func lookUp<Value>(
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
    let (include, own) = (String(name.name[..<colon]), String(name.name[name.name.utf8.index(after: colon)...]))
    guard let target = files[file].includes[include] else { throw fail(.unknownFile(include)) }
    guard let value = tables[target][own] else {
      let closest = Spelling.closest(to: own, among: tables[target].keys.sorted()).map { "\(include):\($0)" }
      throw fail(unknown(name.name, closest))
    }
    return value
  }

  private mutating func resolveInputs(_ index: Int) throws(GraphFileError) {
    guard let link = nodes[index].link else { return }
    var inputs: [Int] = []
    for input in link.inputs { inputs.append(try resolve(input, nodes[index].file)) }
    nodes[index].inputs = inputs
  }

  private mutating func addHeader(_ entry: GraphFile.Skeleton, _ file: Int) throws(GraphFileError) {
    let node = try resolve(entry.of, file)
    let name =
      entry.name?.name ?? BPFObject.defaultName(path: entry.of.name.split(at: ":").last.map(String.init)!)
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
  private func located(_ path: String) -> String { Paths.join(root, path) }

  private func inputPath(_ path: GraphFile.Named, _ file: Int) throws(GraphFileError) -> String {
    if path.name.isAbsolutePath { return Paths.relative(path.name, to: root) ?? Paths.normalized(path.name) }
    return Paths.normalized(Paths.join(Paths.folder(of: files[file].path), path.name))
  }

  private func outputPath(_ path: GraphFile.Named, _ file: Int) throws(GraphFileError) -> String {
    let resolved = try inputPath(path, file)
    guard Paths.isInside(resolved, "") else {
      throw GraphFileError(
        path: files[file].file.path, position: path.position,
        problem: .outsideRoot(path: Paths.normalized(located(resolved)), root: root.isEmpty ? "." : root))
    }
    return resolved
  }

  // MARK: Tasks

  private mutating func add(
    _ parameters: TaskParameters, _ name: String, at position: (file: Int, position: TextPosition),
    inputs: [TaskGraphBuilder.Input], outputs: [String] = [], values: Int = 0
  ) throws(GraphFileError) -> TaskID {
    for output in outputs
    where graphFiles.contains(PathKey(output)) || parameters.rule != .link && objects.contains(PathKey(output))
      || output.hasPrefix(ProjectBuild.stateFolder + "/")
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

  // MARK: Kernels

  /// Finds the kernels that a graph file names: files, and all that is in folders.
  private mutating func addKernels(_ index: Int) throws(GraphFileError) {
    var named: [String: [KernelFile]] = [:]
    var first: [String: TextPosition] = [:]
    for entry in files[index].file.kernels {
      if let other = first.updateValue(entry.name.position, forKey: entry.name.name) {
        throw GraphFileError(
          path: files[index].file.path, position: entry.name.position,
          problem: .nameClash(entry.name.name, first: other))
      }
      named[entry.name.name] = try kernels(of: entry, index)
    }
    kernels.append(named)
  }

  private mutating func kernels(of entry: GraphFile.Kernels, _ file: Int) throws(GraphFileError) -> [KernelFile] {
    let path = try inputPath(entry.path, file)
    func kernel(_ name: String, _ path: String, _ modules: [String] = []) -> KernelFile {
      guard let version = entry.version else { return KernelFile(name: name, path: path, modules: modules) }
      return KernelFile(name: name, path: path, modules: modules, version: version)
    }
    let place = located(path)
    if Folders.isRegularFile(place) {
      var modules: [String] = []
      for module in entry.modules {
        modules.append(try inputPath(GraphFile.Named(name: module, position: entry.path.position), file))
      }
      return [kernel(entry.name.name, path, modules)]
    }
    do throws(KernelFiles.Failure) {
      guard Folders.isFolder(place) else {
        // One that is not there yet may become either.
        try addFolder(path)
        return [kernel(entry.name.name, path)]
      }
      let (found, listings) = try KernelFiles.files(in: place)
      for listing in listings {
        folders.append(GraphInput(folder: path + listing.path.dropFirst(place.utf8.count), listing))
      }
      let below = place == "/" ? place : place + "/"
      func inGraph(_ file: String) -> String {
        Paths.normalized(path + (path == "/" ? "" : "/") + file.dropFirst(below.utf8.count))
      }
      return found.map { file, modules in
        let isWhole = file == below + "vmlinux"
        return kernel(
          isWhole ? entry.name.name : KernelFiles.name(of: file, below: below), inGraph(file), modules.map(inGraph))
      }
    } catch {
      let problem: GraphFileError.Problem =
        switch error {
        case .file(let error): .file(error)
        case .noKernels(let folder): .noKernels(folder: folder)
        }
      throw GraphFileError(path: files[file].file.path, position: entry.path.position, problem: problem)
    }
  }

  private mutating func addFolder(_ path: String) throws(KernelFiles.Failure) {
    do throws(FileError) {
      folders.append(GraphInput(folder: path, try FolderListing(located(path))))
    } catch { throw .file(error) }
  }

  private mutating func resolveKernelChecks() throws(GraphFileError) -> [KernelCheck] {
    var resolved: [KernelCheck] = []
    for file in files.indices {
      for entry in files[file].file.kernelChecks {
        let node = try resolve(entry.of, file)
        nodes[node].isCheckedAgainstKernels = true
        resolved.append(
          KernelCheck(entry: entry, file: file, node: node, kernels: try kernels(of: entry, file)))
      }
    }
    return resolved
  }

  /// The kernels of a check, in the order of their versions, each with a name of its own.
  private func kernels(of entry: GraphFile.KernelCheck, _ file: Int) throws(GraphFileError) -> [KernelFile] {
    func fail(_ position: TextPosition, _ problem: GraphFileError.Problem) -> GraphFileError {
      GraphFileError(path: files[file].file.path, position: position, problem: problem)
    }
    var sets: [(name: String, kernels: [KernelFile])] = []
    if let names = entry.kernels {
      for name in names {
        sets.append((name.name, try lookUp(name, file, in: kernels) { .unknownKernels($0, closest: $1) }))
      }
    } else {
      sets = kernels[file].sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
      guard !sets.isEmpty else { throw fail(entry.position, .noKernelsToCheck) }
    }
    // One file may be in two folders that are named; kernels of one name in two of them have the folders' names too.
    var found: [(set: String, kernel: KernelFile)] = []
    var paths: Set<PathKey> = []
    for set in sets {
      for kernel in set.kernels where paths.insert(PathKey(kernel.path)).inserted { found.append((set.name, kernel)) }
    }
    var counts: [String: Int] = [:]
    for entry in found { counts[entry.kernel.name, default: 0] += 1 }
    if counts.values.contains(where: { $0 > 1 }) {
      found = found.map { set, kernel in
        guard kernel.name != set else { return (set, kernel) }
        return (
          set,
          KernelFile(name: "\(set)/\(kernel.name)", path: kernel.path, modules: kernel.modules, version: kernel.version)
        )
      }
    }
    var names: Set<String> = []
    for (_, kernel) in found {
      guard !kernel.name.utf8.contains(where: { $0 < 32 }) else { throw fail(entry.position, .badName(kernel.name)) }
      guard names.insert(kernel.name).inserted else { throw fail(entry.position, .sameKernelName(kernel.name)) }
    }
    return found.map(\.kernel).sorted(by: KernelFile.precedes)
  }

  /// A task for what each object asks, one for each kernel, and one for each check.
  private mutating func addKernelChecks(_ checks: [KernelCheck], _ named: inout [String: TaskID]) throws(GraphFileError)
  {
    var needs: [Int: TaskID] = [:]
    for index in nodes.indices where nodes[index].isCheckedAgainstKernels {
      let node = nodes[index]
      let task = try add(
        .kernelNeeds, node.name, at: (node.file, node.position), inputs: [.file(node.path)], values: 1)
      needs[index] = task
      if named[node.name] == nil { named[node.name] = task }
    }
    // By kernel the objects that ask it, in the order of the checks. A kernel is read once for all of them.
    var asked: [AskedKernel] = []
    var numbers: [PathKey: Int] = [:]
    for check in checks {
      for kernel in check.kernels {
        let key = PathKey(kernel.path)
        let number = numbers[key] ?? asked.count
        if number == asked.count {
          numbers[key] = number
          asked.append(AskedKernel(kernel: kernel, place: (check.file, check.entry.position)))
        }
        asked[number].add(check.node)
      }
    }
    var tasks: [TaskID] = []
    for kernel in asked {
      tasks.append(
        try add(
          .kernel, kernel.kernel.path, at: kernel.place,
          inputs: kernel.kernel.paths.map { .file($0) } + kernel.nodes.map { .value(needs[$0]!, 0) },
          values: kernel.nodes.count))
    }
    var names: [String: Int] = [:]
    for check in checks {
      let (entry, file) = (check.entry, check.file)
      let spec = KernelCheckSpec(
        kernels: check.kernels.map { KernelCheckSpec.Kernel(name: $0.name, version: $0.version) },
        isReportOnly: entry.isReportOnly, hasBaseline: entry.baseline != nil)
      let answers = check.kernels.map { kernel in
        let number = numbers[PathKey(kernel.path)]!
        return TaskGraphBuilder.Input.value(tasks[number], asked[number].values[check.node]!)
      }
      var baseline: [TaskGraphBuilder.Input] = []
      if let path = entry.baseline { baseline = [.file(try inputPath(path, file))] }
      var outputs: [String] = []
      if let report = entry.report {
        let path = try outputPath(report, file)
        if case .file(let known)? = baseline.first, PathKey(known) == PathKey(path) {
          throw GraphFileError(
            path: files[file].file.path, position: report.position, problem: .outputIsInput(located(path)))
        }
        outputs = [path]
      }
      // No two tasks of a rule have one name.
      let name = outputs.first ?? nodes[check.node].name
      names[name, default: 0] += 1
      let number = names[name]!
      _ = try add(
        .kernelCheck(spec), number == 1 ? name : "\(name) (\(number))",
        at: (file, entry.report?.position ?? entry.position),
        inputs: [.file(nodes[check.node].path)] + answers + baseline, outputs: outputs,
        values: outputs.isEmpty ? 1 : 0)
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

/// A kernel with the objects that ask it, by the numbers of their nodes.
private struct AskedKernel {
  let kernel: KernelFile
  /// The first check that names it.
  let place: (file: Int, position: TextPosition)
  private(set) var nodes: [Int] = []
  /// Which of the task's values is for which node.
  private(set) var values: [Int: Int] = [:]

  init(kernel: KernelFile, place: (file: Int, position: TextPosition)) {
    self.kernel = kernel
    self.place = place
  }

  mutating func add(_ node: Int) {
    guard values[node] == nil else { return }
    values[node] = nodes.count
    nodes.append(node)
  }
}
