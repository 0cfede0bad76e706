internal import BPF
internal import Emit
internal import GenGraph
internal import Incr

extension Diagnostic {
  /// The message for an error in a graph file.
  init(_ error: GraphFileError) {
    let position = error.position.map { "\(error.path):\($0.line):\($0.column)" } ?? error.path
    self.init(path: position, what: "")
    switch error.problem {
    case .file(let problem):
      self = Diagnostic(problem)
      if error.position != nil {
        what = "\(path ?? ""): \(what)"
        path = position
      }
      hint = hint ?? "name an existing graph file, in JSON"
    case .syntax(let text):
      what = "invalid JSON: \(text)"
      hint = "correct it at this position; a graph file begins with { \"bpfgen\": 1,"
    case .version(let text):
      what = "graph file version \(text) is not supported"
      hint = "write \"bpfgen\": 1"
    case .unknownKey(let key, let closest, let known):
      what = "unknown key '\(key)'"
      hint = closest.map { "did you mean '\($0)'?" } ?? "known keys: " + known.joined(separator: ", ")
    case .missingKey(let key, let subject):
      what = "\(subject) needs '\(key)'"
      hint = key == "bpfgen" ? "write \"bpfgen\": 1" : "add \"\(key)\": … between the braces that begin here"
    case .wrongType(let expected, let found):
      what = "expected \(expected), found \(found)"
      hint = Diagnostic.example(of: expected)
    case .duplicateKey(let key):
      what = "duplicate key '\(key)'"
      hint = "merge its values under one '\(key)'"
    case .badName(let name):
      what = "invalid name '\(name)'"
      hint = "a name must not be empty or contain ':' or control characters; a path must not contain line breaks"
    case .nameClash(let name, let first):
      what = "the name '\(name)' is used twice"
      facts = [("first", "line \(first.line), column \(first.column)")]
      hint = "rename one of them"
    case .unknownName(let name, let closest):
      what = "unknown name '\(name)'"
      hint = closest.map { "did you mean '\($0)'?" } ?? "use the name of an object, a library or a final"
    case .unknownFile(let name):
      what = "'\(name)' is not an included graph file"
      hint = "add it to \"include\""
    case .emptyList(let key, let subject):
      what = key == "of" ? "\(subject) applies to no object" : "\(subject) has no \(key)"
      hint =
        switch key {
        case "of": "name the objects and finals that are loaded with it"
        case "btfs": "name the kernels' files"
        case "kernels": "name some of the kernels, or remove it to check against all of them"
        default: "name the objects and libraries that are linked into it"
        }
    case .twoWriters(let path, let first):
      what = "two steps write '\(path)'"
      facts = [("first", first)]
      hint = "give each its own output file"
    case .twoKernels(let path, let first, let second):
      what = "two steps write '\(path)'"
      facts = [("first", "for kernel \(first)"), ("second", "for kernel \(second)")]
      hint = "give each its own output file"
    case .noKernelsToCheck:
      what = "no kernels to check against"
      hint = "add \"kernels\": { \"NAME\": \"FILE OR FOLDER\" }"
    case .badKernelVersion(let text):
      what = "'\(text)' is not the version of a kernel"
      hint = "write its first two numbers, as in \"5.4\""
    case .unknownKernels(let name, let closest):
      what = "no kernels are named '\(name)'"
      hint = closest.map { "did you mean '\($0)'?" } ?? "add them to \"kernels\""
    case .sameKernelName(let name):
      what = "two kernels of this check are named '\(name)'"
      hint = "rename one of them, or check against one of them only"
    case .cycle(let names):
      what = "dependency cycle: " + names.joined(separator: " -> ")
      hint =
        Set(names).count == 1
        ? "take it out of its own inputs, or give its output another path" : "remove one of them from another's inputs"
    case .includeLoop(let files):
      what = "include cycle: " + files.joined(separator: " -> ")
      hint = "remove one of these includes"
    case .outsideRoot(let path, let root):
      what = "'\(path)' is outside '\(root)', the folder of the first graph file"
      hint = "choose a path below that folder, or build from a graph file in a folder above both, which includes them"
    case .badObjectName(let name):
      what = "'\(name)' is not a valid name for a C struct"
      hint = "set another with \"name\""
    case .outputIsInput(let path):
      what = "'\(path)' is both read and written"
      hint = "give the output another path"
    case .badPayloadName(let name):
      what = "invalid payload name '\(name)': a payload is an object file or a C file"
      hint = "choose a name that ends in .o or .c"
    case .badLightPayloadName(let name):
      what = "invalid payload name '\(name)': a light skeleton's payload is an object file"
      hint = "choose a name that ends in .o"
    case .strippedSource(let path):
      what = "'\(path)' is a C payload, which includes the object file unchanged: it cannot be stripped"
      hint = "strip the object first (llvm-strip -g), or choose a payload name that ends in .o"
    case .badScope(let text):
      what = "'\(text)' is not a scope"
      hint = "give a text that is not empty and has no control characters"
    case .scopeWithoutPayload:
      what = "a scope names a payload, and this skeleton has none"
      hint = "add \"payload\", or remove \"scope\""
    }
  }

