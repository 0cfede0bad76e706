internal import BPF
internal import Bytes
internal import Files
internal import Incr

extension Project {
  /// A check of objects against kernels as a project of its own: what `kernel_checks` of a graph file would make of it, without a
  /// graph file and without a report.
  ///
  /// - Parameters:
  ///   - name: of the project in its state folder.
  ///   - baseline: a report whose failures are known, for all objects.
  package init(
    _ name: String, checking objects: [String], against kernels: [KernelFile], baseline: String?
  ) throws(GraphFileError) {
    let position = TextPosition(line: 1, column: 1)
    func named(_ text: String) -> GraphFile.Named { GraphFile.Named(name: text, position: position) }
    var file = GraphFile(path: name)
    file.kernels = kernels.map {
      GraphFile.Kernels(name: named($0.name), path: named($0.path), version: $0.version, modules: $0.modules)
    }
    for path in Set(objects).sorted() {
      file.objects.append(GraphFile.Object(name: named(path), path: named(path)))
      file.kernelChecks.append(
        GraphFile.KernelCheck(
          of: named(path), kernels: nil, report: nil, baseline: baseline.map(named), isReportOnly: false,
          position: position))
    }
    var builder = ProjectBuilder(files: [GraphFileIncludes.Loaded(file: file, path: name, includes: [:])])
    self = try builder.build()
  }

  /// Only the `kernel_checks` of a graph file and its includes: another build makes the libraries and finals.
  package init(kernelChecksOf path: String) throws(GraphFileError) {
    let files = try GraphFileIncludes.load(path).map { loaded in
      var file = loaded.file
      for link in file.links { file.objects.append(GraphFile.Object(name: link.name, path: link.output)) }
      (file.links, file.skeletons, file.minimalBTFs) = ([], [], [])
      return GraphFileIncludes.Loaded(file: file, path: loaded.path, includes: loaded.includes)
    }
    var builder = ProjectBuilder(files: files)
    self = try builder.build()
  }
}
