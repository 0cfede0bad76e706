public import Incr

/// Why an object gives no header. The cases carry facts; the command line words them.
public enum ObjectError: Error, Hashable, Sendable {
  case file(FileError)
  /// Nothing is in the file.
  case empty
  /// The file does not begin as an ELF file does.
  case notELF
  /// An ELF file, but not a relocatable 64-bit BPF object: what differs.
  case notBPF(ForeignELF)
  /// A structure of the ELF file reaches outside of it, or contradicts itself.
  case damagedELF(ELFFault)
  /// There is no `.BTF` section.
  case noBTF(MissingBTF)
  /// The BTF's functions have no type: clang's `-g1` and `-gline-tables-only` write such BTF.
  case noTypes
  /// The object was stripped of its symbols.
  case noSymbolTable
  case damagedBTF(BTFFault)
  /// A type was asked for by an id that the BTF, of `count` types with `void`, does not have.
  case noSuchType(id: UInt32, count: Int)
  /// The BTF has a kind that this version does not know.
  case newerBTF(kind: UInt8, typeID: UInt32)
  /// libbpf refused the object; `errno` is positive, `log` holds libbpf's own words.
  case libbpf(operation: String, errno: Int32, log: String)
  /// The object uses what other objects have to define, and libbpf refused it; at least one symbol.
  ///
  /// `maybeKernels` is whether the kernel could provide the first: no section declares it, as one would a map.
  case undefinedSymbols([String], maybeKernels: Bool, log: String)
  /// The libbpf that runs makes no map of this section; the first that does is `needed`.
  case olderLibBPF(section: String, needed: String)
  /// A name that must stand in C text is no C identifier and cannot be escaped.
  case unprintableName(String, of: String)
  /// Two maps, or two programs, of one name.
  case duplicateName(String, of: String)
  /// A name for the header's struct that is no C identifier, or a keyword of C.
  case badObjectName(String)
  /// The object's own variables are of a type of that name.
  case nameIsType(String)
  /// The declaration of a variable nests deeper than any compiler would take.
  case declarationTooDeep(variable: String)
  /// Two variables of one section overlap: one is an alias of the other, or a linker placed one of them wrongly.
  case overlappingVariables(section: String, variable: String, other: String, offsetBytes: UInt32)
  /// A variable without a value that the compiler left to a linker to place (`SHN_COMMON`).
  case commonSymbol(String)
  /// A global symbol that has a value and no section (`SHN_ABS`).
  case absoluteSymbol(String)
  /// Two sections of one name, with the variables in each kind of them.
  case twoSections(String, constant: [String], writable: [String])
  /// A variable's symbol is in another section than the one that the BTF has it in.
  case misplacedVariable(String, section: String, symbolSection: String)
  case threadLocal(String)
  /// The BTF has no type for the variable: clang has none for `_Complex`.
  case untypedVariable(String, section: String)
  /// The variables of a section up to this one take 2 GiB or more.
  case variableTooLarge(String, section: String)
  /// No variable of the section has a size.
  case emptySection(String, variable: String)
  /// A function symbol of size 0, as assembly has without `.size`.
  case unsizedFunction(String)
  /// The compiler moved cold code of the function into one of its own, which has no type and which libbpf does not open.
  case splitFunction(String)
  /// The bytes make a declaration so long that no header should carry it.
  case declarationTooLong(variable: String)
  /// An input of the linker that is not of the byte order of those before it.
  case mixedByteOrders(ByteOrder)
  /// An input of the linker that does not fit those before it, or cannot be linked at all.
  case link(LinkFault)
  /// The object is sound, but no light skeleton can load it.
  case noLoader(LoaderObstacle)
}

/// Why an object has no BTF.
public enum MissingBTF: Hashable, Sendable {
  /// It was compiled without `-g`.
  case noDebugInfo
  /// It has DWARF only.
  case otherDebugInfo
  /// It has neither code nor data.
  case nothingToDescribe
  /// It holds gcc's intermediate code.
  case linkTimeOptimization
}

