internal import BPFObject
internal import Incr

extension Diagnostic {
  /// The words for what is wrong with an object.
  init(_ path: String, _ error: ObjectError) {
    self.init(path: path, what: "")
    switch error {
    case .file(let error):
      self = Diagnostic(error)
    case .empty:
      what = "the file is empty"
      hint = "its compiler failed, or has not written it yet"
    case .notELF:
      what = "not an ELF file"
      hint = "give an object made by `clang -g -O2 -target bpf -c`"
    case .notBPF(let difference):
      self = Diagnostic(path, difference)
    case .damagedELF(let fault):
      what = "damaged ELF file"
      facts = [("damage", fault.words)]
      hint = fault.hint
    case .noBTF:
      what = "no BTF type information"
      facts = [("section", ".BTF (missing)")]
      hint = "compile with `clang -g -target bpf`"
    case .damagedBTF(.split):
      what = "split BTF: it continues another file's, as a kernel module's continues the kernel's"
      hint = "name that file: --base BASE, or -B BASE in bpftool's commands"
    case .damagedBTF(let fault):
      what = "damaged BTF type information"
      facts = [("damage", fault.words)]
      hint = "compile it again"
    case .noSuchType(let id, let count):
      what = "no type [\(id)]: the ids go from 0 to \(count - 1)"
      hint = "`bpfgen btf dump file FILE` lists them"
    case .newerBTF(let kind, let type):
      what = "BTF of a newer kind than this bpfgen knows"
      facts = [("type", "[\(type)] of kind \(kind)")]
      hint = "update bpfgen"
    case .libbpf(let operation, let number, let log):
      // The number is often the least of it: ENOENT for a missing type, EOPNOTSUPP for a missing definition.
      what =
        log.isEmpty ? "libbpf cannot \(operation) it: \(LibBPF.errorText(number))" : "libbpf cannot \(operation) it"
      facts = log.isEmpty ? [] : [("libbpf", log)]
      hint = Diagnostic.libbpfHints.first { log.contains(phrase: $0.phrase) }?.hint
    case .olderLibBPF(let section, let needed):
      what = "the libbpf built in is too old for it"
      facts = [("section", "\(section), which libbpf \(needed) and newer know"), ("libbpf", LibBPF.runningVersion)]
      hint = "take a bpfgen that is built with a newer libbpf (`bpfgen version` tells which it has)"
    case .duplicateName(let name, let kind):
      what = "it has two \(kind)s named '\(name)'"
      hint = "give one of them another name"
    case .unprintableName(let name, let subject):
      what = "the \(subject) name '\(name)' cannot be written in C"
      hint = "rename it: C needs letters, digits and _, and no keyword"
    case .badObjectName(let name):
      what = "'\(name)' is no name for a C struct"
      hint = "give one with --name"
    case .nameIsType(let name):
      what = "the object's own variables have a type '\(name)'"
      hint = "give the header another name with --name"
    case .declarationTooDeep(let variable):
      what = "the type of '\(variable)' nests too deep for a C declaration"
    case .declarationTooLong(let variable):
      what = "the types of variables up to '\(variable)' take more than 1 MiB of C"
      hint = "give the type a name, so that it is mentioned and not spelled out"
    case .overlappingVariables(let section, let variable, let offset):
      what = "variables of '\(section)' overlap"
      facts = [("variable", "'\(variable)' at offset \(offset)")]
      hint = "compile it again"
    case .mixedByteOrders(let order):
      what = "it is \(order)-endian, and the objects before it are not"
      hint = "compile all for one machine: -target bpfel or bpfeb"
    case .movedVariable(let name, let section, let other):
      what = "its variable '\(name)' is in another section than that of an object before it"
      facts = [("section", section), ("before", other)]
      hint = "give it the same SEC() in both"
    case .noLoader(let obstacle):
      what = "no light skeleton can load it"
      facts = [("reason", obstacle.words)]
      hint = "make a skeleton of it (bpfgen skeleton)"
    }
  }

