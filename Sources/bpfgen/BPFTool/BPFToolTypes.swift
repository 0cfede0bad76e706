internal import BPF
internal import BTF
internal import Bytes
internal import Files

extension BPFToolGrammar {
  /// The keywords after `btf`.
  static let typeCommands: [BPFToolWord] = [
    BPFToolWord(name: "show", next: .refused),
    BPFToolWord(name: "list", next: .refused),
    BPFToolWord(name: "help", next: .command(usage: "", atLeast: 0) { _, _, console in help(.btf, console) }),
    BPFToolWord(name: "dump", next: .words(typeSources)),
  ]

  /// The keywords after `btf dump`: all except files read the running kernel.
  private static let typeSources: [BPFToolWord] = [
    BPFToolWord(name: "id", next: .refused),
    BPFToolWord(name: "map", next: .refused),
    BPFToolWord(name: "prog", next: .refused),
    BPFToolWord(
      name: "file",
      next: .command(usage: "<file> [format <format> [unsorted]] [root_id <id>]...", atLeast: 1, run: dump)),
  ]

  /// The keywords after a file.
  private struct Request {
    var isC = false
    var isSorted = true
    var roots: [TypeID] = []

    var selection: TypesHeader.Selection { roots.isEmpty ? .all(isSorted: isSorted) : .roots(roots) }
  }

  private static func dump(
    _ arguments: ArraySlice<String>, _ options: BPFToolOptions, _ console: Console
  ) throws(CommandError) {
    let path = arguments.first!
    let request = try request(arguments.dropFirst())
    if request.isC, console.json != nil {
      throw CommandError.usage("types as C cannot be printed as JSON", hint: "remove --json")
    }
    let base = try baseTypes(for: path, options)
    let file = try Inputs.read(path)
    let text: ByteRope
    do throws(ObjectError) {
      let types = try ObjectError.ofBTF(try TypesFile(file.bytes, isSplit: base != nil))
      if request.isC {
        text = ByteRope(try TypesHeader.text(of: types, base: base, request.selection))
      } else {
        let listing = try ObjectError.ofBTF(try TypesListing(types, base: base, ids: request.roots))
        text = ByteRope(console.json.map { TypesReport.json(listing, $0) } ?? TypesReport.text(listing))
      }
    } catch { throw CommandError.failed(Inputs.diagnostic(file, error)) }
    try Outputs(console).write(text, to: "-", over: nil)
  }

  /// The last format counts. As in bpftool, its value cannot be abbreviated.
  private static func request(_ arguments: ArraySlice<String>) throws(CommandError) -> Request {
    var arguments = arguments
    var request = Request()
    while let word = arguments.popFirst() {
      switch BPFToolWord.meant(by: word, among: requestWords)?.name {
      case "format":
        guard let value = arguments.popFirst() else {
          throw CommandError.usage("'format' needs a format", hint: "format c")
        }
        guard ["raw", "c"].contains(value) else {
          throw CommandError.usage("invalid value '\(value)' for 'format'", hint: "one of raw, c")
        }
        request.isC = value == "c"
      case "root_id":
        guard let value = arguments.popFirst(), let id = typeID(value) else {
          throw CommandError.usage("'root_id' needs the number of a type", hint: "root_id 42")
        }
        guard !request.roots.contains(id) else { throw CommandError.usage("'root_id \(id)' is given twice") }
        // Source: bpftool's btf.c, `MAX_ROOT_IDS`.
        guard request.roots.count < 16 else { throw CommandError.usage("'root_id' is given more than 16 times") }
        request.roots.append(id)
      case "unsorted": request.isSorted = false
      case "file":
        throw CommandError.usage(
          "'btf dump' of several files is not supported",
          hint: "use bpftool 7.8 or newer")
      default: throw CommandError.usage("unexpected '\(word)'", hint: "one of format, root_id, unsorted")
      }
    }
    return request
  }

  /// `f` is `format`, as before bpftool accepted several files.
  private static let requestWords = ["format", "file", "root_id", "unsorted"].map {
    BPFToolWord(name: $0, next: .refused)
  }

  /// A number as parsed by `strtoul`, in any of C's bases.
  private static func typeID(_ word: String) -> TypeID? {
    if word.hasPrefix("0x") || word.hasPrefix("0X") { return UInt32(word.dropFirst(2), radix: 16).map { TypeID($0) } }
    return UInt32(word, radix: word.hasPrefix("0") ? 8 : 10).map { TypeID($0) }
  }

  /// The base of a file: `--base-btf`, or the kernel's types for a module in sysfs.
  static func baseTypes(for path: String, _ options: BPFToolOptions) throws(CommandError) -> TypesFile? {
    try (options.base ?? kernelTypes(below: path)).map(Inputs.types)
  }

  /// The base of a module's types in sysfs, which bpftool finds by itself too.
  private static func kernelTypes(below path: String) -> String? {
    let folder = "/sys/kernel/btf/"
    return path.hasPrefix(folder) && path != folder + "vmlinux" ? folder + "vmlinux" : nil
  }
}
