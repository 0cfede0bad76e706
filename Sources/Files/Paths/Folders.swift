internal import Glibc

/// The folders of outputs.
package enum Folders {
  /// The folder that contains a path, in a form that can be opened: `.` for a bare name.
  package static func holding(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Creates the folder of a path, and its parents, if they do not exist.
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
    // Another task may have created it; if it is a file, writing the output fails.
    guard error == EEXIST else { throw .system(path: folder, operation: "create", errno: error) }
  }
}