  /// An example of a value of a kind.
  private static func example(of kind: String) -> String {
    switch kind {
    case "an object": "write { \"name\": … }"
    case "a list": "write [ … ]"
    case "a string": "write it in quotes"
    default: "write \(kind), without quotes"
    }
  }

  /// The messages for a failed task.
  ///
  /// - Parameters:
  ///   - rule: of the task.
  ///   - hasGraphFile: whether a graph file has the paths, and not the command line.
  static func texts(
    _ failure: BuildFailure<ProjectFailure>, of rule: ProjectRule?, hasGraphFile: Bool = true
  ) -> [Diagnostic] {
    switch failure {
    case .source(let error):
      [rule == .kernel ? Diagnostic(kernel: error, inGraphFile: hasGraphFile) : Diagnostic(error)]
    case .missingSource(let path):
      if rule == .kernel {
        [Diagnostic(missingKernel: path, inGraphFile: hasGraphFile)]
      } else if rule == .kernelCheck {
        // A missing object is an error of the task that finds what it needs.
        [Diagnostic(missingBaseline: path)]
      } else if hasGraphFile {
        [
          Diagnostic(
            path: path, what: "does not exist, and no step makes it",
            hint: "create it, or correct its path in the graph file", missingPath: path)
        ]
      } else {
        [Diagnostic(missingInput: path)]
      }
    case .outputMissing(let path):
      [
        Diagnostic(
          path: path, what: "was removed during the build", hint: "find what else removes it, and run again")
      ]
    case .task(let failure): texts(failure)
    }
  }

  static func texts(_ failure: ProjectFailure) -> [Diagnostic] {
    switch failure {
    case .file(let error): return [Diagnostic(error)]
    case .object(let path, let error): return [Diagnostic(path, error)]
    case .types(let path, let error): return [Inputs.kernelDiagnostic(path, error)]
    case .like(let path, let fault): return [Diagnostic(like: path, fault)]
    case .likeByteOrder(let path, let object):
      return [Diagnostic(like: path, otherByteOrderThan: object)]
    case .contract(let library, let final, let violations):
      return texts(library: library, final: final, violations)
    case .kernels(let object, let check): return [Diagnostic(object, check)]
    case .baseline(let path, let fault): return [Diagnostic(baseline: path, fault)]
    }
  }

  /// The messages for what a library and a final disagree about: one for each variable, map and program, whatever the
  /// number of its differences.
  ///
  /// - Parameter violations: as `ContractCheck` returns them, those of one declaration together.
  static func texts(library: String, final: String, _ violations: [LayoutChange]) -> [Diagnostic] {
    var groups: [[LayoutChange]] = []
    for violation in violations {
      if let last = groups.last?.first, last.isOfSameDeclaration(as: violation) {
        groups[groups.count - 1].append(violation)
      } else {
        groups.append([violation])
      }
    }
    return groups.map { Diagnostic(library: library, final: final, $0) }
  }

  /// One declaration that a library and a final disagree about: both files, and all that differs, in both.
  private init(library: String, final: String, _ violations: [LayoutChange]) {
    let first = violations[0]
    self.init(path: final, what: "")
    let subject = "\(first.subject.rawValue) '\(first.name)'"
    let isRemoved = first.kind == .removed
    what =
      isRemoved
      ? "the \(subject) of its library '\(library)' is missing"
      : "its \(subject) differs from that of its library '\(library)'"
    if let section = first.section { facts.append(("section", section)) }
    hint = "compile both from the same sources, and link the final again"
    if isRemoved {
      if let old = first.old { facts.append(("library", old)) }
      facts.append(("final", first.new ?? "(missing)"))
      if first.new != nil {
        hint = "remove __hidden from its declarations: in one object, it hides the variable in all of them"
      }
      return
    }
    for violation in violations {
      let sides = "\(violation.old ?? "(none)") in the library, \(violation.new ?? "(none)") in the final"
      switch violation.kind {
      case .retyped(let member?): facts.append(("member", "\(member): \(sides)"))
      case .retyped(nil): facts.append(("type", sides))
      case .changed(.section) where violation.subject == .variable:
        facts.append(("section", sides))
        hint =
          "declare it for one section in all objects: variables with an initial value are in .data, others in .bss"
      default: facts.append((violation.propertyName ?? "differs", sides))
      }
    }
  }

  /// The object that `--like` names is of another byte order than a BPF object's loader.
  init(like path: String, otherByteOrderThan object: String) {
    self.init(path: path, what: "its byte order differs from that of '\(object)'")
  }

  /// The message for an error in the object of `--like`.
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
