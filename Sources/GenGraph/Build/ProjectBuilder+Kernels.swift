internal import BPF
internal import Files
internal import Incr

/// Kernels, and checks of objects against them.
extension ProjectBuilder {
  /// A kernel check of the graph files, with its names resolved.
  struct KernelCheck {
    let entry: GraphFile.KernelCheck
    let file: Int
    let node: Int
    let kernels: [KernelFile]
  }

  /// Finds the kernels that a graph file names: files, and all that is in folders.
  mutating func addKernels(_ index: Int) throws(GraphFileError) {
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
      KernelFile(
        name: name, path: path, modules: modules,
        version: entry.version ?? KernelFile.version(of: located(path), called: name))
    }
    let fullPath = located(path)
    if Folders.isRegularFile(fullPath) {
      var modules: [String] = []
      for module in entry.modules {
        modules.append(try inputPath(GraphFile.Named(name: module, position: entry.path.position), file))
      }
      return [kernel(entry.name.name, path, modules)]
    }
    guard Folders.isFolder(fullPath) else {
      // One that is not there yet may become either.
      folders.append(GraphInput(folder: path, FolderListing(unreadable: fullPath)))
      return [kernel(entry.name.name, path)]
    }
    let (found, listings) = KernelFiles.files(in: fullPath)
    for listing in listings {
      folders.append(GraphInput(folder: path + listing.path.dropFirst(fullPath.utf8.count), listing))
    }
    let below = fullPath == "/" ? fullPath : fullPath + "/"
    func inGraph(_ file: String) -> String {
      Paths.normalized(path + (path == "/" ? "" : "/") + file.dropFirst(below.utf8.count))
    }
    return found.map { file, modules in
      // A folder in which nothing is a kernel is listed itself: it is the task's error that it cannot be read as one.
      let isWhole = file == below + "vmlinux" || file == fullPath
      return kernel(
        isWhole ? entry.name.name : KernelFiles.name(of: file, below: below),
        file == fullPath ? path : inGraph(file), modules.map(inGraph))
    }
  }

  mutating func resolveKernelChecks() throws(GraphFileError) -> [KernelCheck] {
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
    // A file that is named with two versions is two kernels: programs can compare them.
    var found: [(set: String, kernel: KernelFile)] = []
    var versions: [PathKey: Set<KernelVersion?>] = [:]
    for set in sets {
      for kernel in set.kernels
      where versions[PathKey(kernel.path), default: []].insert(kernel.version).inserted {
        found.append((set.name, kernel))
      }
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
  mutating func addKernelChecks(_ checks: [KernelCheck], _ named: inout [String: TaskID]) throws(GraphFileError) {
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
          asked.append(AskedKernel(kernel: kernel, check: (check.file, check.entry.position)))
        }
        asked[number].add(check.node)
      }
    }
    var tasks: [TaskID] = []
    for kernel in asked {
      tasks.append(
        try add(
          .kernel, kernel.kernel.path, at: kernel.check,
          inputs: kernel.kernel.paths.map { .file($0) } + kernel.nodes.map { .value(needs[$0]!, 0) },
          values: kernel.nodes.count))
    }
    let checked = needs.keys.sorted()
    let components = ReportedFile.distinct(checked.map { ReportedFile(object: nodes[$0].path) })
    let distinct = Dictionary(uniqueKeysWithValues: zip(checked, components))
    var names: [String: Int] = [:]
    for check in checks {
      let (entry, file) = (check.entry, check.file)
      let spec = KernelCheckSpec(
        kernels: check.kernels.map { KernelCheckSpec.Kernel(name: $0.name, version: $0.version) },
        isReportOnly: entry.isReportOnly, baseline: entry.baseline.flatMap { _ in distinct[check.node] })
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
        inputs: [.file(nodes[check.node].path), .value(needs[check.node]!, 0)] + answers + baseline, outputs: outputs,
        values: outputs.isEmpty ? 1 : 0)
    }
  }
}

/// A kernel with the objects that ask it, by the numbers of their nodes.
private struct AskedKernel {
  let kernel: KernelFile
  /// The first check that names it.
  let check: (file: Int, position: TextPosition)
  private(set) var nodes: [Int] = []
  /// Which of the task's values is for which node.
  private(set) var values: [Int: Int] = [:]

  init(kernel: KernelFile, check: (file: Int, position: TextPosition)) {
    self.kernel = kernel
    self.check = check
  }

  mutating func add(_ node: Int) {
    guard values[node] == nil else { return }
    values[node] = nodes.count
    nodes.append(node)
  }
}
