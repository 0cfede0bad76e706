package import Files
internal import Glibc

/// An error in a graph file, and its position.
package struct GraphFileError: Error, Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    case file(FileError)
    /// The text is not JSON.
    case syntax(String)
    /// The format's version is not 1.
    case version(String)
    case unknownKey(String, closest: String?, known: [String])
    case missingKey(String, of: String)
    case wrongType(expected: String, found: String)
    case duplicateKey(String)
    case badName(String)
    /// One name is used for two entries.
    case nameClash(String, first: TextPosition)
    case unknownName(String, closest: String?)
    /// A qualified name refers to a file that is not included.
    case unknownFile(String)
    case emptyList(String, of: String)
    /// `first` is the position of the other one: graph file, line and column.
    case twoWriters(path: String, first: String)
    /// Two kernels have the same file name.
    case twoKernels(path: String, first: String, second: String)
    /// A check against the kernels of a file that has none.
    case noKernelsToCheck
    /// Something else than two numbers with a dot between them.
    case badKernelVersion(String)
    case unknownKernels(String, closest: String?)
    /// Two kernels of one check have this name.
    case sameKernelName(String)
    case cycle([String])
    case includeLoop([String])
    case outsideRoot(path: String, root: String)
    /// A header's struct cannot have this name.
    case badObjectName(String)
    /// The path of a header or a payload is that of an object, or any output is a graph file.
    case outputIsInput(String)
    /// A payload is neither an object file nor a C file.
    case badPayloadName(String)
    /// A light skeleton's payload is not an object file.
    case badLightPayloadName(String)
    /// A C payload includes the object file unchanged, so it cannot be stripped.
    case strippedSource(String)
    case badScope(String)
    /// A scope is given without a payload, of whose linker names it is a part.
    case scopeWithoutPayload
  }

  package let path: String
  /// `nil` if the problem has no position in the text.
  package let position: TextPosition?
  package let problem: Problem

  /// Whether the main graph file does not exist.
  package var isMissingFile: Bool {
    if case .file(.system(_, _, ENOENT)) = problem { return position == nil }
    return false
  }
}
