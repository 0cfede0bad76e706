internal import Glibc
internal import Incr

extension Diagnostic {
  init(_ error: FileError) {
    switch error {
    case .system(let path, let operation, let number):
      self.init(path: path, what: "cannot \(operation): \(Diagnostic.errorText(number))")
      switch number {
      case ENOENT where operation == "create": hint = "the folder does not exist: make it first"
      case EACCES: hint = "check the permissions of the file and of the folders above it"
      case ENOTDIR: hint = "a file is where one of its folders has to be: move that away"
      case EISDIR: hint = "a folder is where the file has to be: move that away"
      case ENOSPC, EDQUOT: hint = "make room and run again: the earlier output is untouched"
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
        hint: "it is still being written: run again when its compiler has finished")
    case .notOurs(let path):
      self.init(
        path: path, what: "is there already, and bpfgen did not make it",
        hint: "move it away or remove it; --force writes over it")
    case .outsideRoot(let path, let place):
      self.init(
        path: path, what: "a link on the way to it leads out of the graph file's folder",
        facts: [("to", place)], hint: "outputs stay below that folder: make it a folder of its own, and no link")
    case .sameFile(let path, let other):
      self.init(
        path: path, what: "a link on the way to it leads to another file of the graph", facts: [("to", other)],
        hint: "make the folder one of its own, and no link")
    case .linked(let path):
      self.init(path: path, what: "is a link", hint: "remove it: a folder is made in its place")
    case .lineBreakInPath(let path):
      self.init(
        path: path, what: "a path with a line break cannot stand in a depfile",
        hint: "rename it, or leave --depfile out")
    }
  }

  static func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }
}
