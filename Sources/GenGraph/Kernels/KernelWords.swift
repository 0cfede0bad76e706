package import BPF
internal import BTF

extension KernelVerdict.Level {
  /// The outcome in reports that programs read.
  package var word: String {
    switch self {
    case .ok: "ok"
    case .guarded: "guarded"
    case .possible: "may-fail"
    case .fails: "fails"
    }
  }

  /// The outcome in reports that people read.
  package var text: String { self == .possible ? "may fail" : word }
}

extension KernelVerdict.Problem {
  /// What is wrong, to be read after what is asked for.
  package var text: String {
    switch self {
    case .relocation(_, .absent(.noType)): return "no such type"
    case .relocation(let asked, .absent):
      switch asked {
      case .field: return "no such field"
      case .enumerator: return "no such enumerator"
      case .type: return "no such type"
      }
    case .relocation(_, .otherSize(let bytes, let inKernel)):
      return "has \(inKernel) bytes, and is read as \(bytes) with a sign"
    case .refused(let refusal): return refusal.text
    case .symbol(let kind, let answer):
      let symbol = kind == .function ? "kernel function" : "kernel variable"
      switch answer {
      case .otherType: return "\(symbol) of another type"
      case .notCallable: return "not a kernel function that programs may call"
      case .absent, .present, .unmarked, .unknown: return "no such \(symbol)"
      }
    case .nullSymbol: return "is used where the kernel has no such symbol"
    case .target(let kind, let answer):
      if case .unsupported(let prototype) = answer { return prototype.text }
      switch kind {
      case .entry, .exit, .modifiedReturn, .session: return "no such function to attach to"
      case .rawTracepoint: return "no such tracepoint"
      case .hook, .cgroupHook: return "no such LSM hook"
      case .iterator: return "no such iterator"
      }
    case .argument(let number, let count):
      return "argument \(number) is read, and the kernel's function has \(count)"
    case .unreadable(let slot): return "\(slot.text), which programs cannot read"
    case .followed(let slot): return "\(slot.text), and the program reads it as a pointer to a struct"
    case .operations(.wrongMembers(let absent, let other)):
      return (absent.map { "no member \($0)" } + other.map { "another member \($0)" }).joined(separator: ", ")
    case .operations: return "no such operations for struct_ops"
    case .byteOrder: return "the object's is not the kernel's"
    }
  }

  /// What the kernel has instead.
  package var instead: String? {
    switch self {
    case .relocation(_, .absent(let instead)):
      switch instead {
      case .moved(let field): return "the kernel has \(field)"
      case .renamed(let fields): return "the kernel has " + fields.joined(separator: ", ")
      case .otherKind(let field): return "\(field) is of another kind there"
      case .shorterArray(let field, let count): return "\(field) has \(count) elements there"
      case .noType, nil: return nil
      }
    case .symbol(_, .otherType(let type)): return "the kernel has \(type)"
    case .relocation, .refused, .symbol, .nullSymbol, .target, .argument, .unreadable, .followed, .operations,
      .byteOrder:
      return nil
    }
  }

  /// What to do about it, to be read after "fails"; `nil` if the kernel is at fault, or nothing helps.
  ///
  /// - Parameter isStrong: whether the object does not load without the symbol, even if nothing reaches its use.
  package func hint(isStrong: Bool) -> String? {
    switch self {
    case .relocation(_, .otherSize):
      return "declare the field with the kernel's size in a struct of its own (NAME___FLAVOR)"
    case .relocation(.field, .absent(.noType)), .relocation(.type, _):
      return "test for the type with bpf_core_type_exists()"
    case .relocation(.field, _): return "test for the field with bpf_core_field_exists()"
    case .relocation(.enumerator, _): return "test for the enumerator with bpf_core_enum_value_exists()"
    case .symbol(let kind, .absent):
      let use = kind == .function ? "call it" : "use it"
      return isStrong
        ? "declare it __weak, and \(use) only where bpf_ksym_exists() is true"
        : "\(use) only where bpf_ksym_exists() is true"
    case .nullSymbol: return "use it only where bpf_ksym_exists() is true"
    case .symbol(let kind, .otherType):
      return kind == .function ? "declare it with the kernel's prototype" : "declare it with the kernel's type"
    case .argument, .unreadable, .followed: return "declare the arguments that the kernel's function has"
    case .target(_, .absent):
      return "load the program only where its target is: SEC(\"?...\") and bpf_program__set_autoload()"
    case .refused, .symbol, .target, .operations, .byteOrder: return nil
    }
  }

  /// The id of the rule in SARIF.
  package var rule: String {
    switch self {
    case .relocation, .refused: "core-relocation"
    case .symbol, .nullSymbol: "kernel-symbol"
    case .target, .argument, .unreadable, .followed: "attach-target"
    case .operations: "struct-ops"
    case .byteOrder: "byte-order"
    }
  }

  /// All rules of SARIF, with what they are about.
  package static var rules: [(id: String, text: String)] {
    [
      ("core-relocation", "A CO-RE relocation that a kernel's types do not resolve"),
      ("kernel-symbol", "A kernel function or variable that a kernel does not have"),
      ("attach-target", "Something to attach to that a kernel does not have, or has with other arguments"),
      ("struct-ops", "Operations that a kernel does not have"),
      ("byte-order", "A kernel of a machine of the other byte order"),
    ]
  }
}

extension ArgumentSlot {
  /// What it is, to be read after the function's name.
  fileprivate var text: String { "\(number.map { "argument \($0)" } ?? "the result") is '\(type)'" }
}

extension UnsupportedPrototype {
  /// Why programs cannot attach, to be read after the function's name.
  fileprivate var text: String {
    switch self {
    case .variableArguments: "has variable arguments, and programs cannot attach to it"
    case .tooManyArguments(let count): "has \(count) arguments, and programs attach to functions with at most 12"
    case .result(let type): "returns '\(type)', and programs cannot attach to it"
    case .argument(let number, let type): "argument \(number) is '\(type)', and programs cannot attach to it"
    }
  }
}

extension KernelAnswers.Refusal {
  fileprivate var text: String {
    switch self {
    case .relocation(.ambiguous): "several types of the kernel have this name, and differ in it"
    case .relocation(.anonymousType): "the type has no name"
    case .relocation(.badPath): "damaged relocation"
    case .relocation(.unsized): "of a type without a size"
    case .relocation(.bitfieldTooWide): "a bit-field that no load of 8 bytes holds"
    case .relocation(.unsupported): "a kind of relocation that libbpf does not apply to it"
    case .relocation(.tooDeep): "nested deeper than libbpf follows"
    case .instruction: "the instruction is not one that the relocation is for"
    case .offset(let offset): "at offset \(offset), and an instruction has 32767 at most"
    }
  }
}
