/// What can go wrong between a file and us. The path is the one that the caller gave.
package enum FileError: Error, Hashable, Sendable {
  /// A system call failed; `errno` is its error number, `operation` its name.
  case system(path: String, operation: String, errno: Int32)
  /// An input is a folder, a pipe, a device or a socket.
  case notRegular(path: String, kind: FileKind)
  /// The file's size or times changed while it was being read: somebody is still writing it.
  case changedWhileRead(path: String)
  /// Something else than what the output would be lies there: a file of somebody's.
  case notOurs(path: String)
  /// A link on the way to an output leads out of the build's root; `place` is the folder that it leads to.
  case outsideRoot(path: String, place: String)
  /// A link on the way to an output leads to another file of the build.
  case sameFile(path: String, other: String)
  /// A folder of the program's own is a link.
  case linked(path: String)
  /// A depfile cannot name a path with a line break: neither Ninja nor make has an escape for it.
  case lineBreakInPath(path: String)
}

/// What a path leads to.
package enum FileKind: UInt8, Hashable, Sendable {
  case regular, directory, pipe, characterDevice, blockDevice, socket, other
}
