internal import Files
internal import Glibc

/// Patterns that a command expands itself, as shells do.
enum FilePatterns {
  private static func isWildcard(_ character: Character) -> Bool { "*?[".contains(character) }

  /// Whether a text is a pattern, and not the path of a file that exists.
  static func isPattern(_ text: String) -> Bool {
    unsafe text.contains(where: isWildcard) && access(text, F_OK) != 0
  }

  /// The files that match the patterns. A name without wildcards is the file itself.
  static func files(_ patterns: [String]) throws(CommandError) -> [String] {
    var files: [String] = []
    for pattern in patterns {
      guard isPattern(pattern) else {
        files.append(pattern)
        continue
      }
      let found = matches(pattern)
      guard !found.isEmpty else {
        throw CommandError.usage("no file matches '\(pattern)'", hint: "name a kernel's BTF")
      }
      files += found
    }
    return files
  }

  /// The files that match a pattern.
  static func matches(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).map { unsafe String(cString: found.gl_pathv[$0]!) }
  }

  /// The folder that a pattern names before its first wildcard; `nil` if that is the working directory or the root.
  static func fixedFolder(_ pattern: String) -> String? {
    let fixed = pattern.prefix { !isWildcard($0) }
    let folder = Folders.holding(String(fixed))
    return folder == "." || folder == "/" ? nil : folder
  }

  /// The folders whose entries decide what a pattern matches: another file in one of them may be another match. Those in
  /// which nothing matches are among them, and files are not.
  static func folders(_ pattern: String) -> [String] {
    var folders: [String] = []
    var prefix = pattern.isAbsolutePath ? "/" : ""
    var isPattern = false
    for component in pattern.split(at: "/") {
      isPattern = isPattern || component.contains(where: isWildcard)
      if isPattern { folders += prefix.isEmpty ? ["."] : matches(prefix).filter { Folders.isFolder($0) } }
      prefix += (prefix.isEmpty || prefix == "/" ? "" : "/") + component
    }
    return folders
  }
}
