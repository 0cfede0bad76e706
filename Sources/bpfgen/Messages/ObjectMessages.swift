internal import BPF
internal import BTF
internal import ELF

extension Diagnostic {
  /// The message for an error in an object.
  init(_ path: String, _ error: ObjectError) {
    self.init(path: path, what: "")
    switch error {
    case .elf(let error): self = Diagnostic(path, error)
    case .btf(let error): self = Diagnostic(path, error)
    case .libbpf(let operation, let number, let log):
      // The number is often misleading: ENOENT for a missing type, EOPNOTSUPP for a missing definition.
      what =
        log.isEmpty ? "libbpf cannot \(operation) it: \(LibBPF.errorText(number))" : "libbpf cannot \(operation) it"
      facts = log.isEmpty ? [] : [("libbpf", log)]
      hint =
        log.isEmpty
        ? "`bpfgen -d gen skeleton \(path)` prints what libbpf does"
        : Diagnostic.libbpfHints.first { $0.phrases.allSatisfy { log.contains(phrase: $0) } }?.hint
    case .undefinedSymbols(let symbols, let maybeKernels, let log):
      what = "undefined symbol '\(symbols[0])'"
      if symbols.count > 1 { facts.append(("others", symbols.dropFirst().map { "'\($0)'" }.joined(separator: ", "))) }
      if !log.isEmpty { facts.append(("libbpf", log)) }
      hint = "link it with the object that defines the symbol"
      if maybeKernels { hint! += ", or declare it __ksym if the kernel provides it" }
    case .olderLibBPF(let section, let needed):
      what = "the libbpf linked into bpfgen is too old for it"
      facts = [("section", "\(section), known to libbpf \(needed) and newer"), ("libbpf", LibBPF.runningVersion)]
      hint = "use a bpfgen built with a newer libbpf (`bpfgen version` prints which one it has)"
    case .duplicateName(let name, let kind):
      what = "it has two \(kind)s named '\(name)'"
      hint = "rename one of them"
    case .badObjectName(let name):
      what = "'\(name)' is not a valid name for a C struct"
      hint = "choose another with `--name NAME`, or `name NAME` after bpftool's `gen skeleton FILE`"
    case .nameIsType(let name):
      what = "the header's name '\(name)' is also a type of the object's variables"
      hint = "choose another with `--name NAME`, or `name NAME` after bpftool's `gen skeleton FILE`"
    case .untypedVariable(let name, let section):
      what = "the variable '\(name)' has no type in the BTF"
      facts = [("section", section)]
      hint = "use a type that BTF can describe: for a _Complex number, a struct of two members"
    case .variableTooLarge(let name, let section):
      what = "the variable '\(name)' is too large, or ends too far into its section"
      facts = [("section", section), ("maximum", "2 GiB")]
      hint = "make it smaller, or use a map"
    case .mixedByteOrders(let order):
      what = "it is \(order)-endian, and the objects before it are not"
      hint = "compile all objects with the same -target: bpfel or bpfeb"
    case .link(let fault):
      self = Diagnostic(path, fault)
    case .noLoader(let obstacle):
      what = "a light skeleton cannot load it"
      facts = [("reason", obstacle.description)]
      hint = "generate a skeleton instead (bpfgen skeleton)"
    }
  }

  private init(_ path: String, _ error: ELFError) {
    self.init(path: path, what: "")
    switch error {
    case .empty:
      what = "the file is empty"
      hint = "its compiler failed or has not finished"
    case .notELF:
      what = "not an ELF file"
      hint = "give an object made by `clang -g -O2 -target bpf -c`"
    case .notBPF(let difference):
      self = Diagnostic(path, difference)
    case .damaged(let fault):
      what = "damaged ELF file"
      facts = [("damage", fault.description)]
      hint = fault.hint
    case .noSymbolTable:
      what = "no symbol table"
      hint = "it was stripped: keep its symbols (`llvm-strip -g` does)"
    case .commonSymbol(let name):
      what = "'\(name)' is a common symbol, which has no section"
      hint = "give it an initial value (`= 0`), or compile with -fno-common"
    case .absoluteSymbol(let name):
      what = "'\(name)' is an absolute symbol, which has no section"
      hint = "make it local: libbpf's linker accepts global symbols only in sections"
    case .twoSections(let name, let constant, let writable):
      self = Diagnostic(path, twoSections: name, constant: constant, writable: writable)
    case .unsizedFunction(let name):
      what = "function '\(name)' has no size"
      hint = "in assembly, add `.size \(name), . - \(name)` after its last instruction"
    }
  }

