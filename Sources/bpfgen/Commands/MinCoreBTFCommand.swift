internal import BPF
internal import BTF
internal import Bytes
internal import Emit
internal import Files
internal import Synchronization

extension Command {
  static let minCoreBTF = Command(
    name: "min-core-btf", purpose: .generate,
    abstract: "Write the part of a kernel's BTF that objects need.",
    discussion: """
      For kernels without BTF: a program ships the small file and opens its object with
      btf_custom_path. The file has the types, members and enumerators that the objects' CO-RE
      relocations need, as they are in the kernel. --btf accepts shell patterns; the files of all
      kernels are then made at once, on all cores.

      A kernel module's BTF extends the kernel's, which --base names. The output extends it too,
      for btf__parse_split(). With --standalone, the output also contains what the objects need of
      the base, and can be used as btf_custom_path by itself.
      """,
    examples: [
      "bpfgen min-core-btf --btf 5.4.0-91.btf -o small.btf app.bpf.o",
      "bpfgen min-core-btf --btf 'kernels/*.btf' --out-dir small app.bpf.o net.bpf.o",
      "bpfgen min-core-btf --base vmlinux.btf --btf nf_nat.btf --standalone -o small.btf app.bpf.o",
    ]
  ) { declare in
    let objects = declare.repeatedArgument(.object, help: "The objects that are loaded with the output.")
    let kernels = declare.repeated(
      Option("btf", .file(), help: "A kernel's BTF, or a pattern of files. May be repeated."), isRequired: true)
    let output = declare.optional(Option("output", short: "o", .file(), help: "The output file, for one kernel."))
    let folder = declare.optional(
      Option("out-dir", .folder, help: "The folder for an output for each kernel, with the name of the kernel's file."))
    let base = declare.optional(.base)
    let standalone = declare.flag(
      Flag("standalone", help: "With --base: also write the types that are needed from the base."))
    let step = StepOptions.declare(&declare)
    return { (parsed, console) throws(CommandError) in
      try MinCoreBTFRun(
        objects: parsed[objects], patterns: parsed[kernels], destination: .init(parsed[output], parsed[folder]),
        base: parsed[base], isStandalone: parsed[standalone], outputs: Outputs(parsed[step], console)
      ).run()
    }
  }
}

/// A run of `bpfgen min-core-btf`.
private struct MinCoreBTFRun {
  /// Where to write the output for each kernel.
  enum Destination {
    case file(String)
    case folder(String)

    init(_ output: String?, _ folder: String?) throws(CommandError) {
      switch (output, folder) {
      case (let output?, nil): self = .file(output)
      case (nil, let folder?): self = .folder(folder)
      default:
        throw CommandError.usage(
          "either '-o <file>' or '--out-dir <folder>' is required", hint: "use -o for one kernel, --out-dir for several"
        )
      }
    }

    func path(of kernel: String) -> String {
      switch self {
      case .file(let output): output
      case .folder(let folder):
        folder + (folder.hasSuffix("/") ? "" : "/") + (kernel.split(at: "/").last.map(String.init) ?? kernel)
      }
    }
  }

  let objects: [String]
  let base: String?
  let isStandalone: Bool
  let destination: Destination
  let outputs: Outputs
  private let kernels: [String]

  init(
    objects: [String], patterns: [String], destination: Destination, base: String?, isStandalone: Bool,
    outputs: Outputs
  ) throws(CommandError) {
    self.objects = objects
    self.base = base
    self.isStandalone = isStandalone
    self.destination = destination
    self.outputs = outputs
    kernels = try FilePatterns.files(patterns)
    if case .file = destination, kernels.count > 1 {
      throw CommandError.usage(
        "'-o' writes one file, but there are \(kernels.count) kernels", hint: "use --out-dir <folder>")
    }
    guard base != nil || !isStandalone else {
      throw CommandError.usage("'--standalone' needs '--base'", hint: "name the kernel's BTF with --base <file>")
    }
  }

  func run() throws(CommandError) {
    let inputs = objects + kernels + (base.map { [$0] } ?? [])
    let made = kernels.map(destination.path)
    try outputs.checkPaths(outputs: made, inputs: inputs)
    let needs = try CoreInputs.needs(of: objects)
    let base = try base.map(Inputs.types)
    if case .folder = destination, let first = made.first {
      do throws(FileError) { try Folders.make(for: first) } catch { throw CommandError.failed(Diagnostic(error)) }
    }
    // Each kernel's BTF reuses the memory of an earlier one: with new pages for each, a third of the time was system
    // time.
    if kernels.count > 1 { FreedMemory.keep() }
    let failures = Mutex<[Int: CommandError]>([:])
    // A worker's step has its own working directory, which only its thread has.
    Threads.perform(kernels.count, atMost: outputs.isWorker ? 1 : Threads.processors) { index in
      do throws(CommandError) {
        let bytes = try CoreInputs.minimal(kernels[index], base: base, isWhole: isStandalone, needs)
        try outputs.write(bytes, to: made[index], over: .btf)
      } catch {
        failures.withLock { $0[index] = error }
      }
    }
    let failed = failures.withLock { $0 }.sorted { $0.key < $1.key }.flatMap(\.value.diagnostics)
    guard failed.isEmpty else { throw CommandError.failed(failed) }
    try outputs.finish(outputs: made, inputs: inputs)
  }
}

/// The inputs and outputs of commands for minimal BTF.
enum CoreInputs {
  static func needs(of objects: [String]) throws(CommandError) -> [CoreNeeds] {
    try objects.map { (path) throws(CommandError) in
      let file = try Inputs.read(path)
      do throws(BTFError) {
        return try CoreNeeds(object: file.bytes)
      } catch { throw CommandError.failed(Inputs.diagnostic(file, ObjectError(error))) }
    }
  }

  /// Minimal BTF of a kernel or a module, as made by `MinimalBTF.bytes`.
  static func minimal(
    _ kernel: String, base: TypesFile? = nil, isWhole: Bool = false, _ needs: [CoreNeeds]
  ) throws(CommandError) -> ByteRope {
    let file = try Inputs.read(kernel)
    do throws(BTFError) {
      return ByteRope(try MinimalBTF.bytes(of: file.bytes, base: base, isWhole: isWhole, for: needs))
    } catch { throw CommandError.failed(Inputs.typesDiagnostic(file.path, ObjectError(error), base: base != nil)) }
  }
}
