internal import Files
internal import GenGraph
internal import Glibc

/// Suggests what a path that does not exist was meant to be: a file with a similar path, or one whose path has a blank
/// at which the shell split it.
enum MissingPath {
  /// Each suggestion reads folders, and the first ones show what is wrong.
  private static let maximumSuggestions = 8
  /// Comparing the names of a larger folder takes too long for a hint.
  private static let maximumEntries = 4096

  /// Adds hints to the messages for paths that do not exist.
  ///
  /// - Parameter arguments: the words of the command line.
  static func suggest(for diagnostics: [Diagnostic], arguments: [String] = []) -> [Diagnostic] {
    var diagnostics = diagnostics
    let missing = diagnostics.indices.lazy.filter { diagnostics[$0].missingPath != nil }
    for index in missing.prefix(maximumSuggestions) {
      let path = diagnostics[index].missingPath ?? ""
      let mayBeFolder = diagnostics[index].mayBeFolder
      if let joined = joined(path, arguments, mayBeFolder: mayBeFolder) {
        diagnostics[index].hint = "write the path in quotes: '\(joined)'"
      } else if unsafe access(path, F_OK) != 0, let similar = similar(to: path, mayBeFolder: mayBeFolder) {
        diagnostics[index].hint = "did you mean '\(similar)'?"
      }
    }
    return diagnostics
  }

  /// The path of a file that an argument is a part of: arguments in a row, with a blank between them.
  private static func joined(_ part: String, _ arguments: [String], mayBeFolder: Bool) -> String? {
    for index in arguments.indices where arguments[index] == part {
      for first in max(0, index - 3)...index {
        for last in index..<min(arguments.count, index + 4) where last > first {
          let path = arguments[first...last].joined(separator: " ")
          if isMeant(path, mayBeFolder: mayBeFolder) { return path }
        }
      }
    }
    return nil
  }

  private static func isMeant(_ path: String, mayBeFolder: Bool) -> Bool {
    Folders.isRegularFile(path) || mayBeFolder && Folders.isFolder(path)
  }

  /// The path of a file in which misspelled names of folders, or of the file, are replaced; `nil` if there is none. A pattern
  /// must then match some file.
  private static func similar(to path: String, mayBeFolder: Bool) -> String? {
    var found = path.isAbsolutePath ? "/" : ""
    var isPattern = false
    for component in path.split(separator: "/") {
      let next = found + component
      isPattern = isPattern || mayBeFolder && FilePatterns.isPattern(String(component))
      if unsafe isPattern || access(next, F_OK) == 0 {
        found = next + "/"
      } else {
        guard let entries = try? Folders.entries(of: found.isEmpty ? "." : found), entries.count <= maximumEntries,
          let name = closest(to: String(component), among: entries)
        else { return nil }
        found += name + "/"
      }
    }
    // An empty path has no components.
    let file = String(found.dropLast())
    if isPattern { return FilePatterns.matches(file).isEmpty ? nil : file }
    return isMeant(file, mayBeFolder: mayBeFolder) ? file : nil
  }

  /// The most similar file name. Names are compared up to the first dot, or after it: a common `.bpf.o` makes no two
  /// names similar.
  static func closest(to name: String, among entries: [String]) -> String? {
    let wanted = FileName(name)
    guard !wanted.stem.isEmpty else { return nil }
    let names = entries.map(FileName.init)
    if let stem = Spelling.closest(to: wanted.stem, among: names.filter { $0.ending == wanted.ending }.map(\.stem)) {
      return stem + wanted.ending
    }
    return Spelling.closest(to: wanted.ending, among: names.filter { $0.stem == wanted.stem }.map(\.ending)).map {
      wanted.stem + $0
    }
  }

  /// A file name in two parts, of which the second begins with the first dot.
  private struct FileName {
    let stem: String
    let ending: String

    init(_ name: String) {
      let dot = name.firstIndex(of: ".") ?? name.endIndex
      (stem, ending) = (String(name[..<dot]), String(name[dot...]))
    }
  }
}
