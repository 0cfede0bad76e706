internal import BPFObject
internal import Emit
internal import GenGraph
internal import Incr

extension Diagnostic {
  /// The words for what is wrong with a graph file.
  init(_ error: GraphFileError) {
    let place = error.position.map { "\(error.path):\($0.line):\($0.column)" } ?? error.path
    self.init(path: place, what: "")
    switch error.problem {
    case .file(let problem):
      self = Diagnostic(problem)
      if error.position != nil {
        what = "\(path ?? ""): \(what)"
        path = place
      }
      hint = hint ?? "name a graph file that is there, in JSON"
    case .syntax(let text):
      what = "no JSON: \(text)"
      hint = "mend it at this place; a graph file begins with { \"bpfgen\": 1,"
    case .version(let text):
      what = "graph files of version \(text) are not known here"
      hint = "write \"bpfgen\": 1"
    case .unknownKey(let key, let closest, let known):
      what = "unknown key '\(key)'"
      hint = closest.map { "did you mean '\($0)'?" } ?? "known here: " + known.joined(separator: ", ")
    case .missingKey(let key, let subject):
      what = "\(subject) needs '\(key)'"
      hint = key == "bpfgen" ? "write \"bpfgen\": 1" : "write \"\(key)\": … between the braces that begin here"
    case .wrongType(let expected, let found):
      what = "\(expected) is expected, this is \(found)"
      hint = Diagnostic.example(of: expected)
    case .duplicateKey(let key):
      what = "'\(key)' stands here twice"
      hint = "put all of it under one '\(key)'"
    case .badName(let name):
      what = "'\(name)' cannot be used here"
      hint = "names are not empty and have no ':' or control characters; paths no line breaks"
    case .nameClash(let name, let first):
      what = "'\(name)' is the name of two things"
      facts = [("first", "line \(first.line), column \(first.column)")]
      hint = "give one of them another name"
    case .unknownName(let name, let closest):
      what = "nothing is named '\(name)'"
      hint = closest.map { "did you mean '\($0)'?" } ?? "name an object, a library or a final"
    case .unknownFile(let name):
      what = "'\(name)' is not included here"
      hint = "add it to \"include\""
    case .emptyList(let key, let subject):
      what = key == "of" ? "\(subject) is for no object" : "\(subject) has no \(key)"
      hint =
        switch key {
        case "of": "name the objects and finals that are loaded with it"
        case "btfs": "name the kernels' files"
        default: "name the objects and libraries that are linked into it"
        }
    case .twoWriters(let path, let first, let second):
      what = "'\(path)' is written twice"
      facts = [("by", first), ("and", second)]
      hint = "give each its own file"
    case .cycle(let names):
      what = "things are made of themselves"
      facts = [("cycle", names.joined(separator: " -> "))]
      hint = "take one of them out of another's inputs"
    case .includeLoop(let files):
      what = "graph files include themselves"
      facts = [("loop", files.joined(separator: " -> "))]
      hint = "leave one of these includes out"
    case .outsideRoot(let path, let root):
      what = "'\(path)' lies outside of '\(root)', the folder of the first graph file"
      hint = "outputs lie below it"
    case .badObjectName(let name):
      what = "'\(name)' is no name for a C struct"
      hint = "give one with \"name\""
    case .outputIsInput(let path):
      what = "'\(path)' is both read and written"
      hint = "give the output another path"
    case .badPayloadName(let name):
      what = "'\(name)' is no name for a payload: it is an object file or a C file"
      hint = "end its name in .o or .c"
    case .strippedSource(let path):
      what = "'\(path)' is a payload in C, which takes the object file as it is: nothing can be stripped"
      hint = "strip that: llvm-strip -g; or end the payload's name in .o"
    case .badScope(let text):
      what = "'\(text)' is not a scope"
      hint = "give a text that is not empty and has no control characters"
    case .scopeWithoutPayload:
      what = "a scope names a payload, and this skeleton has none"
      hint = "add \"payload\", or leave \"scope\" out"
    }
  }

  /// How a value of a kind is written.
  private static func example(of kind: String) -> String {
    switch kind {
    case "an object": "write { \"name\": … }"
    case "a list": "write [ … ]"
    case "a text": "write it in quotes"
    default: "write \(kind), without quotes"
    }
  }

  /// The words for why a task failed.
  static func texts(_ failure: BuildFailure<ProjectFailure>) -> [Diagnostic] {
    switch failure {
    case .source(let error): [Diagnostic(error)]
    case .missingSource(let path):
      [
        Diagnostic(
          path: path, what: "is not there, and nothing makes it", hint: "make it first, or mend the graph file")
      ]
    case .outputMissing(let path): [Diagnostic(path: path, what: "was removed while it was being made")]
    case .task(let failure): texts(failure)
    }
  }

  static func texts(_ failure: ProjectFailure) -> [Diagnostic] {
    switch failure {
    case .file(let error): return [Diagnostic(error)]
    case .object(let path, let error): return [Diagnostic(path, error)]
    case .payload(let path, let message): return [Diagnostic(path: path, what: "libelf cannot make it: \(message)")]
    case .like(let path, let fault): return [Diagnostic(like: path, fault)]
    case .contract(let library, let final, let violations):
      return violations.map { Diagnostic(library: library, final: final, $0) }
    }
  }

  /// One disagreement between a library and a final: both files, the member that differs, both declarations.
  init(library: String, final: String, _ change: LayoutChange) {
    self.init(path: final, what: "")
    let subject = "\(change.subject.rawValue) '\(change.name)'"
    switch change.kind {
    case .removed: what = "lacks the \(subject) of its library '\(library)'"
    default: what = "has another \(subject) than its library '\(library)'"
    }
    if let section = change.section { facts.append(("section", section)) }
    if let property = change.property { facts.append((change.kind == .retyped ? "member" : "differs", property)) }
    if let old = change.old { facts.append(("library", old)) }
    facts.append(("final", change.new ?? "(missing)"))
    hint = "compile both from the same sources, and link the final again"
  }

  /// What is wrong with the object that `--like` names.
  init(like path: String, _ fault: TargetMachine.Fault) {
    let what =
      switch fault {
      case .notObject: "not an ELF object of a machine that programs run on"
      case .damagedSections: "damaged ELF file: its section table is not inside the file"
      case .damagedProperties: "damaged ELF file: the properties in .note.gnu.property cannot be read"
      }
    self.init(
      path: path, what: what, hint: "give an object file made by the compiler of the program, without -flto")
  }
}
