internal import Bytes
internal import Emit
internal import Files

/// Writes what a command made, each output only when it differs.
enum Outputs {
  // Safe because: set once, before a worker's first step.
  /// Whether a build tool's worker writes them: without a look at what is there, and never to standard output.
  nonisolated(unsafe) static var isWorker = false

  /// When this run began to write, by the clock of files.
  private static let start = Clock.fileNanos()

  /// - Parameters:
  ///   - path: `-` is standard output.
  ///   - mark: what a file there must have to be replaced, unless the arguments have `--force`; `nil` to replace any.
  static func write(_ bytes: ByteRope, to path: String, over mark: FileMark?, _ arguments: ParsedArguments) throws {
    if path == "-", isWorker {
      throw Failure(Diagnostic(what: "a worker's standard output is not a step's", hint: "give -o FILE"))
    }
    do throws(FileError) {
      if path == "-" { return try AtomicOutput.writeToStandardOutput(bytes) }
      _ = try AtomicOutput.write(bytes, to: path, over: asked(mark, arguments), compares: !isWorker)
    } catch { throw Failure(Diagnostic(error)) }
  }

  /// What a file must have to be replaced, where that is asked at all.
  private static func asked(_ mark: FileMark?, _ arguments: ParsedArguments) -> FileMark? {
    isWorker || arguments.has("force") ? nil : mark
  }

  /// Writes a header unless the file is one already that the same layout made, unedited and whole.
  static func write(_ header: Header, to path: String, _ arguments: ParsedArguments) throws {
    if path != "-", !isWorker, let existing = try? FileContent(path: path), header.banner.isOn(existing.bytes) {
      return
    }
    try write(header.text(), to: path, over: .header, arguments)
  }

  /// Ends a step: writes its depfile, and then touches its stamp.
  ///
  /// - Parameters:
  ///   - inputs: what was read.
  ///   - hangsOnProgram: whether the outputs are this program's own, which another one would write otherwise.
  static func finish(
    _ arguments: ParsedArguments, outputs: [String], inputs: [String], hangsOnProgram: Bool = true
  ) throws {
    if arguments["depfile"] != nil, arguments["stamp"] == nil, outputs.isEmpty {
      throw UsageError(what: "there is no output that a depfile's rule could be for", hint: "give --stamp FILE")
    }
    do throws(FileError) {
      if let path = arguments["depfile"] {
        let program = hangsOnProgram ? Inputs.generator.map { [$0] } ?? [] : []
        let names = arguments.has("watch-inputs") ? inputs.map(otherName) : inputs
        let rule = rule(arguments, outputs: outputs, inputs: names + program)
        _ = try AtomicOutput.write(ByteRope(try rule.text()), to: path, over: asked(.depfile, arguments))
      }
      if let stamp = arguments["stamp"] { try AtomicOutput.touch(stamp, nanos: newest(of: outputs)) }
    } catch { throw Failure(Diagnostic(error)) }
  }

  /// The time of the newest output that this run wrote; `nil` when it left all of them alone.
  ///
  /// A stamp has that time: Ninja before 1.12 takes an output that is older than the stamp it is made from for out of date.
  private static func newest(of outputs: [String]) -> Int64? {
    let times = outputs.compactMap { ((try? FileStamp(path: $0)) ?? nil)?.mtimeNanos }
    return times.max().flatMap { $0 >= start ? $0 : nil }
  }

  /// Writes which declared inputs were not read, for a build tool that leaves those out of account from then on.
  ///
  /// Files are compared, and not their names: one that is read by another name is not to be called unused.
  static func writeUnused(_ arguments: ParsedArguments, inputs: [String]) throws {
    let (declared, list) = (arguments["declared-inputs"], arguments["unused-inputs-list"])
    guard let declared, let list else {
      guard declared == nil, list == nil else {
        throw UsageError(
          what: "'--declared-inputs' and '--unused-inputs-list' go together", hint: "give both, or neither")
      }
      return
    }
    let read = Set(inputs.compactMap(place))
    let lines = String(decoding: try Inputs.read(declared).bytes, as: UTF8.self).split(at: "\n").map(String.init)
    let unused = lines.filter { line in place(line).map { !read.contains($0) } ?? false }
    try write(ByteRope(unused.map { $0 + "\n" }.joined()), to: list, over: FileMark(lines), arguments)
  }

  /// The depfile's rule: for the stamp, if there is one, else for the outputs.
  static func rule(_ arguments: ParsedArguments, outputs: [String], inputs: [String]) -> Depfile {
    guard let stamp = arguments["stamp"] else { return Depfile(outputs: outputs, inputs: inputs) }
    return Depfile(outputs: [stamp], inputs: inputs + (arguments.has("watch-outputs") ? outputs.map(otherName) : []))
  }

  /// Another name of the same file, for the rule of a stamp that watches it.
  ///
  /// In the tool's own graph the output hangs on the stamp. Named as there, it would close a circle, which make cuts open
  /// with a warning and Ninja refuses; both take another spelling for another file, and look at its time all the same. No
  /// tool makes the one of the other, as Ninja would of `./`, and nobody writes it, as they might the absolute path.
  static func otherName(of path: String) -> String {
    path.isAbsolutePath ? "/proc/self/root" + path : "/proc/self/cwd/" + path
  }

  /// Refuses a command line that would write over what it reads, or one output over another.
  static func checkPlaces(_ arguments: ParsedArguments, outputs: [String], inputs: [String]) throws {
    _ = start
    let (depfile, stamp) = (arguments["depfile"], arguments["stamp"])
    if depfile != nil, outputs.contains("-") {
      throw UsageError(what: "'--depfile' needs an output that has a name", hint: "give -o FILE")
    }
    for option in ["watch-outputs", "watch-inputs"] where arguments.has(option) && (depfile == nil || stamp == nil) {
      throw UsageError(what: "'--\(option)' is about the depfile of a stamp", hint: "give --stamp and --depfile")
    }
    let helpers = [depfile, stamp].compactMap { $0 }
    if depfile != nil, let broken = (outputs + inputs + helpers).first(where: Depfile.cannotName) {
      throw Failure(Diagnostic(.lineBreakInPath(path: broken)))
    }
    let read = Set(inputs.compactMap(place))
    var written: Set<String> = []
    for output in outputs + helpers where output != "-" {
      guard let place = place(output) else { continue }
      guard !read.contains(place) else {
        throw UsageError(what: "'\(output)' is an input", hint: "write to another file")
      }
      guard written.insert(place).inserted else {
        throw UsageError(what: "'\(output)' is named twice", hint: "every output needs a file of its own")
      }
    }
  }

  /// What tells a file from all others: device and inode; where nothing is yet, those of its folder, and its name.
  private static func place(_ path: String) -> String? {
    if let stamp = (try? FileStamp(path: path)) ?? nil {
      // A device or a pipe may stand for several outputs.
      return stamp.kind == .regular ? "\(stamp.device):\(stamp.inode)" : nil
    }
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
    guard let stamp = (try? FileStamp(path: Folders.holding(path))) ?? nil else { return path }
    return "\(stamp.device):\(stamp.inode)/\(name)"
  }
}
