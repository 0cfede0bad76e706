package import Bytes
internal import Glibc

/// Writes outputs atomically, and only if their bytes changed.
package enum AtomicOutput {
  /// The result of a write.
  package enum Outcome: Hashable, Sendable {
    /// The file had these bytes already, and keeps its inode and times.
    case kept
    case written
  }

  /// Writes `bytes` to `path` unless the file already has them. A partial file is never visible under `path`.
  ///
  /// A regular file, or a path where nothing exists, is replaced by renaming a temporary file in the same folder.
  /// Anything else (`/dev/stdout`, a pipe) is opened and written: a rename would replace the device itself.
  ///
  /// - Parameters:
  ///   - marker: the signature that a file with other bytes must have to be replaced; `nil` to replace any.
  ///   - compares: whether a file that already has these bytes is left alone.
  /// - Throws: ``FileError/notOurs(path:)`` for a file without the signature.
  package static func write(
    _ bytes: ByteRope, to path: String, over marker: FileMarker? = nil, compares: Bool = true
  ) throws(FileError) -> Outcome {
    let existing = try FileStamp(path: path)
    if let existing {
      switch existing.kind {
      case .regular:
        if compares, existing.sizeBytes == bytes.count, FileComparison.isEqual(path, bytes) { return .kept }
        if let marker, try !marker.isPresent(in: path, before: bytes) { throw .notOurs(path: path) }
      case .directory:
        throw .notRegular(path: path, kind: .directory)
      default:
        try Descriptor(opening: path, O_WRONLY).write(bytes, path: path)
        return .written
      }
    }
    // A symbolic link is kept, and its target is replaced.
    try replace(resolved(path), with: bytes, permissions: existing?.permissions)
    return .written
  }

  /// The same for a path inside the build. A symbolic link there is replaced and not followed (it could lead to a
  /// source), and only regular files are written.
  ///
  /// - Parameters:
  ///   - staging: a folder of the same file system for the temporary file, instead of the output's folder. The next run
  ///     finds what a killed program leaves there.
  ///   - isNew: whether the path is expected not to exist: the file is then created first, and compared only if that
  ///     fails.
  /// - Returns: the outcome, and the file's stamp with these bytes; `nil` if the stamp was not taken.
  package static func write(
    _ bytes: ByteRope, toOwn path: String, over marker: FileMarker?, staging: String?, isNew: Bool = false
  ) throws(FileError) -> (outcome: Outcome, stamp: TakenStamp?) {
    if isNew, let stamp = try create(path, with: bytes, staging: staging) { return (.written, stamp) }
    var status = stat()
    let recorded = Clock.fileNanos()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else {
      try Folders.make(for: path)
      try replace(path, with: bytes, staging: staging)
      return (.written, nil)
    }
    let existing = FileStamp(status)
    guard existing.kind == .regular else { throw .notRegular(path: path, kind: existing.kind) }
    if existing.sizeBytes == bytes.count, FileComparison.isEqual(path, bytes) {
      return (.kept, TakenStamp(existing, recordedNanos: recorded))
    }
    if let marker, try !marker.isPresent(in: path, before: bytes) { throw .notOurs(path: path) }
    try replace(path, with: bytes, permissions: existing.permissions, staging: staging)
    return (.written, nil)
  }

  /// Creates a file, and its folder, if the path does not exist.
  ///
  /// - Returns: the file's stamp; `nil` if something exists there, or if the file cannot be created this way.
  private static func create(_ path: String, with bytes: ByteRope, staging: String?) throws(FileError) -> TakenStamp? {
    guard let staging, var file = try? Temporary(stem: staging + "/output", for: path) else { return nil }
    try file.descriptor.write(bytes, path: path)
    return try file.link(to: path)
  }

  /// Removes an output inside the build, or a symbolic link at its path.
  ///
  /// - Parameter mark: the signature that a file must have to be removed; `nil` to remove any.
  /// - Returns: whether it existed.
  package static func remove(_ path: String, over marker: FileMarker?) throws(FileError) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    if status.st_mode & S_IFMT != S_IFLNK {
      let kind = FileStamp(status).kind
      guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
      if let marker, try !marker.isPresent(in: path, before: ByteRope()) { throw .notOurs(path: path) }
    }
    guard unsafe unlink(path) == 0 else { throw .system(path: path, operation: "remove", errno: errno) }
    return true
  }

  /// A temporary name next to an output, for a program that does not write files atomically.
  package static func temporaryName(for output: String) -> String { Temporary.name(output) }

  /// Sets a file's times, and creates it, empty, if it does not exist.
  ///
  /// - Parameter nanos: since 1970; `nil` for now.
  package static func touch(_ path: String, nanos: Int64? = nil) throws(FileError) {
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT)
    let time = nanos.map { timespec(tv_sec: Int($0 / 1_000_000_000), tv_nsec: Int($0 % 1_000_000_000)) }
    let status = time.map { unsafe futimens(file.number, [$0, $0]) } ?? futimens(file.number, nil)
    guard status == 0 else { throw .system(path: path, operation: "touch", errno: errno) }
  }

  package static func writeToStandardOutput(_ bytes: ByteRope) throws(FileError) {
    try Descriptor.write(bytes, to: STDOUT_FILENO, path: "<stdout>")
  }

  /// The target of a symbolic link, even if it does not exist; other paths unchanged.
  private static func resolved(_ path: String) -> String {
    var path = path
    // The kernel follows at most 40 links.
    for _ in 0..<40 {
      guard let target = SymbolicLink.target(path) else { break }
      path = target.isAbsolutePath ? target : Folders.holding(path) + "/" + target
    }
    return path
  }

  /// Replaces whatever is at the path, without checking it.
  package static func replace(
    _ path: String, with bytes: ByteRope, permissions: UInt32? = nil, staging: String? = nil
  ) throws(FileError) {
    var file: Temporary
    do throws(FileError) {
      file = try Temporary(stem: staging.map { $0 + "/output" } ?? path, for: path)
    } catch {
      // The staging folder was removed or replaced meanwhile.
      guard staging != nil else { throw error }
      return try replace(path, with: bytes, permissions: permissions, staging: nil)
    }
    do throws(FileError) {
      try file.descriptor.write(bytes, path: path)
      if let permissions, fchmod(file.descriptor.number, permissions) != 0 {
        throw .system(path: path, operation: "chmod", errno: errno)
      }
      try file.move(to: path)
    } catch {
      // The output is on another file system than the staging folder.
      if staging != nil, error == .system(path: path, operation: "rename", errno: EXDEV) {
        return try replace(path, with: bytes, permissions: permissions, staging: nil)
      }
      throw error
    }
  }
}
