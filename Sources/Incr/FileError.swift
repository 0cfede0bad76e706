/// What can go wrong between a file and us. The path is the one that the caller gave.
public enum FileError: Error, Hashable, Sendable {
  /// A system call failed; `errno` is its error number, `operation` its name.
  case system(path: String, operation: String, errno: Int32)
  /// An input is a folder, a pipe, a device or a socket.
  case notRegular(path: String, kind: FileKind)
  /// The file's size or times changed while it was being read: somebody is still writing it.
  case changedWhileRead(path: String)
  /// A depfile cannot name a path with a line break: neither Ninja nor make has an escape for it.
  case lineBreakInPath(path: String)
}

/// What a path leads to.
public enum FileKind: UInt8, Hashable, Sendable {
  case regular, directory, pipe, characterDevice, blockDevice, socket, other
}
