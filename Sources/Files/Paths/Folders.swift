internal import Glibc

/// The folders that outputs lie in.
package enum Folders {
  /// The folder that holds what a path names, as it is opened: `.` for a name alone.
  package static func holding(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes the folder of a path, with those above it, unless it is there.
  package static func make(for path: String) throws(FileError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return }
    try make(String(path[..<slash]))
  }

  private static func make(_ folder: String) throws(FileError) {
    if unsafe mkdir(folder, 0o777) == 0 { return }
    var error = errno
    if error == ENOENT {
      try make(for: folder)
      if unsafe mkdir(folder, 0o777) == 0 { return }
      error = errno
    }
    // Another task may have made it; a file of that name shows when the output is written.
    guard error == EEXIST else { throw .system(path: folder, operation: "create", errno: error) }
  }
}
