internal import Glibc

/// The state of one build folder: the log, its file, and the lock that lets one build in at a time.
public struct StateStore: ~Copyable {
  private let path: String
  private let lockDescriptor: Int32
  private(set) var log: StateLog
  /// Whether the log on disk was damaged: it is being made anew.
  public let wasDamaged: Bool
  private var needsRewrite: Bool

  /// Opens the state of a build folder, waiting for another build in it to end.
  ///
  /// - Parameters:
  ///   - folder: where the state lies; it is made when it is not there.
  ///   - waiting: called once, with what the other build wrote of itself, before the wait.
  public init(folder: String, waiting: (String) -> Void) throws(FileError) {
    if mkdir(folder, 0o777) != 0, errno != EEXIST { throw .system(path: folder, operation: "create", errno: errno) }
    let lock = try StateStore.lock(folder + "/lock", waiting)
    path = folder + "/state"
    lockDescriptor = lock
    StateStore.prepareStaging(StateStore.staging(in: folder))
    let bytes = (try? FileContent(path: path))?.bytes
    log = StateLog(bytes ?? [])
    wasDamaged = log.isDamaged
    // An empty file has no header yet: nothing may be appended to it.
    needsRewrite = (bytes ?? []).isEmpty || log.isDamaged || log.isBloated
  }

  deinit { close(lockDescriptor) }

  mutating func record(_ trace: Trace, for identity: Fingerprint) { log.record(trace, for: identity) }
  mutating func record(_ source: StateLog.Source, for path: Fingerprint) { log.record(source, for: path) }

  /// Puts on disk what was recorded since the last call. A failure costs later builds work and is no error of this one.
  mutating func flush() {
    if needsRewrite {
      needsRewrite = (try? AtomicOutput.write(ByteRope(log.compacted()), to: path)) == nil
      return
    }
    let bytes = log.takePending()
    guard !bytes.isEmpty else { return }
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    let written = descriptor < 0 ? -1 : bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if descriptor >= 0 { close(descriptor) }
    // A record that is there by half ends the log for the next reader: it is written anew.
    if written != bytes.count { needsRewrite = true }
  }

  /// The files of the folder that are the store's own.
  public static let files = ["state", "lock"]

  /// Where the tasks of a build put their outputs until they are whole.
  public static func staging(in folder: String) -> String { folder + "/tmp" }

  /// Makes the folder, and removes what a killed build left in it: nobody else builds here now.
  private static func prepareStaging(_ staging: String) {
    if mkdir(staging, 0o777) == 0 { return }
    guard let entries = opendir(staging) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { unlink(staging + "/" + name) }
    }
  }

  private static func lock(_ path: String, _ waiting: (String) -> Void) throws(FileError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", errno: errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      waiting((try? FileContent(path: path)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
      while flock(descriptor, LOCK_EX) != 0 {
        guard errno == EINTR else {
          let error = errno
          close(descriptor)
          throw .system(path: path, operation: "lock", errno: error)
        }
      }
    }
    // Who has it, for those who wait.
    let owner = Array("process \(getpid())".utf8)
    ftruncate(descriptor, 0)
    _ = owner.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return descriptor
  }
}
