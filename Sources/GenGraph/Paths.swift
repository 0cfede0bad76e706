/// Paths as texts: what can be said of them without looking at the disk.
enum Paths {
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A path that is relative to a folder; absolute ones stay.
  static func join(_ folder: String, _ path: String) -> String {
    folder.isEmpty || path.hasPrefix("/") ? path : folder == "/" ? "/" + path : folder + "/" + path
  }

  /// Without `.`, `//` and the `..` that can be taken back.
  static func normalized(_ path: String) -> String {
    guard mayNeedNormalizing(path) else { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !path.hasPrefix("/") {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
  }

  /// Whether a part of the path is empty or begins with a dot. Most paths have none, and a large graph has many paths.
  private static func mayNeedNormalizing(_ path: String) -> Bool {
    var previous = UInt8(ascii: "/")
    var isFirst = true
    for byte in path.utf8 {
      let atStart = previous == UInt8(ascii: "/")
      if atStart && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") && !isFirst) { return true }
      previous = byte
      isFirst = false
    }
    return isFirst || previous == UInt8(ascii: "/")
  }

  /// Whether a normalized path lies below a folder.
  static func isInside(_ path: String, _ folder: String) -> Bool {
    let folder = normalized(folder)
    if folder == "." { return !path.hasPrefix("/") && path != ".." && !path.hasPrefix("../") }
    return path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }
}
