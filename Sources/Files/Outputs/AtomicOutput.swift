package import Bytes
internal import Glibc

/// Puts finished bytes in their place: whole or not at all, and only when they differ.
package enum AtomicOutput {
  /// What a write found.
  package enum Outcome: Hashable, Sendable {
    /// The file had these bytes already: it keeps its inode and its times.
    case kept
    case written
  }

  /// Writes `bytes` to `path` unless it holds just these. Nothing partial is ever visible under `path`.
  ///
  /// A regular file, or a name where nothing is yet, is replaced by a rename from a temporary beside it. What is not a
  /// regular file (`/dev/stdout`, a pipe) is written into: a rename would replace the device itself.
  ///
  /// - Parameters:
  ///   - mark: what a file with other bytes must have to be replaced; `nil` to replace any.
  ///   - compares: whether a file with just these bytes is left alone.
  /// - Throws: ``FileError/notOurs(path:)`` for a file without the mark.
  package static func write(
    _ bytes: ByteRope, to path: String, over mark: FileMark? = nil, compares: Bool = true
  ) throws(FileError) -> Outcome {
    let existing = try FileStamp(path: path)
    if let existing {
      switch existing.kind {
      case .regular:
        if compares, existing.sizeBytes == bytes.count, FileComparison.isEqual(path, bytes) { return .kept }
        if let mark, try !mark.isOn(path, before: bytes) { throw .notOurs(path: path) }
      case .directory:
        throw .notRegular(path: path, kind: .directory)
      default:
        try Descriptor(opening: path, O_WRONLY).write(bytes, path: path)
        return .written
      }
    }
    // A link stays one: what it leads to is replaced.
    try replace(resolved(path), with: bytes, permissions: existing?.permissions)
    return .written
  }

  /// The same for a path that is a build's own: a link there is replaced and not followed, to a source, say, and nothing
  /// but a regular file is written.
  ///
  /// - Parameters:
  ///   - staging: a folder of the same file system for the temporary, in place of the output's own: what a killed program
  ///     leaves there, its next run finds.
  ///   - isNew: whether nothing is likely to be there: then the file is put there first, and looked at only if that fails.
  /// - Returns: what it found, and the stamp that the file has with these bytes; `nil` where it was not taken on the way.
  package static func write(
    _ bytes: ByteRope, toOwn path: String, over mark: FileMark?, staging: String?, isNew: Bool = false
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
    if let mark, try !mark.isOn(path, before: bytes) { throw .notOurs(path: path) }
    try replace(path, with: bytes, permissions: existing.permissions, staging: staging)
    return (.written, nil)
  }

  /// Makes a file where there is none, and its folder with it.
  ///
  /// - Returns: its stamp; `nil` when something is there already, or when it cannot be made this way.
  private static func create(_ path: String, with bytes: ByteRope, staging: String?) throws(FileError) -> TakenStamp? {
    guard let staging, var file = try? Temporary(stem: staging + "/output", for: path) else { return nil }
    try file.descriptor.write(bytes, path: path)
    return try file.link(to: path)
  }

  /// Removes an output of a build's own, or a link in its place.
  ///
  /// - Parameter mark: what a file must have to be removed; `nil` to remove any.
  /// - Returns: whether it was there.
  package static func remove(_ path: String, over mark: FileMark?) throws(FileError) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return false }
    if status.st_mode & S_IFMT != S_IFLNK {
      let kind = FileStamp(status).kind
      guard kind == .regular else { throw .notRegular(path: path, kind: kind) }
      if let mark, try !mark.isOn(path, before: ByteRope()) { throw .notOurs(path: path) }
    }
    guard unsafe unlink(path) == 0 else { throw .system(path: path, operation: "remove", errno: errno) }
    return true
  }

  /// A name beside an output, for a program that writes files under their names and not whole.
  package static func temporaryName(for output: String) -> String { Temporary.name(output) }

  /// Sets a file's times, and makes it, empty, when it is not there.
  ///
  /// - Parameter nanos: since 1970; `nil` is now.
  package static func touch(_ path: String, nanos: Int64? = nil) throws(FileError) {
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT)
    let time = nanos.map { timespec(tv_sec: Int($0 / 1_000_000_000), tv_nsec: Int($0 % 1_000_000_000)) }
    let status = time.map { unsafe futimens(file.number, [$0, $0]) } ?? futimens(file.number, nil)
    guard status == 0 else { throw .system(path: path, operation: "touch", errno: errno) }
  }

  package static func writeToStandardOutput(_ bytes: ByteRope) throws(FileError) {
    try Descriptor.write(bytes, to: STDOUT_FILENO, path: "<stdout>")
  }

  /// What a symbolic link leads to, be it there or not; other paths as they are.
  private static func resolved(_ path: String) -> String {
    var path = path
    // As far as the kernel follows them.
    for _ in 0..<40 {
      guard let target = SymbolicLink.target(path) else { break }
      path = target.isAbsolutePath ? target : Folders.holding(path) + "/" + target
    }
    return path
  }

  /// Puts the bytes in the place of whatever the path leads to, without looking at that.
  package static func replace(
    _ path: String, with bytes: ByteRope, permissions: UInt32? = nil, staging: String? = nil
  ) throws(FileError) {
    var file: Temporary
    do throws(FileError) {
      file = try Temporary(stem: staging.map { $0 + "/output" } ?? path, for: path)
    } catch {
      // Somebody put something else in the staging folder's place, or took it away.
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
      // The output lies on another file system than the staging folder.
      if staging != nil, error == .system(path: path, operation: "rename", errno: EXDEV) {
        return try replace(path, with: bytes, permissions: permissions, staging: nil)
      }
      throw error
    }
  }
}
