internal import BPF
internal import Bytes
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
      let files = try KernelFiles.all(parsed[kernels])
      let paths = parsed[objects]
      if files.count > 1 { FreedMemory.keep() }
      let known = try parsed[baseline].map(KernelBaseline.init)
      var check = KernelCheck(
        objects: paths, kernels: files, jobs: parsed[jobs] ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
      if let known { check = known.news(of: check) }
      console.report(check.failures)
      switch parsed[format] ?? .text {
      case .text: console.write(KernelReport.text(check))
      case .json: console.write(KernelReport.json(check))
      case .sarif: console.write(KernelReport.sarif(check))
      }
      guard check.failures.isEmpty else { throw CommandError.ended(status: 1) }
      if parsed[exitCode], check.worst >= .possible { throw CommandError.ended(status: 1) }
      try outputs.finish(
        outputs: [], inputs: paths + files.map(\.path) + (parsed[baseline].map { [$0] } ?? []))
    }
  }
}

enum KernelReportFormat: String, CaseIterable {
  case text, json, sarif
}

extension KernelCheck {
  /// The most severe outcome.
  var worst: KernelVerdict.Level { objects.flatMap(\.outcomes).map(\.verdict.level).max() ?? .ok }
}

/// Known failures from an earlier check.
struct KernelBaseline {
  private struct Failure: Hashable {
    let object: String
    let kernel: String
    let program: String?
    let subject: String
    let problem: String
  }

  private var failures: Set<Failure> = []

  /// - Parameter path: of the output of `--format json`.
  init(_ path: String) throws(CommandError) {
    let file = try Inputs.read(path)
    guard let value = try? JSONReader.read(file.bytes), value["bpfgen_check_kernels"] != nil else {
      throw CommandError.failed(
        Diagnostic(path: path, what: "not a report of check-kernels", hint: "write one with --format json"))
    }
    for object in value["objects"]?.list ?? [] {
      for outcome in object["outcomes"]?.list ?? [] {
        let kernels = (outcome["kernels"]?.list ?? []).compactMap(\.text)
        for finding in outcome["findings"]?.list ?? [] {
          for kernel in kernels {
            failures.insert(
              Failure(
                object: object["object"]?.text ?? "", kernel: kernel, program: finding["program"]?.text,
                subject: finding["subject"]?.text ?? "", problem: finding["problem"]?.text ?? ""))
          }
        }
      }
    }
  }

  /// The check without known failures; guarded findings are kept.
  func news(of check: KernelCheck) -> KernelCheck {
    let objects = check.objects.map { object in
      var outcomes: [KernelVerdict: [Int]] = [:]
      for (verdict, kernels) in object.outcomes {
        for kernel in kernels {
          let findings = verdict.findings.filter { finding in
            finding.level < .possible
              || !failures.contains(
                Failure(
                  object: object.path, kernel: check.kernels[kernel].name, program: finding.program,
                  subject: finding.subject, problem: finding.problem.text))
          }
          outcomes[KernelVerdict(findings: findings), default: []].append(kernel)
        }
      }
      return KernelCheck.Object(
        path: object.path, id: object.id, unanswered: object.unanswered, outcomes: KernelCheck.sorted(outcomes))
    }
    return KernelCheck(kernels: check.kernels, objects: objects, failures: check.failures)
  }
}

extension JSONValue {
  fileprivate subscript(key: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key.text == key }?.value
  }

  fileprivate var list: [JSONValue]? {
    if case .array(let values) = content { values } else { nil }
  }

  fileprivate var text: String? {
    if case .string(let text) = content { text } else { nil }
  }
}
