internal import Files
internal import Glibc

/// The folder with the states of graph files and what they share: the lock that allows one build at a time, and the
/// folder for incomplete outputs.
struct StateFolder: Sendable {
  let path: String

  var staging: String { path + "/tmp" }
  private var lockFile: String { path + "/lock" }

  /// The file of a state.
  func file(_ name: String) -> String { path + "/" + name }

  /// Creates the folder and takes its lock. Starts over if the previous holder removed both.
  ///
  /// - Parameter waiting: called if another build holds the lock, with the text that it wrote to the lock file.
  /// - Returns: the locked file; closing it releases the lock.
  func enter(_ waiting: (String) -> Void) throws(FileError) -> Descriptor {
    while true {
      if unsafe mkdir(path, 0o777) != 0, errno != EEXIST {
        throw .system(path: path, operation: "create", errno: errno)
      }
      // A symbolic link may lead to a user's folder, and files are removed from this one.
      guard SymbolicLink.target(path) == nil else { throw .linked(path: path) }
      if let lock = try lock(waiting) { return lock }
    }
  }

  /// - Returns: `nil` if the file was removed before it was locked.
  private func lock(_ waiting: (String) -> Void) throws(FileError) -> Descriptor? {
    let file: Descriptor
    do throws(FileError) {
      file = try Descriptor(opening: lockFile, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      if error == .system(path: lockFile, operation: "open", errno: ENOENT) { return nil }
      throw error
    }
    if flock(file.number, LOCK_EX | LOCK_NB) != 0 {
      waiting((try? FileContent(path: lockFile)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
      guard flock(file.number, LOCK_EX) == 0 else { throw .system(path: lockFile, operation: "lock", errno: errno) }
    }
    var status = stat()
    if unsafe fstat(file.number, &status) == 0, status.st_nlink == 0 { return nil }
    // The holder, for waiting builds to report.
    ftruncate(file.number, 0)
    try? file.write(Array("process \(getpid())".utf8), at: 0, path: lockFile)
    return file
  }

  /// Creates the staging folder, or removes what a killed build left in it: the lock guarantees that no other build
  /// uses it.
  func prepareStaging() {
    if SymbolicLink.target(staging) != nil { unsafe unlink(staging) }
    if unsafe mkdir(staging, 0o777) == 0 { return }
    for name in StateFolder.entries(staging) { unsafe unlink(staging + "/" + name) }
  }

  /// Removes the folder if it contains no state.
  func removeIfUnused() {
    guard StateFolder.entries(path).allSatisfy({ [lockFile, staging].contains(file($0)) }) else { return }
    unsafe unlink(lockFile)
    unsafe rmdir(staging)
    unsafe rmdir(path)
  }

  /// The names in a folder; empty when the folder cannot be read.
  private static func entries(_ folder: String) -> [String] { (try? Folders.entries(of: folder)) ?? [] }
}
