package import Bytes
package import Files
internal import Glibc

/// The state of one graph in a build folder: what is saved, its file, and the lock that lets one build in at a time.
package struct StateStore: ~Copyable {
  /// `nil` for a build that keeps nothing.
  private let folder: StateFolder?
  private let path: String
  /// The lock of the folder, as long as it is open; `nil` for a build that keeps nothing.
  private let lock: Descriptor?
  private(set) var saved: SavedState
  private var isEmpty: Bool
  /// Whether the file on disk was damaged: it is made again.
  package private(set) var wasDamaged: Bool
  /// Records that are not in the file yet.
  private var pending: [UInt8] = []
  /// With the pending records.
  private var journal: JournalEnd
  private var needsRewrite: Bool
  /// Where the journal is written to; `nil` while the file is not open for it.
  private var journalFile: Descriptor?
  /// The disk is full, say: it is tried once more when the build ends.
  private var couldNotRewrite = false

  /// Opens the state of a build folder, waiting for another build in it to end.
  ///
  /// - Parameters:
  ///   - folder: where the state lies; it is made when it is not there.
  ///   - name: of the file: several graphs may have theirs in one folder, and one lock.
  ///   - waiting: called once, with what the other build wrote of itself, before the wait.
  /// - Throws: `FileError`; one with EINTR when a signal was caught while waiting.
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
      // A torn end is what a killed build leaves: no more is lost than was in flight.
      journal = end
      (isEmpty, needsRewrite, wasDamaged) = (false, isTorn, false)
    }
  }

  /// The state of a build that knows nothing of earlier ones, leaves nothing to later ones, and locks nothing.
  package init() {
    folder = nil
    path = ""
    lock = nil
    saved = SavedState(TaskGraph(), version: Fingerprint(of: ""), inputs: [])
    journal = JournalEnd(size: 0, checksum: 0)
    (isEmpty, needsRewrite, wasDamaged) = (true, true, false)
  }

  /// Whether a later build knows what this one learns.
  var isKept: Bool { folder != nil }

  /// The folder for temporary files; `nil` for a build that keeps nothing.
  package var staging: String? { folder?.staging }

  // MARK: The graph

  /// The graph of the last build, when it is still what its files say.
  ///
  /// - Parameters:
  ///   - version: whatever else it depends on.
  ///   - file: the first of its files, relative to the root, `nil` for none.
  ///   - root: the folder that its relative paths begin at.
  package mutating func graph(version: Fingerprint, file: String?, root: String = "") -> TaskGraph? {
    guard !isEmpty, saved.isCurrent(version: version, file: file, root: root) else { return nil }
    saved.graph.root = root
    return saved.graph
  }

  /// The files that the graph was made from, as this process reaches them.
  package var graphFiles: [String] { saved.inputs.map { TaskGraph.path($0.path, below: saved.graph.root) } }

  /// From here on the state is that of this graph: what is known of its tasks and sources is kept, the rest forgotten.
  package mutating func adopt(_ graph: TaskGraph, version: Fingerprint, inputs: [GraphInput]) {
    if holds(graph), saved.version == version, saved.inputs == inputs {
      saved.graph.root = graph.root
      return
    }
    saved = saved.moved(to: graph, version: version, inputs: inputs)
    isEmpty = false
    needsRewrite = true
  }

  /// Whether the state is that of this graph.
  func holds(_ graph: TaskGraph) -> Bool { !isEmpty && saved.graph.fingerprint == graph.fingerprint }

  /// The saved graph turned out not to be what it should be: nothing in the file is believed.
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

  /// Puts on disk what was recorded since the last call. A failure costs later builds work and is no error of this one.
  mutating func flush() {
    guard let folder else { return }
    if needsRewrite {
      if !couldNotRewrite { rewrite(folder) }
      return
    }
    guard !pending.isEmpty else { return }
    if journalFile == nil { journalFile = try? Descriptor(opening: path, O_WRONLY | O_APPEND | O_NOFOLLOW) }
    // A record that is there by half ends the journal for the next reader: the file is written again.
    if (try? journalFile?.write(pending, path: path)) == nil { needsRewrite = true }
    pending = []
  }

  /// The same at the end of a build: a journal that has grown as long as half the tables is taken up into them.
  mutating func flushAll() {
    if journal.size > max(1 << 16, saved.traces.signatures.count * 24) { needsRewrite = true }
    couldNotRewrite = false
    flush()
  }

  private mutating func rewrite(_ folder: StateFolder) {
    pending = []
    let (bytes, end) = saved.file()
    // Whoever is killed here leaves a temporary where the next build removes it.
    couldNotRewrite = (try? AtomicOutput.replace(path, with: bytes, staging: folder.staging)) == nil
    guard !couldNotRewrite else { return }
    // The file that is open was just replaced.
    journalFile = nil
    journal = end
    needsRewrite = false
  }

  // MARK: The folder

  /// Removes the state, and with the last one the folder.
  package consuming func remove() {
    guard let folder else { return }
    unsafe unlink(path)
    folder.removeIfUnused()
  }

  /// Where tasks write their outputs until they are complete.
  package static func staging(in folder: String) -> String { StateFolder(path: folder).staging }
}
