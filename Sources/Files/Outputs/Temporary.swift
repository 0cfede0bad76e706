internal import CLinux
internal import Glibc

/// A file that is being written: without a name for as long as the file system allows it, so that a program that is
/// killed leaves nothing behind. Unless it is put in its place, it is gone with its owner.
struct Temporary: ~Copyable {
  private(set) var descriptor: Descriptor
  private let stem: String
  /// The name that it has; `nil` while it has none.
  private var name: String?

  /// - Parameters:
  ///   - stem: what its name begins with, a path.
  ///   - path: the output that an error is about.
  init(stem: String, for path: String) throws(FileError) {
    self.stem = stem
    if let unnamed = try? Descriptor(opening: Folders.holding(stem), CLINUX_O_TMPFILE | O_DIRECTORY | O_WRONLY) {
      descriptor = unnamed
      return
    }
    // Not every file system can do that (overlays of old kernels, network ones).
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

  /// Puts the finished file in its place.
  mutating func move(to path: String) throws(FileError) {
    if name == nil, isLinked(to: path) { return try descriptor.close(path: path) }
    // A rename replaces what is there, which a link cannot: the name lives from here to there.
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

  /// Gives the finished file its name, where nothing else has it. A folder that is missing is made.
  ///
  /// - Returns: the file's stamp; `nil`, and the file is gone, when something is there already or the file system cannot.
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

  /// Gives the file that has no name this one; `errno` says why not.
  private func isLinked(to path: String) -> Bool {
    unsafe linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.number)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }

  static func name(_ stem: String) -> String {
    stem + ".tmp-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}
