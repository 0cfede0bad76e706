internal import BPF
internal import BTF
internal import ELF
internal import Files
internal import GenGraph
internal import Glibc

/// Reads the inputs of commands, and turns errors into messages that name the file.
enum Inputs {
  /// Changes the working directory.
  static func enter(_ folder: String) throws(CommandError) {
    guard unsafe chdir(folder) != 0 else { return }
    throw CommandError.failed(Diagnostic(.system(path: folder, operation: "enter", errno: errno)), status: 2)
  }

  static func read(_ path: String) throws(CommandError) -> FileContent {
    do throws(FileError) {
      return try FileContent(path: path)
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }

  /// A file with a message of its own for one that does not exist.
  static func read(_ path: String, missing: (String) -> Diagnostic) throws(CommandError) -> FileContent {
    do throws(FileError) {
      return try FileContent(path: path)
    } catch .system(_, _, ENOENT) {
      throw CommandError.failed(missing(path))
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }

  /// A file of a kernel that the command line names, or that is in a folder of it.
  static func kernel(_ path: String) throws(CommandError) -> FileContent {
    do throws(FileError) {
      return try FileContent(path: path)
    } catch { throw CommandError.failed(Diagnostic(kernel: error, inGraphFile: false)) }
  }

  private static func readToLink(_ path: String) throws(CommandError) -> FileContent {
    do throws(FileError) {
      return try FileContent(objectToLink: path)
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }

  /// - Parameter name: the struct's name; by default the same as bpftool's.
  static func object(_ file: FileContent, name: String? = nil, assertMembers: Bool = false) throws(CommandError)
    -> BPFObject
  {
    do throws(ObjectError) {
      return try BPFObject(
        file.bytes, name: name ?? BPFObject.defaultName(path: file.path), assertMembers: assertMembers)
    } catch { throw CommandError.failed(diagnostic(file, error)) }
  }

  /// The same, with the loader of a light skeleton.
  static func lightObject(
    _ file: FileContent, name: String?, assertMembers: Bool = false, mayHoldAddresses: Bool = false
  ) throws(CommandError) -> LightObject {
    do throws(ObjectError) {
      return try LightObject(
        file.bytes, name: name ?? BPFObject.defaultName(path: file.path), assertMembers: assertMembers,
        mayHoldAddresses: mayHoldAddresses)
    } catch { throw CommandError.failed(diagnostic(file, error)) }
  }

  /// Links objects into one. Only one of them is in memory at a time.
  static func linked(_ paths: [String]) throws(CommandError) -> [UInt8] {
    // Types are merged on another thread; this thread only uses the result.
    FreedMemory.share()
    var linker = StaticLinker()
    for path in paths {
      let file = try readToLink(path)
      do throws(ObjectError) {
        try linker.add(file.bytes, path: file.path)
      } catch {
        var diagnostic = diagnostic(file, error)
        // bpftool's error message, for users who search for it.
        if case .btf(.missing) = error {
          diagnostic.facts.append(("bpftool", "failed to find BTF info for object '\(path)'"))
        }
        throw CommandError.failed(diagnostic)
      }
    }
    do throws(ObjectError) {
      return try linker.finish()
    } catch { throw CommandError.failed(Diagnostic(paths[0], error)) }
  }

  /// What the sources of some objects use of a kernel's types.
  static func typeUses(of paths: [String]) throws(CommandError) -> TypeUses {
    var uses = TypeUses()
    for path in paths {
      let file = try read(path)
      do throws(BTFError) {
        try uses.add(object: file.bytes)
      } catch { throw CommandError.failed(diagnostic(file, ObjectError(error))) }
    }
    return uses
  }

  /// The types of a base.
  static func types(_ path: String) throws(CommandError) -> TypesFile {
    let file = try read(path)
    do throws(BTFError) {
      return try TypesFile(file.bytes)
    } catch { throw CommandError.failed(typesDiagnostic(file.path, ObjectError(error))) }
  }

  /// The message for an error in an object.
  static func diagnostic(_ file: FileContent, _ error: ObjectError) -> Diagnostic {
    var diagnostic = Diagnostic(file.path, error)
    // A truncated file that was modified just now is most likely still being written.
    if case .elf(.damaged(let fault)) = error, fault.isTruncation, file.ageNanos < 2_000_000_000 {
      diagnostic.what =
        "incomplete ELF file, changed \(file.ageNanos / 1_000_000) ms ago: it may still be being written"
    }
    if error == .elf(.notELF) { diagnostic.hint = hint(for: file.bytes) ?? diagnostic.hint }
    return diagnostic
  }

  /// The same for a file from which only types are read, such as a kernel's.
  ///
  /// - Parameter base: whether it was read as what continues another file.
  static func typesDiagnostic(_ path: String, _ error: ObjectError, base: Bool = false) -> Diagnostic {
    var diagnostic = Diagnostic(path, error)
    switch error {
    case .elf(.notELF):
      diagnostic.what = "neither BTF nor an ELF file"
      diagnostic.hint = "give raw BTF, as /sys/kernel/btf/vmlinux is, a vmlinux or a BPF object"
    case .btf(.damaged(.split)), .btf(.damaged(.ownBase)): break
    case .btf(.missing):
      diagnostic.hint = "build the kernel with CONFIG_DEBUG_INFO_BTF, a BPF object with `clang -g -target bpf`"
    case .btf(.damaged) where base:
      diagnostic.hint = "check that --base is the BTF of the kernel that this module was built for"
    case .btf(.damaged), .elf(.damaged), .elf(.empty): diagnostic.hint = "copy it again: it is incomplete or damaged"
    default: break
    }
    return diagnostic
  }

  /// The same for a file that is to be a kernel's, of a command without `--base`.
  static func kernelDiagnostic(_ path: String, _ error: ObjectError) -> Diagnostic {
    var diagnostic = typesDiagnostic(path, error)
    if case .btf(.damaged(.split)) = error {
      diagnostic.hint =
        "check it with its kernel's BTF: a folder with both, the kernel's named 'vmlinux', is one kernel"
    }
    return diagnostic
  }

  /// A hint about files that are commonly mistaken for objects.
  private static func hint(for bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0x42, 0x43, 0xc0, 0xde]) {
      return "this is LLVM bitcode: compile without -flto and -emit-llvm"
    }
    if bytes.starts(with: Array("!<arch>\n".utf8)) || bytes.starts(with: Array("!<thin>\n".utf8)) {
      return "this is an archive: extract it, and use its objects"
    }
    if TypesFile.isRaw(bytes) {
      return "this is raw BTF: give a kernel's with --btf, or a pattern in quotes (--btf 'kernels/*.btf')"
    }
    let isText = bytes.prefix(256).allSatisfy { (9...13).contains($0) || (32...126).contains($0) }
    if isText { return "this is text: compile it with `clang -g -O2 -target bpf -c`" }
    return nil
  }

  /// The path of this program: headers depend on it as on any other input.
  static var generator: String? { SymbolicLink.target("/proc/self/exe") }
}

extension FileContent {
  /// The time since the file was last changed, by this machine's clock; never negative.
  fileprivate var ageNanos: Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return max(0, Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - stamp.mtimeNanos)
  }
}
