internal import BPF
internal import BTF
internal import Bytes
internal import Dispatch
internal import Emit
internal import Files
internal import Glibc
internal import Synchronization

extension CommandSpec {
  static let minCoreBTF = CommandSpec(
    name: "min-core-btf",
    abstract: "Write the part of a kernel's BTF that the CO-RE relocations of objects need.",
    discussion: """
      For kernels without BTF of their own: a program opens its object with btf_custom_path, and
      carries the small file along. Fields, types and enumerators that the objects ask for are in
      it as they are in the kernel's. --btf takes patterns as a shell does: all of a folder's files
      are made at once, on all cores.

      A kernel module's BTF continues the kernel's: --base names that one. What is written then
      continues it too, for btf__parse_split(). With --standalone it also has what is needed of the
      kernel's, and continues nothing: one file that serves as btf_custom_path.
      """,
    examples: [
      "bpfgen min-core-btf --btf 5.4.0-91.btf -o small.btf app.bpf.o",
      "bpfgen min-core-btf --btf 'kernels/*.btf' --out-dir small app.bpf.o net.bpf.o",
      "bpfgen min-core-btf --base vmlinux.btf --btf nf_nat.btf --standalone -o small.btf app.bpf.o",
    ],
    positionals: [
      Positional(name: "object", help: "Objects that programs load with it.", kind: .file, isRepeated: true)
    ],
    options: [
      Option(
        name: "btf", value: "file", help: "A kernel's BTF, or a pattern; may be given more than once.", kind: .file,
        isRequired: true, isRepeated: true),
      Option(name: "output", short: "o", value: "file", help: "Where to write it, for one kernel.", kind: .file),
      Option(
        name: "out-dir", value: "folder", help: "Where to write one for each kernel, under the name of its file.",
        kind: .folder),
      .base,
      Option(
        name: "standalone", help: "With --base: write the types that are needed of the base too, in one BTF."),
    ] + Option.step,
    run: { try MinCoreBTFRun($0).run() })
}

/// One run of `bpfgen min-core-btf`.
private struct MinCoreBTFRun {
  private let arguments: ParsedArguments
  private let kernels: [String]

  private var objects: [String] { arguments.positionals }
  private var inputs: [String] { objects + kernels + (arguments["base"].map { [$0] } ?? []) }
  private var output: String? { arguments["output"] }
  private var folder: String? { arguments["out-dir"] }

  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    let (output, folder) = (arguments["output"], arguments["out-dir"])
    guard (output == nil) != (folder == nil) else {
      throw UsageError(
        what: "one of '-o <file>' and '--out-dir <folder>' says where to write", hint: "give one of them")
    }
    kernels = try arguments.all("btf").flatMap(MinCoreBTFRun.files)
    if output != nil, kernels.count > 1 {
      throw UsageError(what: "'-o' is for one kernel, and these are \(kernels.count)", hint: "give --out-dir <folder>")
    }
    guard arguments["base"] != nil || !arguments.has("standalone") else {
      throw UsageError(what: "'--standalone' is about a module's BTF", hint: "give the kernel's with --base <file>")
    }
    try Outputs.checkPlaces(arguments, outputs: kernels.map(place(of:)), inputs: inputs)
  }

  func run() throws {
    let needs = try CoreInputs.needs(of: objects)
    let base = try arguments["base"].map(Inputs.types)
    let isWhole = arguments.has("standalone")
    if folder != nil, let first = kernels.first {
      do throws(FileError) { try Folders.make(for: place(of: first)) } catch { throw Failure(Diagnostic(error)) }
    }
    // Each kernel's BTF takes the memory of one before it: with new pages for each, a third of the time was the system's.
    if kernels.count > 1 { FreedMemory.keep() }
    let failures = Mutex<[Int: Failure]>([:])
    let write: @Sendable (Int) -> Void = { index in
      do {
        let bytes = try CoreInputs.minimal(kernels[index], base: base, isWhole: isWhole, needs)
        try Outputs.write(bytes, to: place(of: kernels[index]), over: .btf, arguments)
      } catch let failure as Failure {
        failures.withLock { $0[index] = failure }
      } catch { preconditionFailure("a command throws Failure, not \(error)") }
    }
    // A worker's step has its folder on its own thread alone.
    if Outputs.isWorker {
      kernels.indices.forEach(write)
    } else {
      DispatchQueue.concurrentPerform(iterations: kernels.count, execute: write)
    }
    let failed = failures.withLock { $0 }.sorted { $0.key < $1.key }.flatMap(\.value.diagnostics)
    guard failed.isEmpty else { throw Failure(failed) }
    try Outputs.finish(arguments, outputs: kernels.map(place(of:)), inputs: inputs)
  }

  private func place(of kernel: String) -> String {
    guard let folder else { return output! }
    let name = kernel.split(at: "/").last.map(String.init) ?? kernel
    return folder + (folder.hasSuffix("/") ? "" : "/") + name
  }

  /// The files of a pattern; a name that is none stands for itself.
  private static func files(_ pattern: String) throws -> [String] {
    guard pattern.contains(where: { "*?[".contains($0) }), access(pattern, F_OK) != 0 else { return [pattern] }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else {
      throw UsageError(what: "no file is called '\(pattern)'", hint: "name a kernel's BTF")
    }
    return (0..<Int(found.gl_pathc)).map { String(cString: found.gl_pathv[$0]!) }
  }
}

/// What commands for minimal BTF read and write.
enum CoreInputs {
  static func needs(of objects: [String]) throws -> [CoreNeeds] {
    try objects.map { path in
      let file = try Inputs.read(path)
      do throws(BTFError) {
        return try CoreNeeds(object: file.bytes)
      } catch { throw Failure(Inputs.diagnostic(file, ObjectError(error))) }
    }
  }

  /// The part of a kernel's or a module's BTF, as `MinimalBTF.bytes` makes it.
  static func minimal(
    _ kernel: String, base: TypesFile? = nil, isWhole: Bool = false, _ needs: [CoreNeeds]
  ) throws -> ByteRope {
    let file = try Inputs.read(kernel)
    do throws(BTFError) {
      return ByteRope(try MinimalBTF.bytes(of: file.bytes, base: base, isWhole: isWhole, for: needs))
    } catch { throw Failure(Inputs.typesDiagnostic(file, ObjectError(error), base: base != nil)) }
  }
}
