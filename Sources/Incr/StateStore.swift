internal import Glibc

/// The state of one graph in a build folder: what is saved, its file, and the lock that lets one build in at a time.
public struct StateStore: ~Copyable {
  /// `nil` for a build that keeps nothing.
  private let folder: String?
  private let path: String
  private let lockDescriptor: Int32
  private(set) var saved: SavedState
  private var isEmpty: Bool
  /// Whether the file on disk was damaged: it is being made anew.
  public let wasDamaged: Bool
  /// Records that are not in the file yet.
  private var pending: [UInt8] = []
  /// With the pending records.
  private var journal: JournalEnd
  private var needsRewrite: Bool
  /// The disk is full, say: it is tried once more when the build ends.
  private var couldNotRewrite = false

  /// Opens the state of a build folder, waiting for another build in it to end.
  ///
  /// - Parameters:
  ///   - folder: where the state lies; it is made when it is not there.
  ///   - name: of the file: several graphs may have theirs in one folder, and one lock.
  ///   - waiting: called once, with what the other build wrote of itself, before the wait.
  /// - Throws: `FileError`; one with EINTR when a signal was caught while waiting.
  public init(folder: String, name: String = "state", waiting: (String) -> Void) throws(FileError) {
    lockDescriptor = try StateStore.enter(folder, waiting)
    self.folder = folder
    path = StateStore.file(in: folder, name)
    StateStore.prepareStaging(StateStore.staging(in: folder))
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
  public init() {
    folder = nil
    path = ""
    lockDescriptor = -1
    saved = SavedState(TaskGraph(), version: Fingerprint(of: ""), inputs: [])
    journal = JournalEnd(size: 0, checksum: 0)
    (isEmpty, needsRewrite, wasDamaged) = (true, true, false)
  }

  deinit { if lockDescriptor >= 0 { close(lockDescriptor) } }

  /// Where temporaries lie; `nil` for a build that keeps nothing.
  public var staging: String? { folder.map(StateStore.staging) }

  // MARK: The graph

  /// The graph of the last build, when it is still what its files say.
  ///
  /// - Parameters:
  ///   - version: whatever else it depends on.
  ///   - file: the first of its files, relative to the root, `nil` for none.
  ///   - root: the folder that its relative paths begin at.
  public mutating func graph(version: Fingerprint, file: String?, root: String = "") -> TaskGraph? {
    guard !isEmpty, saved.isCurrent(version: version, file: file, root: root) else { return nil }
    saved.graph.root = root
    return saved.graph
  }

  /// The files that the graph was made from, as this process reaches them.
  public var graphFiles: [String] { saved.inputs.map { TaskGraph.path($0.path, below: saved.graph.root) } }

  /// From here on the state is that of this graph: what is known of its tasks and sources is kept, the rest forgotten.
  public mutating func adopt(_ graph: TaskGraph, version: Fingerprint, inputs: [GraphInput]) {
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
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
    let written = descriptor < 0 ? -1 : pending.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if descriptor >= 0 { close(descriptor) }
    // A record that is there by half ends the journal for the next reader: the file is written anew.
    if written != pending.count { needsRewrite = true }
    pending = []
  }

  /// The same at the end of a build: a journal that has grown as long as half the tables is taken up into them.
  mutating func flushAll() {
    if journal.size > max(1 << 16, saved.traces.signatures.count * 24) { needsRewrite = true }
    couldNotRewrite = false
    flush()
  }

  private mutating func rewrite(_ folder: String) {
    pending = []
    let (bytes, end) = saved.file()
    // Whoever is killed here leaves a temporary where the next build removes it.
    couldNotRewrite = (try? AtomicOutput.replace(path, with: bytes, staging: StateStore.staging(in: folder))) == nil
    guard !couldNotRewrite else { return }
    journal = end
    needsRewrite = false
  }

  // MARK: The folder

  static func file(in folder: String, _ name: String) -> String { folder + "/" + name }

  /// Removes the state, and with the last one the folder.
  public consuming func remove() {
    guard let folder else { return }
    unlink(path)
    let others = StateStore.entries(folder).filter { $0 != "lock" && $0 != "tmp" }
    guard others.isEmpty else { return }
    unlink(StateStore.lockFile(in: folder))
    rmdir(StateStore.staging(in: folder))
    rmdir(folder)
  }

  /// Where the tasks of a build put their outputs until they are whole.
  public static func staging(in folder: String) -> String { folder + "/tmp" }

  /// Makes the folder, and removes what a killed build left in it: nobody else builds here now.
  private static func prepareStaging(_ staging: String) {
    if SymbolicLink.target(staging) != nil { unlink(staging) }
    if mkdir(staging, 0o777) == 0 { return }
    for name in entries(staging) { unlink(staging + "/" + name) }
  }

  /// The names in a folder; none in one that cannot be read.
  private static func entries(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private static func lockFile(in folder: String) -> String { folder + "/lock" }

  /// Makes the folder and takes its lock, again where whoever had it removed both.
  private static func enter(_ folder: String, _ waiting: (String) -> Void) throws(FileError) -> Int32 {
    while true {
      if mkdir(folder, 0o777) != 0, errno != EEXIST { throw .system(path: folder, operation: "create", errno: errno) }
      // What lies behind a link is somebody else's, and files are removed there.
      guard SymbolicLink.target(folder) == nil else { throw .linked(path: folder) }
      if let lock = try lock(lockFile(in: folder), waiting) { return lock }
    }
  }

  /// - Returns: `nil` when the file was removed before it was locked.
  private static func lock(_ path: String, _ waiting: (String) -> Void) throws(FileError) -> Int32? {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .system(path: path, operation: "open", errno: errno)
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      waiting((try? FileContent(path: path)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
      if flock(descriptor, LOCK_EX) != 0 {
        let error = errno
        close(descriptor)
        throw .system(path: path, operation: "lock", errno: error)
      }
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_nlink == 0 {
      close(descriptor)
      return nil
    }
    // Who has it, for those who wait.
    let owner = Array("process \(getpid())".utf8)
    ftruncate(descriptor, 0)
    _ = owner.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return descriptor
  }
}
