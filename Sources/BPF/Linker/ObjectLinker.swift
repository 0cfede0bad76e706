internal import BTF
internal import Bytes
internal import ELF

/// A link in progress: takes one input after the other.
///
/// Sections of one name are appended to one another, symbols are resolved (`LinkedSymbols`), types and `.BTF.ext` records
/// are collected, and at the end libbpf merges the types. What libbpf's linker links right comes out as libbpf's, byte for
/// byte: sections, symbols, names and types are in the order in which it would have them. What differs:
///
/// - A symbol that is only declared is undefined in the result, whatever section it is declared in. libbpf's linker defines
///   it at offset 0 of a section that the inputs have.
/// - Whether a definition is weak depends on the definition alone. libbpf's linker makes it strong when any input declares it
///   without `__weak`.
/// - A definition may be in another section than a weak one, or than a declaration says.
///
/// One pass over each input: O(bytes + symbols + types). It is not copyable: with a copy of it left anywhere, what the end of
/// the link drops piece by piece would stay in memory.
struct ObjectLinker: ~Copyable {
  var paths: [String] = []
  var sections = LinkedSections()
  var symbols = LinkedSymbols()
  var names = StringTable()
  var types = LinkedTypes()
  var recordSizes = BTFRecordSizes()
  /// What the input that is being added defines, of variables and functions that are in the linked object's BTF already:
  /// their ids there, and in the input's BTF.
  var redefined: [(kind: SymbolKind, type: TypeID, definition: TypeID)] = []

  init() {
    for name in [".strtab", ".symtab"] { _ = names.offset(of: ByteName(name)) }
  }

  /// - Parameters:
  ///   - elf: an object in this machine's byte order.
  ///   - path: its path, for messages about it and those that follow.
  mutating func add(_ elf: ELFFile, path: String) throws(ObjectError) {
    let input = try LinkInput(elf, number: paths.count)
    paths.append(path)
    let placements = try placeSections(of: input)
    let numbers = try addSymbols(of: input, placements)
    try addRelocations(of: input, placements, numbers)
    guard let btf = input.btf else { return }
    let globals = globals(of: btf)
    var types = addTypes(of: btf, globals, input, placements)
    try addVariables(of: btf, globals, input, placements, types.ids)
    try addRecords(of: input, placements, &types)
  }

  func fault(_ fault: LinkFault) -> ObjectError { .link(fault) }
}
