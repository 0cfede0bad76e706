internal import BPF
internal import BTF
internal import Bytes
internal import Files
internal import Incr

/// One run of a task: reads, opens and writes files for it, and counts bytes and time.
struct TaskWork {
  /// The phases of a task's time.
  enum Phase: String {
    /// Reading and hashing.
    case hash
    /// Checking an object and reading its layout.
    case open
    case emit, link, check, write
  }

  private var bytesRead = 0
  private var timings: [PhaseTiming] = []

  mutating func measure<Result, Failure: Error>(_ phase: Phase, _ body: () throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    let start = Clock.monotonicNanos()
    defer { timings.append(PhaseTiming(phase: phase.rawValue, nanos: Clock.monotonicNanos() - start)) }
    return try body()
  }

  /// - Parameter expecting: the signature that the task consumes: if the file has changed since, its results would be
  ///   wrong.
  mutating func read(_ path: String, expecting signature: Fingerprint?) throws(ProjectFailure) -> FileContent {
    let file = try measure(.hash) { () throws(ProjectFailure) in
      do throws(FileError) {
        let file = try FileContent(path: path)
        if let signature, Fingerprint(of: file.bytes) != signature { throw .changedWhileRead(path: path) }
        return file
      } catch { throw .file(error) }
    }
    bytesRead += file.bytes.count
    return file
  }

  /// The struct's name differs for each header, but the object is opened once for all of them.
  mutating func open(_ file: FileContent, assertMembers: Bool) throws(ProjectFailure) -> BPFObject {
    try measure(.open) { () throws(ProjectFailure) in
      do throws(ObjectError) {
        return try BPFObject(file.bytes, name: "object", assertMembers: assertMembers)
      } catch { throw .object(path: file.path, error) }
    }
  }

  /// The same with the loader of a light skeleton, which contains the struct's name.
  mutating func openLight(_ file: FileContent, _ spec: HeaderSpec) throws(ProjectFailure) -> LightObject {
    try measure(.open) { () throws(ProjectFailure) in
      do throws(ObjectError) {
        return try LightObject(file.bytes, name: spec.name, assertMembers: spec.assertMembers)
      } catch { throw .object(path: file.path, error) }
    }
  }

  /// What the relocations of an object need from a kernel.
  mutating func needs(of file: FileContent) throws(ProjectFailure) -> CoreNeeds {
    try measure(.open) { () throws(ProjectFailure) in
      do throws(BTFError) {
        return try CoreNeeds(object: file.bytes)
      } catch { throw .object(path: file.path, ObjectError(error)) }
    }
  }

  mutating func write(
    _ bytes: ByteRope, to path: String, _ rule: ProjectRule, _ runner: ProjectRunner, _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    let (found, stamp) = try measure(.write) { () throws(ProjectFailure) in
      do throws(FileError) {
        try runner.folders.check(path) { context.graph.files }
        let marker = runner.replacesAnything ? nil : rule.marker(at: path)
        return try AtomicOutput.write(
          bytes, toOwn: path, over: marker, staging: runner.staging, isNew: context.isNew)
      } catch { throw .file(error) }
    }
    var outcome = outcome([Fingerprint(of: bytes)])
    outcome.stamps = stamp.map { [$0] } ?? []
    outcome.filesWritten = found == .written ? 1 : 0
    outcome.bytesWritten = found == .written ? bytes.count : 0
    return outcome
  }

  func outcome(_ results: [Fingerprint], product: (any Sendable)? = nil) -> TaskOutcome {
    TaskOutcome(results: results, bytesRead: bytesRead, timings: timings, product: product)
  }
}
