internal import Bytes
internal import Emit
internal import Files

/// Writes the outputs of a command, each only if it differs.
struct Outputs: Sendable {
  private let options: StepOptions
  /// Whether a build tool's worker writes them: without reading existing files, and never to standard output.
  let isWorker: Bool

  init(_ options: StepOptions, _ console: Console) {
    self.options = options
    isWorker = console.isWorker
  }

  init(_ console: Console) { self.init(StepOptions(), console) }

  /// The time at which this run began to write, by the clock of file times.
  private static let start = Clock.fileNanos()

  /// - Parameters:
  ///   - path: `-` is standard output.
  ///   - marker: the signature that an existing file must have to be replaced, unless `--force` was given; `nil` to
  ///     replace any.
  func write(_ bytes: ByteRope, to path: String, over marker: FileMarker?) throws(CommandError) {
    if path == "-", isWorker {
      throw CommandError.failed(
        Diagnostic(what: "a worker's steps cannot write to standard output", hint: "use -o FILE"))
    }
    do throws(FileError) {
      if path == "-" { return try AtomicOutput.writeToStandardOutput(bytes) }
      _ = try AtomicOutput.write(bytes, to: path, over: asked(marker), compares: !isWorker)
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }

  /// The signature that an existing file must have, if it is checked at all.
  private func asked(_ marker: FileMarker?) -> FileMarker? { isWorker || options.force ? nil : marker }

  /// Writes a header, unless the file is an intact header of the same layout.
  func write(_ header: Header, to path: String) throws(CommandError) {
    if path != "-", !isWorker, let existing = try? FileContent(path: path), header.banner.isOn(existing.bytes) {
      return
    }
    try write(header.text(), to: path, over: .header)
  }

  /// Ends a step: writes its depfile, and then touches its stamp.
  ///
  /// - Parameters:
  ///   - inputs: the files that were read.
  ///   - dependsOnProgram: whether another version of this program could write other outputs.
  func finish(outputs: [String], inputs: [String], dependsOnProgram: Bool = true) throws(CommandError) {
    if options.depfile != nil, options.stamp == nil, outputs.isEmpty {
      throw CommandError.usage("a depfile needs an output or a stamp", hint: "use --stamp FILE")
    }
    do throws(FileError) {
      if let path = options.depfile {
        let program = dependsOnProgram ? Inputs.generator.map { [$0] } ?? [] : []
        let names = options.watchesInputs ? inputs.map(Outputs.otherName) : inputs
        let rule = rule(outputs: outputs, inputs: names + program)
        _ = try AtomicOutput.write(ByteRope(try rule.text()), to: path, over: asked(.depfile))
      }
      if let stamp = options.stamp { try AtomicOutput.touch(stamp, nanos: Outputs.newest(of: outputs)) }
    } catch { throw CommandError.failed(Diagnostic(error)) }
  }

  /// The time of the newest output that this run wrote; `nil` if it wrote none.
  ///
  /// The stamp gets that time: Ninja before 1.12 considers an output that is older than its stamp out of date.
  private static func newest(of outputs: [String]) -> Int64? {
    let times = outputs.compactMap { ((try? FileStamp(path: $0)) ?? nil)?.mtimeNanos }
    return times.max().flatMap { $0 >= start ? $0 : nil }
  }

  /// Lists the declared inputs that were not read, which the build tool then ignores.
  ///
  /// Compares files, not names: a file that was read under another name must not be listed.
  func writeUnused(_ lists: InputLists, inputs: [String]) throws(CommandError) {
    guard let declared = lists.declared, let list = lists.unused else {
      guard lists.declared == nil, lists.unused == nil else {
        throw CommandError.usage(
          "'--declared-inputs' and '--unused-inputs-list' must be used together", hint: "use both, or neither")
      }
      return
    }
    let read = Set(inputs.compactMap(Outputs.identity))
    let lines = String(decoding: try Inputs.read(declared).bytes, as: UTF8.self).split(at: "\n").map(String.init)
    let unused = lines.filter { line in Outputs.identity(line).map { !read.contains($0) } ?? false }
    try write(ByteRope(unused.map { $0 + "\n" }.joined()), to: list, over: FileMarker(lines))
  }

  /// The rule in the depfile: for the stamp, if there is one, else for the outputs.
  private func rule(outputs: [String], inputs: [String]) -> Depfile {
    guard let stamp = options.stamp else { return Depfile(outputs: outputs, inputs: inputs) }
    return Depfile(outputs: [stamp], inputs: inputs + (options.watchesOutputs ? outputs.map(Outputs.otherName) : []))
  }

  /// Another name of the same file, for the rule of a stamp that watches it.
  ///
  /// In the tool's own graph the output depends on the stamp. Under the same name it would form a cycle, which make
  /// breaks with a warning and Ninja refuses. Both treat another spelling as another file, and still read its time.
  /// This spelling is one that no tool normalizes, as Ninja does with `./`, and that users do not write, as they might
  /// write the absolute path.
  private static func otherName(of path: String) -> String {
    path.isAbsolutePath ? "/proc/self/root" + path : "/proc/self/cwd/" + path
  }

  /// Refuses a command line that would overwrite an input, or one output with another.
  func checkPaths(outputs: [String], inputs: [String]) throws(CommandError) {
    _ = Outputs.start
    let (depfile, stamp) = (options.depfile, options.stamp)
    if depfile != nil, outputs.contains("-") {
      throw CommandError.usage("'--depfile' needs an output file", hint: "use -o FILE")
    }
    let watches = [("watch-outputs", options.watchesOutputs), ("watch-inputs", options.watchesInputs)]
    for (option, isGiven) in watches where isGiven && (depfile == nil || stamp == nil) {
      throw CommandError.usage(
        "'--\(option)' needs '--stamp' and '--depfile'", hint: "add --stamp FILE and --depfile FILE")
    }
    let helpers = [depfile, stamp].compactMap { $0 }
    if depfile != nil, let broken = (outputs + inputs + helpers).first(where: Depfile.cannotName) {
      throw CommandError.failed(Diagnostic(.lineBreakInPath(path: broken)))
    }
    let read = Set(inputs.compactMap(Outputs.identity))
    var written: Set<String> = []
    for output in outputs + helpers where output != "-" {
      guard let identity = Outputs.identity(output) else { continue }
      guard !read.contains(identity) else {
        throw CommandError.usage("'\(output)' is both an input and an output", hint: "choose another output file")
      }
      guard written.insert(identity).inserted else {
        throw CommandError.usage("'\(output)' is used for two outputs", hint: "choose a different file for each output")
      }
    }
  }

  /// Identifies a file: device and inode, or for a path that does not exist those of its folder, and its name.
  private static func identity(_ path: String) -> String? {
    if let stamp = (try? FileStamp(path: path)) ?? nil {
      // Several outputs may be the same device or pipe.
      return stamp.kind == .regular ? "\(stamp.device):\(stamp.inode)" : nil
    }
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
    guard let stamp = (try? FileStamp(path: Folders.holding(path))) ?? nil else { return path }
    return "\(stamp.device):\(stamp.inode)/\(name)"
  }
}
