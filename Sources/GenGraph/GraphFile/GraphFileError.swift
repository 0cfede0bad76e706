package import Files
internal import Glibc

/// What is wrong with a graph file, and where.
package struct GraphFileError: Error, Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    case file(FileError)
    /// The text is no JSON.
    case syntax(String)
    /// The format's version is another than 1.
    case version(String)
    case unknownKey(String, closest: String?, known: [String])
    case missingKey(String, of: String)
    case wrongType(expected: String, found: String)
    case duplicateKey(String)
    case badName(String)
    /// One name stands for two things.
    case nameClash(String, first: TextPosition)
    case unknownName(String, closest: String?)
    /// A name of an included file that is not included.
    case unknownFile(String)
    case emptyList(String, of: String)
    /// `first` is where the other one is asked for: the graph file, line and column.
    case twoWriters(path: String, first: String)
    /// Two kernels of one name.
    case twoKernels(path: String, first: String, second: String)
    case cycle([String])
    case includeLoop([String])
    case outsideRoot(path: String, root: String)
    /// A header's struct cannot have this name.
    case badObjectName(String)
    /// A header or a payload that is an object, or anything that is a graph file.
    case outputIsInput(String)
    /// A payload is neither an object file nor a C file.
    case badPayloadName(String)
    /// A light skeleton's payload is not an object file.
    case badLightPayloadName(String)
    /// A payload in C names the object file as it is: nothing can be stripped of it.
    case strippedSource(String)
    case badScope(String)
    /// A scope is a part of a payload's linker names.
    case scopeWithoutPayload
  }

  package let path: String
  /// `nil` when the problem is not at one place of the text.
  package let position: TextPosition?
  package let problem: Problem

  /// Whether the first graph file itself is not there.
  package var isMissingFile: Bool {
    if case .file(.system(_, _, ENOENT)) = problem { return position == nil }
    return false
  }
}