  private init(_ path: String, _ error: BTFError) {
    self.init(path: path, what: "")
    switch error {
    case .elf(let error): self = Diagnostic(path, error)
    case .missing(let reason):
      self = Diagnostic(path, reason)
    case .noTypes:
      what = "incomplete BTF: functions have no types"
      hint = "compile with -g: -g1, -gline-tables-only and -gline-directives-only omit types"
    case .damaged(.split):
      what = "split BTF, which extends another file's BTF, as a kernel module's extends the kernel's"
      hint = "name that file: --base BASE, or -B BASE in bpftool's commands"
    case .damaged(.ownBase):
      what = "a module's BTF that extends its own .BTF.base, not the kernel's BTF"
      hint = "copy the module's BTF from /sys/kernel/btf of a machine where it is loaded"
    case .damaged(let fault):
      what = "damaged BTF type information"
      facts = [("damage", fault.description)]
      hint = Diagnostic.damageHint
    case .noSuchType(let id, let count):
      what = "no type [\(id)]: the ids go from 0 to \(count - 1)"
      hint = "`bpfgen btf dump file FILE` lists them"
    case .newer(let kind, let type):
      what = "this bpfgen does not know a kind of type in the BTF"
      facts = [("type", "[\(type)] of kind \(kind)")]
      hint = "update bpfgen"
    case .unprintableName(let name, let subject):
      what = "the \(subject) name '\(name)' is not possible in C"
      hint = "rename it: use letters, digits and _, and not a keyword"
    case .declarationTooDeep(let variable):
      what = "the type of '\(variable)' is nested too deeply for a C declaration"
      hint = "give one of its inner types a name"
    case .declarationTooLong(let variable):
      what = "the declarations of variables up to '\(variable)' take more than 1 MiB of C"
      hint = "give its type a name: an anonymous type is written out for each variable"
    case .overlappingVariables(let section, let variable, let other, let offset):
      what = "two variables of '\(section)' overlap"
      facts = [
        ("variables", other.isEmpty ? "'\(variable)'" : "'\(other)' and '\(variable)'"), ("offset", "\(offset)"),
      ]
      hint =
        "if one is an alias of the other, make it static; if another linker made this object, link it with `bpfgen link`"
    case .misplacedVariable(let name, let section, let symbolSection):
      what = "its symbol table and its BTF have '\(name)' in different sections"
      facts = [("symbol", symbolSection), ("BTF", section)]
      hint = "compile without -fdata-sections, or with clang 16 or newer"
    case .splitFunction(let name):
      what = "the compiler moved cold code out of the function '\(name)'"
      facts = [("function", "'\(name).cold', static and without a type: libbpf does not open it")]
      hint = "compile with -Xclang -fno-split-cold-code"
    case .threadLocal(let name):
      what = "'\(name)' is thread-local, which BPF does not support"
      hint = "remove `__thread`, and SEC() if it is .tbss or .tdata"
    case .emptySection(let section, let variable):
      what = "section '\(section)' is empty: none of its variables has a size"
      facts = [("variable", "'\(variable)'")]
      hint = "give it a size or remove it: libbpf opens no object with an empty section"
    }
  }