  /// What to do about libbpf's commonest refusals.
  private static let libbpfHints: [(phrase: String, hint: String)] = [
    ("failed to find BTF for extern", "it uses something of another object: link them first (bpfgen link)"),
    ("unrecognized extern section", "it uses a map or a variable of another object: link them first (bpfgen link)"),
    ("unsupported map linkage static", "libbpf opens no static or hidden map: leave `static` and `__hidden` out"),
    ("legacy map definitions", "libbpf 1.0 and newer want maps in SEC(\".maps\"), described by BTF"),
    ("bad map relo against", "libbpf makes maps of .data*, .rodata*, .bss* and .kconfig only: move the variable"),
    ("incompatible", "two of the objects declare it differently: compile them from the same headers"),
    ("section mismatch", "two of the objects define it differently: compile them from the same headers"),
    ("symbol conflict", "two of the objects define the same thing; was one named twice?"),
    ("conflicting non-weak symbol", "two of the objects define the same thing; was one named twice?"),
  ]

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
  /// Whether the file could be the beginning of a sound one.
  var isTruncation: Bool {
    switch self {
    case .truncatedHeader: true
    case .sectionTable(let offset, let count, let entry, let bytes):
      entry == 64 && ELFFault.reaches(offset, UInt64(count * 64), beyond: bytes)
    case .sectionRange(_, let offset, let size, let bytes): ELFFault.reaches(offset, size, beyond: bytes)
    default: false
    }
  }

  /// A range that would lie inside a file of a plausible size, and does not lie inside this one.
  private static func reaches(_ offset: UInt64, _ size: UInt64, beyond bytes: Int) -> Bool {
    let plausible: UInt64 = 1 << 32
    return offset < plausible && size < plausible && offset + size > UInt64(bytes)
  }

  var hint: String {
    if isTruncation { return "it is cut short: compile it again, or wait for its compiler" }
    return self == .noSymbolTable ? "it was stripped: keep its symbols (`llvm-strip -g` does)" : "compile it again"
  }

  var words: String {
    switch self {
    case .truncatedHeader(let bytes): "the file ends within the ELF header, after \(bytes) bytes"
    case .sectionTable(let offset, let count, let entry, let bytes):
      "the section table (\(count) entries of \(entry) bytes at \(offset)) does not fit the file of \(bytes) bytes"
    case .noSections: "no section table"
    case .sectionNames(let index): "section \(index) cannot hold the sections' names"
    case .sectionName(let section, let offset):
      "the name of section \(section) (at \(offset)) lies outside of the names"
    case .sectionRange(let section, let offset, let size, let bytes):
      "section \(section) (\(size) bytes at \(offset)) does not fit the file of \(bytes) bytes"
    case .sectionAlignment(let section, let alignment):
      "the alignment of section \(section), \(alignment), is no power of two"
    case .entrySize(let section, let entry, let size):
      "section \(section) has entries of \(entry) bytes in \(size) bytes"
    case .sectionLink(let section, let link): "section \(section) is linked to section \(link), which does not fit it"
    case .sectionInfo(let section, let info): "section \(section) is about section \(info), which does not exist"
    case .stringTable(let section): "the names in section \(section) do not end"
    case .secondSymbolTable(let section): "section \(section) is a second symbol table"
    case .symbolName(let index, let offset): "the name of symbol \(index) (at \(offset)) lies outside of the names"
    case .symbolSection(let index, let section): "symbol \(index) lies in section \(section), which does not exist"
    case .symbolRange(let index, let value, let size, let section):
      "symbol \(index) (\(size) bytes at \(value)) reaches outside of section \(section)"
    case .relocationSymbol(let section, let index, let symbol):
      "relocation \(index) of section \(section) refers to symbol \(symbol), which does not exist"
    case .relocationOffset(let section, let index, let offset):
      "relocation \(index) of section \(section) changes offset \(offset), outside of its section"
    case .duplicateSection(let name): "there are two sections '\(name)'"
    case .noBytes(let section): "section '\(section)' has no bytes in the file"
    case .programSize(let section, let size):
      "the \(size) bytes of section \(section) are no whole number of instructions"
    case .sectionType(let section, let type): "section '\(section)' is of type \(type), and no plain bytes"
    case .compressed(let section): "section '\(section)' is compressed"
    case .noSymbolTable: "no symbol table"
    case .functionRange(let symbol, let value, let size):
      "the function of symbol \(symbol) (\(size) bytes at \(value)) is no whole number of instructions"
    case .cutInstruction(let symbol): "the function of symbol \(symbol) ends within an instruction of 16 bytes"
    case .nameBytes(let section): "the names in section \(section) overlap: written out they fill the memory"
    }
  }
}

