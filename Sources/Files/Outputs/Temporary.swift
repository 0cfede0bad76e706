internal import CLinux
internal import Glibc

/// A file that is being written. It has no name if the file system supports that, so that a killed program leaves
/// nothing. It is removed with its owner unless it was moved or linked to its path.
struct Temporary: ~Copyable {
  private(set) var descriptor: Descriptor
  private let stem: String
  /// The temporary name; `nil` while the file has none.
  private var name: String?

  /// - Parameters:
  ///   - stem: the prefix of its path.
  ///   - path: the output that errors name.
  init(stem: String, for path: String) throws(FileError) {
    self.stem = stem
    if let unnamed = try? Descriptor(opening: Folders.holding(stem), CLINUX_O_TMPFILE | O_DIRECTORY | O_WRONLY) {
      descriptor = unnamed
      return
    }
    // Some file systems do not support it (overlays of old kernels, network file systems).
    for _ in 0..<64 {
      let candidate = Temporary.name(stem)
      do throws(FileError) {
        descriptor = try Descriptor(opening: candidate, O_WRONLY | O_CREAT | O_EXCL)
        name = candidate
        return
      } catch {
        guard case .system(_, _, let number) = error else { throw error }
        if number != EEXIST { throw .system(path: path, operation: "create", errno: number) }
      }
    }
    throw .system(path: path, operation: "create", errno: EEXIST)
  }

  deinit { if let name { unsafe unlink(name) } }

  /// Renames the finished file to its path.
  mutating func move(to path: String) throws(FileError) {
    if name == nil, isLinked(to: path) { return try descriptor.close(path: path) }
    // A rename can replace a file, which a link cannot, so the file needs a name for a moment.
    while name == nil {
      let candidate = Temporary.name(stem)
      if isLinked(to: candidate) {
        name = candidate
      } else if errno != EEXIST {
        throw .system(path: path, operation: "create", errno: errno)
      }
    }
    try descriptor.close(path: path)
    guard unsafe rename(name!, path) == 0 else { throw .system(path: path, operation: "rename", errno: errno) }
    name = nil
  }

  /// Links the finished file to a path where nothing exists, and creates the folder if it is missing.
  ///
  /// - Returns: the file's stamp; `nil`, and the file is removed, if the path exists or the file system does not
  ///   support this.
  mutating func link(to path: String) throws(FileError) -> TakenStamp? {
    guard name == nil else { return nil }
    var isDone = isLinked(to: path)
    if !isDone, errno == ENOENT {
      try Folders.make(for: path)
      isDone = isLinked(to: path)
    }
    guard isDone else { return nil }
    let recorded = Clock.fileNanos()
    let stamp = try FileStamp(of: descriptor, path: path)
    try descriptor.close(path: path)
    return TakenStamp(stamp, recordedNanos: recorded)
  }

  /// Links the file without a name to a path; on failure `errno` has the reason.
  private func isLinked(to path: String) -> Bool {
    if unsafe linkat(descriptor.number, "", AT_FDCWD, path, Int32(CLINUX_AT_EMPTY_PATH)) == 0 { return true }
    // Before Linux 6.10, only root may do this.
    guard errno != EEXIST else { return false }
    return unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.number)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }

  static func name(_ stem: String) -> String {
    stem + ".tmp-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}