  /// Hints for libbpf's errors: the first entry whose phrases are all in the message.
  private static let libbpfHints: [(phrases: [String], hint: String)] = [
    (
      ["failed to find BTF for extern", ": -22\n"],
      "gcc 12 declares an extern as its own variable: compile with clang or a newer gcc"
    ),
    (
      ["failed to find BTF for extern"],
      "its source does not declare it: include its header, or compile without what inserts calls (-fsanitize, -pg, -fprofile)"
    ),
    (["unsupported map linkage static"], "remove `static` or `__hidden`: libbpf opens neither kind of map"),
    (["is static and not supported"], "remove `static`: programs with a SEC() are global"),
    (["legacy map definitions"], "define the map in SEC(\".maps\"), as libbpf 1.0 and newer need it"),
    (["bad map relo against"], "move the variable: libbpf makes maps of .data*, .rodata*, .bss* and .kconfig only"),
    (
      ["missing BPF prog type"],
      "libbpf knows no program type for this SEC(); for a function without SEC(), compile without -ffunction-sections"
    ),
    (
      ["bad call relo against"],
      "call functions of .text or of the same section: remove __attribute__((cold)) or SEC(), compile without -ffunction-sections"
    ),
  ]

  /// For damage that no known compiler causes: building again gives another file, or a reason to report it.
  fileprivate static let damageHint = "copy or build it again; if the error stays, report it with the file"

  private init(_ path: String, _ reason: MissingBTF) {
    self.init(path: path, what: "no BTF type information", facts: [("section", ".BTF (missing)")])
    switch reason {
    case .noDebugInfo: hint = "compile with `clang -g -target bpf`"
    case .otherDebugInfo:
      facts.append(("DWARF", "found"))
      hint = "clang writes BTF with -g -target bpf, gcc with -gbtf; code in assembly has none"
    case .nothingToDescribe:
      what = "no program, map or variable"
      facts = []
      hint = "define one; compilers omit a static variable or function that nothing uses"
    case .linkTimeOptimization:
      what = "intermediate code of gcc's link-time optimization"
      facts = []
      hint = "compile without -flto"
    }
  }

  private init(_ path: String, twoSections name: String, constant: [String], writable: [String]) {
    func list(_ names: [String]) -> String {
      names.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    }
    self.init(path: path, what: "it has two sections '\(name)'")
    if !constant.isEmpty { facts.append(("constant", list(constant))) }
    if !writable.isEmpty { facts.append(("writable", list(writable))) }
    if constant.isEmpty || writable.isEmpty {
      hint = "define one variable there; with -fdata-sections, compile without -fno-unique-section-names"
    } else if name.hasPrefix(".rodata") {
      hint = "make \(list(writable)) const, for instance `const volatile`"
    } else {
      hint = "remove `const` from \(list(constant)), or choose another SEC() for it"
    }
  }

  private init(_ path: String, _ difference: ForeignELF) {
    let fact: (String, String) =
      switch difference {
      case .elfClass(let value): ("class", value == 1 ? "32-bit" : "\(value)")
      case .byteOrder(let value): ("byte order", "\(value)")
      case .version(let value): ("ELF version", "\(value)")
      case .type(let value):
        ("type", ["none", "relocatable", "executable", "shared object", "core"][checked: Int(value)] ?? "\(value)")
      case .machine(let value): ("machine", Diagnostic.machines[value] ?? "\(value)")
      }
    self.init(
      path: path, what: "not a BPF object", facts: [fact],
      hint: "give an object made by `clang -g -O2 -target bpf -c`")
  }

  private static let machines: [UInt16: String] = [
    3: "i386", 8: "mips", 21: "ppc64", 22: "s390", 40: "arm", 62: "x86-64", 183: "aarch64", 243: "riscv",
    258: "loongarch",
  ]
}

extension String {
  fileprivate func contains(phrase: String) -> Bool {
    let phrase = Array(phrase.utf8)
    return utf8.indices.contains { utf8[$0...].starts(with: phrase) }
  }
}