/// What the loader of a light skeleton cannot do.
public enum LoaderObstacle: Hashable, Sendable {
  /// libbpf's generator reads the running kernel's types for struct_ops maps, has none, and crashes.
  case structOps(map: String)
  /// Only libbpf itself can put the values of an arena's variables there.
  case arenaVariables
  /// Generating would look the map up in this machine's bpffs.
  case pinnedMap(String)
  /// An extern without a type: its address in this machine's running kernel would be written down, and stay where the
  /// loading kernel has no such symbol. Source: libbpf, `emit_relo_ksym_typeless`, which passes over ENOENT.
  case kernelAddress(String)
  /// libbpf generates loaders in this machine's byte order, and that is not the object's.
  case otherByteOrder(ByteOrder)
  /// The loader's stack has room for so many.
  case tooManyPrograms(Int, maximum: Int)
  /// libbpf's generator goes from function to function by recursion.
  case tooManyFunctions(Int, maximum: Int)
  /// A light skeleton holds the values of all variables, those that are zero too.
  case tooManyBytes(section: String, maximum: Int)
}

/// How an ELF file differs from a BPF object.
public enum ForeignELF: Hashable, Sendable {
  case elfClass(UInt8)
  case byteOrder(UInt8)
  /// Of the ELF format.
  case version(UInt8)
  case type(UInt16)
  case machine(UInt16)
}

/// One thing that is wrong in an ELF file, with where it is.
public enum ELFFault: Hashable, Sendable {
  case truncatedHeader(fileBytes: Int)
  case sectionTable(offset: UInt64, count: Int, entrySize: UInt16, fileBytes: Int)
  case noSections
  case sectionNames(index: Int)
  case sectionName(section: Int, nameOffset: UInt32)
  case sectionRange(section: Int, offset: UInt64, size: UInt64, fileBytes: Int)
  case sectionAlignment(section: Int, alignment: UInt64)
  case entrySize(section: Int, entrySize: UInt64, size: UInt64)
  case sectionLink(section: Int, link: UInt32)
  case sectionInfo(section: Int, info: UInt32)
  case stringTable(section: Int)
  case secondSymbolTable(section: Int)
  case symbolName(index: Int, nameOffset: UInt32)
  case symbolSection(index: Int, section: UInt16)
  case symbolRange(index: Int, value: UInt64, size: UInt64, section: Int)
  case relocationSymbol(section: Int, index: Int, symbol: UInt32)
  case relocationOffset(section: Int, index: Int, offset: UInt64)
  case duplicateSection(name: String)
  /// A section that libbpf reads has no bytes in the file.
  case noBytes(section: String)
  case programSize(section: Int, size: UInt64)
  /// A section that libbpf reads, or one with instructions, has no plain bytes.
  case sectionType(section: String, type: UInt32)
  case compressed(section: String)
  /// A function that is no whole number of instructions, or lies between two of them.
  case functionRange(symbol: Int, value: UInt64, size: UInt64)
  /// A function ends within an instruction of 16 bytes.
  case cutInstruction(symbol: Int)
  /// Names that share their bytes so often that no reader could bear them all.
  case nameBytes(section: Int)
}

/// One thing that is wrong in the `.BTF` or `.BTF.ext` section; ids count from 1 as BTF's own do.
public enum BTFFault: Hashable, Sendable {
  case header(section: String, field: String, value: UInt64)
  case stringsNotTerminated
  /// The strings go on from those of another BTF, which is not given.
  case split
  case truncatedType(id: UInt32, offsetBytes: Int)
  case nameOffset(id: UInt32, offset: UInt32)
  case missingName(id: UInt32, kind: BTFKind)
  case typeReference(id: UInt32, to: UInt32)
  case wrongTarget(id: UInt32, kind: BTFKind, target: BTFKind)
  case cycle(ids: [UInt32])
  case nestingTooDeep(id: UInt32)
  case sizeOverflow(id: UInt32)
  case memberOutside(id: UInt32, member: Int)
  case duplicateMember(id: UInt32, name: String)
  case gaps(id: UInt32, bytes: UInt64)
  case integer(id: UInt32, bits: UInt8, sizeBytes: UInt32)
  case enumSize(id: UInt32, sizeBytes: UInt32)
  case extensionRecord(part: String, offsetBytes: Int)
  case relocation(type: UInt32, kind: UInt32, access: String)
  case variableOutside(section: String, variable: String)
  /// Names, or lines of source, that share their bytes so often that no reader could bear them all.
  case nameBytes(id: UInt32)
  case lineBytes(offsetBytes: Int)
  /// A type that would take more C than its bytes are worth.
  case textTooLong(id: UInt32)
  /// A type that is made of others over more ways than anybody can walk.
  case tooManyWalks(id: UInt32)
  /// One of more types that look the same, and lead to others, than can be merged.
  case tooManyAlike(id: UInt32)
}
