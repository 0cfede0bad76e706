internal import CLinux
internal import Glibc

/// A file that is being written: without a name for as long as the file system allows it, so that a program that is
/// killed leaves nothing behind.
struct Temporary {
  let descriptor: Int32
  private let stem: String
  /// The name that it has; `nil` while it has none.
  private var name: String?

  /// - Parameters:
  ///   - stem: what its name begins with, a path.
  ///   - path: the output that an error is about.
  init(stem: String, for path: String) throws(FileError) {
    self.stem = stem
    let unnamed = open(Folders.holding(stem), CLINUX_O_TMPFILE | O_DIRECTORY | O_WRONLY | O_CLOEXEC, 0o666)
    if unnamed >= 0 {
      descriptor = unnamed
      return
    }
    // Not every file system can do that (overlays of old kernels, network ones).
    for _ in 0..<64 {
      let candidate = Temporary.name(stem)
      let named = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      let error = errno
      if named >= 0 {
        descriptor = named
        name = candidate
        return
      }
      if error != EEXIST { throw .system(path: path, operation: "create", errno: error) }
    }
    throw .system(path: path, operation: "create", errno: EEXIST)
  }

  /// Puts the finished file in its place.
  mutating func move(to path: String) throws(FileError) {
    if name == nil, isLinked(to: path) { return try closeFile(path) }
    // A rename replaces what is there, which a link cannot: the name lives from here to there.
    while name == nil {
      let candidate = Temporary.name(stem)
      if isLinked(to: candidate) {
        name = candidate
      } else if errno != EEXIST {
        throw .system(path: path, operation: "create", errno: errno)
      }
    }
    try closeFile(path)
    guard rename(name!, path) == 0 else { throw .system(path: path, operation: "rename", errno: errno) }
    name = nil
  }

  /// Gives the finished file its name, where nothing else has it. A folder that is missing is made.
  ///
  /// - Returns: the file's stamp; `nil`, and the file is gone, when something is there already or the file system cannot.
  mutating func link(to path: String) throws(FileError) -> TakenStamp? {
    guard name == nil else {
      discard()
      return nil
    }
    var isDone = isLinked(to: path)
    if !isDone, errno == ENOENT {
      try Folders.make(for: path)
      isDone = isLinked(to: path)
    }
    guard isDone else {
      discard()
      return nil
    }
    let recorded = Clock.fileNanos()
    let stamp = try FileStamp(descriptor: descriptor, path: path)
    try closeFile(path)
    return TakenStamp(stamp, recordedNanos: recorded)
  }

  /// Gives the file that has no name this one; `errno` says why not.
  private func isLinked(to path: String) -> Bool {
    linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
  }

  private var isClosed = false

  /// A full disk or a broken quota may be told only here.
  private mutating func closeFile(_ path: String) throws(FileError) {
    isClosed = true
    guard close(descriptor) == 0 else { throw .system(path: path, operation: "close", errno: errno) }
  }

  /// Removes what there is of it, after a failure.
  mutating func discard() {
    if !isClosed { close(descriptor) }
    isClosed = true
    if let name { unlink(name) }
    name = nil
  }

  static func name(_ stem: String) -> String {
    stem + ".tmp-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
  }
}