extension BTFFault {
  var words: String {
    switch self {
    case .header(let section, let field, let value): "\(section): the header's \(field) is \(value)"
    case .stringsNotTerminated: "the string table does not end with a zero byte"
    case .split: "the string table does not begin with a zero byte"
    case .truncatedType(let id, let offset): "type [\(id)] at \(offset) reaches beyond the type section"
    case .nameOffset(let id, let offset): "type [\(id)] has a name at \(offset), outside of the string table"
    case .missingName(let id, let kind): "type [\(id)], a \(kind.word), has no name"
    case .typeReference(let id, let to): "type [\(id)] refers to [\(to)], which does not exist"
    case .wrongTarget(let id, let kind, let target): "type [\(id)], a \(kind.word), refers to a \(target.word)"
    case .cycle(let ids): "types contain themselves: " + (ids + [ids[0]]).map { "[\($0)]" }.joined(separator: " -> ")
    case .nestingTooDeep(let id): "type [\(id)] nests too deep"
    case .sizeOverflow(let id): "type [\(id)] has no size that fits 31 bits"
    case .memberOutside(let id, let member): "member \(member) of type [\(id)] lies outside of it"
    case .gaps(let id, let bytes): "struct [\(id)] has \(bytes) bytes between its members, more than a text can show"
    case .duplicateMember(let id, let name): "type [\(id)] has two members '\(name)'"
    case .integer(let id, let bits, let size): "integer [\(id)] has \(bits) bits in \(size) bytes"
    case .enumSize(let id, let size): "enum [\(id)] has \(size) bytes"
    case .variableOutside(let section, let variable): "variable '\(variable)' lies outside of its section '\(section)'"
    case .nameBytes(let id): "the names up to type [\(id)] overlap: written out they fill the memory"
    case .lineBytes(let offset):
      ".BTF.ext: the lines up to the record at \(offset) overlap: written out they fill the memory"
    case .tooManyWalks(let id): "type [\(id)] is made of others over more ways than anybody can walk"
    case .tooManyAlike(let id): "type [\(id)] is one of more types that look the same than can be merged"
    case .textTooLong(let id): "type [\(id)] takes more C than its bytes are worth"
    case .relocation(let type, let kind, let access):
      "the CO-RE relocation of kind \(kind) for type \(type), '\(access)', is none"
    case .extensionRecord(let part, let offset): ".BTF.ext: the \(part) record at \(offset) does not fit"
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
  fileprivate var words: String {
    switch self {
    case .structOps(let map): "'\(map)' is a struct_ops map"
    case .arenaVariables: "it has variables in an arena"
    case .pinnedMap(let map): "map '\(map)' is pinned by name"
    case .kernelAddress(let name): "'\(name)' is an extern without a type: its address is another at every boot"
    case .otherByteOrder(let order): "its byte order is \(order)-endian: make it on a machine that is so too"
    case .tooManyPrograms(let count, let maximum): "\(count) programs, of which a loader holds \(maximum)"
    case .tooManyFunctions(let count, let maximum): "\(count) functions, of which a loader takes \(maximum)"
    case .tooManyBytes(let section, let maximum):
      "with the variables of '\(section)' it has more bytes of values than a loader should hold, \(maximum)"
    }
  }
}
