internal import Files
internal import Glibc

extension Diagnostic {
  init(_ error: FileError) {
    switch error {
    case .system(let path, let operation, let number):
      self.init(path: path, what: "cannot \(operation): \(Diagnostic.errorText(number))")
      switch number {
      case ENOENT where operation == "create": hint = "create its folder first"
      case ENOENT: missingPath = path
      case EACCES: hint = "check the permissions of the file and of its parent folders"
      case ENOTDIR: hint = "one of its parent folders is a file: move that file away"
      case EISDIR: hint = "a folder has this path: move it away, or choose another path"
      case EMFILE: hint = "allow more open files with `ulimit -n`, or fewer jobs with -j"
      case ENOSPC, EDQUOT: hint = "free some space and run again: the previous output is unchanged"
      default: break
      }
    case .notRegular(let path, let kind):
      let kinds: [FileKind: String] = [
        .directory: "a folder", .pipe: "a pipe", .characterDevice: "a device", .blockDevice: "a device",
        .socket: "a socket",
      ]
      self.init(path: path, what: "is \(kinds[kind] ?? "not a regular file")", hint: "name a regular file")
    case .changedWhileRead(let path):
      self.init(
        path: path, what: "changed while it was being read",
        hint: "run again when the program that writes it has finished")
    case .notOurs(let path):
      self.init(
        path: path, what: "exists already, and bpfgen did not make it",
        hint: "move or remove it, or overwrite it with --force")
    case .outsideRoot(let path, let target):
      self.init(
        path: path, what: "a symbolic link in its path leads outside the graph file's folder",
        facts: [("to", target)], hint: "replace the link with a folder: outputs stay below the graph file's folder")
    case .sameFile(let path, let other):
      self.init(
        path: path, what: "a symbolic link in its path leads to another file of the graph", facts: [("to", other)],
        hint: "replace the link with a folder")
    case .linked(let path):
      self.init(path: path, what: "is a symbolic link", hint: "remove it: bpfgen creates a folder here")
    case .lineBreakInPath(let path):
      self.init(
        path: path, what: "a depfile cannot hold a path with a line break",
        hint: "rename it, or run without --depfile")
    }
  }

  static func errorText(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
