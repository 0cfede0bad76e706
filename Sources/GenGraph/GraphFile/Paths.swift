internal import Files
internal import Glibc
internal import Incr

/// Path operations that do not access the disk.
enum Paths {
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  static func name(of path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// The path relative to a folder that contains it, whether either is absolute or not; `nil` if it is outside the
  /// folder.
  static func relative(_ path: String, to folder: String) -> String? {
    let (path, folder) = (absolute(path), absolute(folder))
    guard isInside(path, folder) else { return nil }
    return String(Substring(path.utf8.dropFirst(folder == "/" ? 1 : folder.utf8.count + 1)))
  }

  /// The path from the root, with this process's working directory before a relative one.
  static func absolute(_ path: String) -> String {
    if path.isAbsolutePath { return normalized(path) }
    guard let current = unsafe getcwd(nil, 0) else { return normalized(path) }
    defer { unsafe free(current) }
    return unsafe normalized(join(String(cString: current), path))
  }

  /// A path joined with a folder; absolute paths are unchanged.
  static func join(_ folder: String, _ path: String) -> String {
    TaskGraph.path(path, below: folder)
  }

  /// Removes `.`, `//`, and each `..` that can be resolved.
  static func normalized(_ path: String) -> String {
    guard mayNeedNormalizing(path) else { return path }
    var parts: [Substring] = []
    for part in path.split(at: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !path.isAbsolutePath {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return path.isAbsolutePath ? "/" + joined : joined.isEmpty ? "." : joined
  }

  /// Whether a part of the path is empty or begins with a dot. Most paths have no such part, and a large graph has many
  /// paths.
  private static func mayNeedNormalizing(_ path: String) -> Bool {
    let bytes = path.utf8.span
    var previous = UInt8(ascii: "/")
    for index in bytes.indices {
      let byte = bytes[index]
      let atStart = previous == UInt8(ascii: "/")
      if atStart && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") && index > 0) { return true }
      previous = byte
    }
    return previous == UInt8(ascii: "/")
  }

  /// Whether a normalized path is inside a folder.
  static func isInside(_ path: String, _ folder: String) -> Bool {
    let folder = folder.isEmpty ? "." : normalized(folder)
    if folder == "." { return !path.isAbsolutePath && path != ".." && !path.hasBytes("../") }
    return path.hasBytes(folder == "/" ? "/" : folder + "/")
  }
}
