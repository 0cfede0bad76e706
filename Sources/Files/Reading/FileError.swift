/// A failed access to a file. The path is the one that the caller gave.
package enum FileError: Error, Hashable, Sendable {
  /// A system call failed; `errno` is its error number, `operation` its name.
  case system(path: String, operation: String, errno: Int32)
  /// An input is a folder, a pipe, a device or a socket.
  case notRegular(path: String, kind: FileKind)
  /// The file's size or times changed while it was being read: another program is still writing it.
  case changedWhileRead(path: String)
  /// The path of an output has another kind of file: a user's.
  case notOurs(path: String)
  /// A symbolic link in the path of an output leads out of the build's root; `target` is the folder that it leads to.
  case outsideRoot(path: String, target: String)
  /// A symbolic link in the path of an output leads to another file of the build.
  case sameFile(path: String, other: String)
  /// One of the program's own folders is a symbolic link.
  case linked(path: String)
  /// A depfile cannot name a path with a line break: neither Ninja nor make has an escape for it.
  case lineBreakInPath(path: String)
}

/// The kind of file at a path.
package enum FileKind: UInt8, Hashable, Sendable {
  case regular, directory, pipe, characterDevice, blockDevice, socket, other
}
