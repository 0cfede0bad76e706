internal import Glibc

/// Patterns that a command expands itself, as shells do.
enum FilePatterns {
  /// The files that match the patterns. A name without wildcards is the file itself.
  static func files(_ patterns: [String]) throws(CommandError) -> [String] {
    var files: [String] = []
    for pattern in patterns {
      guard pattern.contains(where: { "*?[".contains($0) }), unsafe access(pattern, F_OK) != 0 else {
        files.append(pattern)
        continue
      }
      var found = unsafe glob_t()
      defer { unsafe globfree(&found) }
      guard unsafe glob(pattern, 0, nil, &found) == 0 else {
        throw CommandError.usage("no file matches '\(pattern)'", hint: "name a kernel's BTF")
      }
      unsafe files += (0..<Int(found.gl_pathc)).map { unsafe String(cString: found.gl_pathv[$0]!) }
    }
    return files
  }
}
