package import Bytes
package import Files
internal import Glibc

/// The state of one graph in a build folder: the saved tables, their file, and the lock that allows one build at a
/// time.
package struct StateStore: ~Copyable {
  /// `nil` for a build without a state.
  private let folder: StateFolder?
  private let path: String
  /// The lock of the folder, held while this is open; `nil` for a build without a state.
  private let lock: Descriptor?
  private(set) var saved: SavedState
  private var isEmpty: Bool
  /// Whether the file on disk was damaged; it is written again.
  package private(set) var wasDamaged: Bool
  /// Records that are not in the file yet.
  private var pending: [UInt8] = []
  /// The end of the journal, including the pending records.
  private var journal: JournalEnd
  private var needsRewrite: Bool
  /// The open file to which the journal is written; `nil` if not open.
  private var journalFile: Descriptor?
  /// Whether rewriting failed, for example because the disk is full: it is tried again when the build ends.
  private var couldNotRewrite = false

  /// Opens the state of a build folder, and waits for another build in it to end.
  ///
  /// - Parameters:
  ///   - folder: the folder of the state, which is created if it does not exist.
  ///   - name: of the file: several graphs may share one folder and one lock.
  ///   - waiting: called once before the wait, with the other build's description of itself.
  /// - Throws: `FileError`, with EINTR if a signal was caught while waiting.
  package init(folder: String, name: String = "state", waiting: (String) -> Void) throws(FileError) {
    let folder = StateFolder(path: folder)
    lock = try folder.enter(waiting)
    self.folder = folder
    path = folder.file(name)
    folder.prepareStaging()
    switch SavedState.read(path) {
    case .nothing(let isDamaged):
      saved = SavedState(TaskGraph(), version: Fingerprint(of: ""), inputs: [])
      journal = JournalEnd(size: 0, checksum: 0)
      (isEmpty, needsRewrite, wasDamaged) = (true, true, isDamaged)
    case .whole(let state, let end, let isTorn):
      saved = state
      // A killed build leaves an incomplete end: at most the tasks that were running are lost.
      journal = end
      (isEmpty, needsRewrite, wasDamaged) = (false, isTorn, false)
    }
  }

  /// A state that is empty, is not saved, and has no lock.
  package init() {
    folder = nil
    path = ""
    lock = nil
    saved = SavedState(TaskGraph(), version: Fingerprint(of: ""), inputs: [])
    journal = JournalEnd(size: 0, checksum: 0)
    (isEmpty, needsRewrite, wasDamaged) = (true, true, false)
  }

  /// Whether the state is saved for later builds.
  var isKept: Bool { folder != nil }

  /// The folder for temporary files; `nil` for a build without a state.
  package var staging: String? { folder?.staging }

  // MARK: The graph

  /// The graph of the last build, if its files are unchanged.
  ///
  /// - Parameters:
  ///   - version: everything else that it depends on.
  ///   - file: the first of its files, relative to the root, `nil` for none.
  ///   - root: the folder of its relative paths.
  package mutating func graph(version: Fingerprint, file: String?, root: String = "") -> TaskGraph? {
    guard !isEmpty, saved.isCurrent(version: version, file: file, root: root) else { return nil }
    saved.graph.root = root
    return saved.graph
  }

  /// The files that the graph was made from, as this process reaches them.
  package var graphInputs: [String] { saved.inputs.map { $0.path(below: saved.graph.root) } }

  /// Changes the state to this graph: the records of its tasks and sources are kept, all others are dropped.
  package mutating func adopt(_ graph: TaskGraph, version: Fingerprint, inputs: [GraphInput]) {
    if holds(graph), saved.version == version, saved.inputs == inputs {
      saved.graph.root = graph.root
      return
    }
    saved = saved.moved(to: graph, version: version, inputs: inputs)
    isEmpty = false
    needsRewrite = true
  }

  /// Whether the state belongs to this graph.
  func holds(_ graph: TaskGraph) -> Bool { !isEmpty && saved.graph.fingerprint == graph.fingerprint }

  /// Called when the saved graph turns out to be damaged: the whole file is ignored.
  package mutating func discard() {
    saved = SavedState(TaskGraph(), version: Fingerprint(of: ""), inputs: [])
    pending = []
    (isEmpty, needsRewrite, wasDamaged) = (true, true, true)
  }

  // MARK: Records

  mutating func record(_ record: JournalRecord) {
    record.apply(to: &saved.traces, of: saved.graph)
    if !needsRewrite { record.append(to: &pending, &journal) }
  }

  /// Writes the pending records. A failure costs later builds work, and is not an error of this one.
  mutating func flush() {
    guard let folder else { return }
    if needsRewrite {
      if !couldNotRewrite { rewrite(folder) }
      return
    }
    guard !pending.isEmpty else { return }
    if journalFile == nil { journalFile = try? Descriptor(opening: path, O_WRONLY | O_APPEND | O_NOFOLLOW) }
    // A partly written record ends the journal for the next reader, so write the file again.
    if (try? journalFile?.write(pending, path: path)) == nil { needsRewrite = true }
    pending = []
  }

  /// The same at the end of a build: if the journal is half as long as the tables, it is merged into them.
  mutating func flushAll() {
    if journal.size > max(1 << 16, saved.traces.signatures.count * 24) { needsRewrite = true }
    couldNotRewrite = false
    flush()
  }

  private mutating func rewrite(_ folder: StateFolder) {
    pending = []
    let (bytes, end) = saved.file()
    // If the process is killed here, the next build removes the temporary file.
    couldNotRewrite = (try? AtomicOutput.replace(path, with: bytes, staging: folder.staging)) == nil
    guard !couldNotRewrite else { return }
    // The open file was just replaced.
    journalFile = nil
    journal = end
    needsRewrite = false
  }

  // MARK: The folder

  /// Removes the state, and the folder if it was the last one.
  package consuming func remove() {
    guard let folder else { return }
    unsafe unlink(path)
    folder.removeIfUnused()
  }

  /// The folder in which tasks write incomplete outputs.
  package static func staging(in folder: String) -> String { StateFolder(path: folder).staging }
}