extension Array {
  fileprivate subscript(checked index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension ELFFault {
  /// Whether the file could be a truncated valid one.
  var isTruncation: Bool {
    switch self {
    case .truncatedHeader: true
    case .sectionTable(let offset, let count, let entry, let bytes):
      entry == 64 && ELFFault.reaches(offset, UInt64(count * 64), beyond: bytes)
    case .sectionRange(_, let offset, let size, let bytes): ELFFault.reaches(offset, size, beyond: bytes)
    default: false
    }
  }

  /// Whether a range has plausible values, but ends after the end of this file.
  private static func reaches(_ offset: UInt64, _ size: UInt64, beyond bytes: Int) -> Bool {
    let plausible: UInt64 = 1 << 32
    return offset < plausible && size < plausible && offset + size > UInt64(bytes)
  }

  var hint: String {
    isTruncation
      ? "it is incomplete: wait for its compiler or copy, or make it again" : Diagnostic.damageHint
  }

  var description: String {
    switch self {
    case .truncatedHeader(let bytes): "the file ends within the ELF header, after \(bytes) bytes"
    case .sectionTable(let offset, let count, let entry, let bytes):
      "the section table (\(count) entries of \(entry) bytes at \(offset)) does not fit in the file of \(bytes) bytes"
    case .noSections: "no section table"
    case .sectionNames(let index): "section \(index) is not a table of section names"
    case .sectionName(let section, let offset):
      "the name of section \(section) (at \(offset)) is outside the table of names"
    case .sectionRange(let section, let offset, let size, let bytes):
      "section \(section) (\(size) bytes at \(offset)) does not fit in the file of \(bytes) bytes"
    case .sectionAlignment(let section, let alignment):
      "the alignment of section \(section) is \(alignment), which is not a power of two"
    case .entrySize(let section, let entry, let size):
      "section \(section) has entries of \(entry) bytes in \(size) bytes"
    case .sectionLink(let section, let link):
      "section \(section) is linked to section \(link), which is of the wrong type"
    case .sectionInfo(let section, let info): "section \(section) applies to section \(info), which does not exist"
    case .stringTable(let section): "the names in section \(section) do not end with a zero byte"
    case .secondSymbolTable(let section): "section \(section) is a second symbol table"
    case .symbolName(let index, let offset): "the name of symbol \(index) (at \(offset)) is outside the table of names"
    case .symbolSection(let index, let section): "symbol \(index) is in section \(section), which does not exist"
    case .symbolRange(let index, let value, let size, let section):
      "symbol \(index) (\(size) bytes at \(value)) extends beyond section \(section)"
    case .relocationSymbol(let section, let index, let symbol):
      "relocation \(index) of section \(section) refers to symbol \(symbol), which does not exist"
    case .relocationOffset(let section, let index, let offset):
      "relocation \(index) of section \(section) is at offset \(offset), outside its section"
    case .duplicateSection(let name): "there are two sections '\(name)'"
    case .noBytes(let section): "section '\(section)' has no bytes in the file"
    case .programSize(let section, let size):
      "the \(size) bytes of section \(section) are not a whole number of instructions"
    case .sectionType(let section, let type): "section '\(section)' has type \(type), and should be plain bytes"
    case .compressed(let section): "section '\(section)' is compressed"
    case .functionRange(let symbol, let value, let size):
      "the function of symbol \(symbol) (\(size) bytes at \(value)) is not a whole number of instructions"
    case .cutInstruction(let symbol): "the function of symbol \(symbol) ends within an instruction of 16 bytes"
    case .nameBytes(let section): "the names in section \(section) overlap: written out, they would fill the memory"
    }
  }
}

extension BTFFault {
  var description: String {
    switch self {
    case .header(let section, let field, let value): "\(section): the header's \(field) is \(value)"
    case .stringsNotTerminated: "the string table does not end with a zero byte"
    case .split: "the string table does not begin with a zero byte"
    case .ownBase: "the types extend .BTF.base"
    case .truncatedType(let id, let offset): "type [\(id)] at \(offset) extends beyond the type section"
    case .nameOffset(let id, let offset): "type [\(id)] has its name at \(offset), outside the string table"
    case .missingName(let id, let kind): "type [\(id)], a \(kind.word), has no name"
    case .typeReference(let id, let to): "type [\(id)] refers to [\(to)], which does not exist"
    case .linkage(let id, let kind, let number):
      "type [\(id)], a \(kind.word), has the linkage \(number), which is not one of "
        + Linkage.allCases.map { "\($0.rawValue) (\($0))" }.joined(separator: ", ")
    case .wrongTarget(let id, let kind, let target): "type [\(id)], a \(kind.word), refers to a \(target.word)"
    case .cycle(let ids): "types contain themselves: " + (ids + [ids[0]]).map { "[\($0)]" }.joined(separator: " -> ")
    case .nestingTooDeep(let id): "type [\(id)] is nested too deeply"
    case .sizeOverflow(let id): "the size of type [\(id)] does not fit in 31 bits"
    case .memberOutside(let id, let member): "member \(member) of type [\(id)] is outside it"
    case .gaps(let id, let bytes): "struct [\(id)] has \(bytes) bytes between its members, too many to write out"
    case .duplicateMember(let id, let name): "type [\(id)] has two members '\(name)'"
    case .integer(let id, let bits, let size): "integer [\(id)] has \(bits) bits in \(size) bytes"
    case .enumSize(let id, let size): "enum [\(id)] has \(size) bytes"
    case .variableOutside(let section, let variable): "variable '\(variable)' is outside its section '\(section)'"
    case .nameBytes(let id): "the names up to type [\(id)] overlap: written out, they would fill the memory"
    case .lineBytes(let offset):
      ".BTF.ext: the lines up to the record at \(offset) overlap: written out, they would fill the memory"
    case .tooManyWalks(let id): "type [\(id)] expands to too many nested types"
    case .tooManyAlike(let id): "type [\(id)] is one of too many types that look the same"
    case .textTooLong(let id): "type [\(id)] takes too much C for its size"
    case .relocation(let type, let kind, let access):
      "the CO-RE relocation of kind \(kind) for type \(type), '\(access)', is not valid"
    case .extensionRecord(let part, let offset): ".BTF.ext: the \(part) record at \(offset) does not fit in its section"
    }
  }
}

extension BTFKind {
  fileprivate var word: String {
    switch self {
    case .void: "void"
    case .int: "int"
    case .pointer: "pointer"
    case .array: "array"
    case .structure: "struct"
    case .union: "union"
    case .enumeration: "enum"
    case .forward: "forward declaration"
    case .typedef: "typedef"
    case .volatile: "volatile"
    case .const: "const"
    case .restrict: "restrict"
    case .function: "function"
    case .functionPrototype: "function prototype"
    case .variable: "variable"
    case .dataSection: "data section"
    case .float: "float"
    case .declarationTag: "declaration tag"
    case .typeTag: "type tag"
    case .enumeration64: "64-bit enum"
    }
  }
}

extension LoaderObstacle {
  fileprivate var description: String {
    switch self {
    case .structOps(let map): "'\(map)' is a struct_ops map"
    case .arenaVariables: "it has variables in an arena"
    case .pinnedMap(let map): "map '\(map)' is pinned by name"
    case .kernelAddress(let name): "'\(name)' is an extern without a type: its address changes at every boot"
    case .otherByteOrder(let order): "its byte order is \(order)-endian: generate it on a \(order)-endian machine"
    case .tooManyPrograms(let count, let maximum): "\(count) programs, and a loader holds \(maximum) at most"
    case .tooManyFunctions(let count, let maximum): "\(count) functions, and a loader takes \(maximum) at most"
    case .tooManyBytes(let section, let maximum):
      "with the variables of '\(section)' it has more than \(maximum) bytes of initial values"
    }
  }
}
