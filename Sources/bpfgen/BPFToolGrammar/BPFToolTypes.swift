internal import BPFObject
internal import Incr

extension BPFToolGrammar {
  /// What follows `btf`.
  static let typeCommands: [BPFToolWord] = [
    BPFToolWord(name: "show", next: .refused),
    BPFToolWord(name: "list", next: .refused),
    BPFToolWord(name: "help", next: .command(usage: "", atLeast: 0) { try help(.btf, $0, $1) }),
    BPFToolWord(name: "dump", next: .words(typeSources)),
  ]

  /// What follows `btf dump`: all but files are of the running kernel.
  private static let typeSources: [BPFToolWord] = [
    BPFToolWord(name: "id", next: .refused),
    BPFToolWord(name: "map", next: .refused),
    BPFToolWord(name: "prog", next: .refused),
    BPFToolWord(name: "file", next: .command(usage: "<file> [format <format>]", atLeast: 1, run: dump)),
  ]

  private static func dump(_ words: ArraySlice<String>, _ arguments: ParsedArguments) throws {
    let path = words.first!
    let isC = try format(words.dropFirst()) == "c"
    if isC, Terminal.json != nil { throw UsageError(what: "types as C have no form in JSON", hint: "leave --json out") }
    let base = try (arguments["base-btf"] ?? kernelTypes(below: path)).map { try types($0) }
    let file = try Inputs.read(path)
    let text: ByteRope
    do throws(ObjectError) {
      let types = try TypesFile(file.bytes, isSplit: base != nil)
      if isC {
        text = ByteRope(try TypesHeader.text(of: types, base: base))
      } else {
        let listing = try TypesListing(types, base: base)
        text = ByteRope(Terminal.json.map { TypesReport.json(listing, $0) } ?? TypesReport.text(listing))
      }
    } catch { throw Failure(Inputs.diagnostic(file, error)) }
    try Outputs.write(text, to: "-", over: nil, arguments)
  }

  /// The word behind the last `format`. This one is not abbreviated, as bpftool has it.
  private static func format(_ words: ArraySlice<String>) throws(UsageError) -> String {
    var words = words
    var format = "raw"
    while let word = words.popFirst() {
      guard BPFToolWord.isBeginning(word, of: "format") else {
        throw UsageError(what: "unexpected '\(word)'", hint: "format c")
      }
      guard let value = words.popFirst() else { throw UsageError(what: "'format' needs a format", hint: "format c") }
      guard ["raw", "c"].contains(value) else {
        throw UsageError(what: "'format' does not take '\(value)'", hint: "one of raw, c")
      }
      format = value
    }
    return format
  }

  /// The base of a module's types in sysfs, which bpftool finds by itself too.
  private static func kernelTypes(below path: String) -> String? {
    let folder = "/sys/kernel/btf/"
    return path.hasPrefix(folder) && path != folder + "vmlinux" ? folder + "vmlinux" : nil
  }

  private static func types(_ path: String) throws -> TypesFile {
    let file = try Inputs.read(path)
    do throws(ObjectError) {
      return try TypesFile(file.bytes)
    } catch { throw Failure(Inputs.diagnostic(file, error)) }
  }
}
