internal import BPF
internal import Files
internal import GenGraph
internal import Glibc

extension Command {
  static let checkKernels = Command(
    name: "check-kernels", purpose: .inspect,
    abstract: "List which kernels will load objects, by the kernels' BTF.",
    discussion: """
      For each object and kernel: whether CO-RE relocations, kernel functions and variables, what
      programs attach to, and struct_ops find what they ask for. Code that a program cannot reach on
      a kernel, because of a test such as bpf_core_field_exists(), does not fail: the object is
      "guarded" there. Where a variable decides that is set when the object is loaded, it "may fail".

      --btf takes files, patterns as a shell does, and folders: of a folder all files *.btf, or its
      file vmlinux. A kernel's version, which LINUX_KERNEL_VERSION is compared with, is in its name.

      The verifier may refuse an object for other reasons: docs/check-kernels.md names them.
      """,
    examples: [
      "bpfgen check-kernels --btf 'kernels/*.btf' app.bpf.o",
      "bpfgen check-kernels --btf btfhub/ubuntu --btf vmlinux.btf --exit-code app.bpf.o",
      "bpfgen check-kernels --btf kernels --format json app.bpf.o >known.json",
      "bpfgen check-kernels --btf kernels --exit-code --baseline known.json app.bpf.o",
    ]
  ) { declare in
    let objects = declare.repeatedArgument(.object, help: "Objects that programs load.")
    let kernels = declare.repeated(
      Option("btf", .file(), help: "A kernel's BTF, a folder or a pattern; may be given more than once."),
      isRequired: true)
    let format = declare.optional(
      Option<KernelReportFormat>(
        "format", .choice("format"), help: "text for people (the default), json for programs, sarif for CI."))
    let exitCode = declare.flag(
      Flag("exit-code", help: "Exit with 1 when an object fails, or may fail, on a kernel."))
    let baseline = declare.optional(
      Option("baseline", .file(), help: "What --format json wrote: report only what fails and did not then."))
    let jobs = declare.optional(
      Option(
        "jobs", short: "j", .count(1...10_000), help: "Read this many kernels at once. Default: the number of cores."))
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      let outputs = Outputs(parsed[step], console)
      let files = try KernelFiles.matching(parsed[kernels])
      let paths = parsed[objects]
      if files.count > 1 { FreedMemory.keep() }
      let known = try parsed[baseline].map(KernelBaseline.init(path:))
      let runs = KernelRuns(
        objects: paths, kernels: files, jobs: parsed[jobs] ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
      let check = known?.news(of: runs.check) ?? runs.check
      console.report(runs.failures)
      switch parsed[format] ?? .text {
      case .text: console.write(KernelReport.text(check))
      case .json: console.write(check.json())
      case .sarif: console.write(KernelReport.sarif(check))
      }
      guard runs.failures.isEmpty else { throw CommandError.ended(status: 1) }
      if parsed[exitCode], check.worst >= .possible { throw CommandError.ended(status: 1) }
      try outputs.finish(
        outputs: [], inputs: paths + files.map(\.path) + (parsed[baseline].map { [$0] } ?? []))
    }
  }
}

enum KernelReportFormat: String, CaseIterable {
  case text, json, sarif
}

extension KernelFiles {
  /// All kernels of some files, folders and patterns, in the order of their versions.
  static func matching(_ patterns: [String]) throws(CommandError) -> [KernelFile] {
    let paths = try FilePatterns.files(patterns)
    do throws(KernelFiles.Failure) {
      return try all(paths)
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }
}

extension KernelBaseline {
  /// - Parameter path: of what `--format json` wrote.
  init(path: String) throws(CommandError) {
    guard let baseline = KernelBaseline(try Inputs.read(path).bytes) else {
      throw CommandError.failed(Diagnostic(noReport: path))
    }
    self = baseline
  }
}
