package import ELF

/// Why a BTF gives no types, or types that no C can be written for.
package enum BTFError: Error, Hashable, Sendable {
  /// The BTF was to be found in an ELF file.
  case elf(ELFError)
  /// There is no `.BTF` section.
  case missing(MissingBTF)
  /// The BTF's functions have no type: clang's `-g1` and `-gline-tables-only` write such BTF.
  case noTypes
  case damaged(BTFFault)
  /// A type was asked for by an id that the BTF, of `count` types with `void`, does not have.
  case noSuchType(id: TypeID, count: Int)
  /// The BTF has a kind that this version does not know.
  case newer(kind: UInt8, typeID: TypeID)
  /// A name that is part of C text is not a C identifier and cannot be escaped.
  case unprintableName(String, of: String)
  /// The declaration of a variable nests deeper than any compiler would take.
  case declarationTooDeep(variable: String)
  /// The bytes make a declaration so long that no header should carry it.
  case declarationTooLong(variable: String)
  /// Two variables of one section overlap: one is an alias of the other, or a linker placed one of them wrongly.
  case overlappingVariables(section: String, variable: String, other: String, offsetBytes: UInt32)
  /// A variable's symbol is in another section than the one that the BTF has it in.
  case misplacedVariable(String, section: String, symbolSection: String)
  case threadLocal(String)
  /// No variable of the section has a size.
  case emptySection(String, variable: String)
  /// The compiler moved cold code of the function into one of its own, which has no type and which libbpf does not open.
  case splitFunction(String)
}

extension BTFError {
  /// Runs a step that reads ELF.
  static func ofELF<Value>(_ step: @autoclosure () throws(ELFError) -> Value) throws(BTFError) -> Value {
    do throws(ELFError) { return try step() } catch { throw .elf(error) }
  }
}

/// Why an object has no BTF.
package enum MissingBTF: Hashable, Sendable {
  /// It was compiled without `-g`.
  case noDebugInfo
  /// It has DWARF only.
  case otherDebugInfo
  /// It has neither code nor data.
  case nothingToDescribe
  /// It holds gcc's intermediate code.
  case linkTimeOptimization
}

extension ELFFile {
  /// The reason why the BTF is missing.
  package var missingBTF: MissingBTF {
    if sections.contains(where: { $0.name.hasPrefix(".gnu.lto_") }) { return .linkTimeOptimization }
    let isEmpty = !sections.contains {
      $0.size > 0 && $0.flags & ELFFormat.allocated != 0 && !$0.name.hasPrefix(".eh_frame")
    }
    if isEmpty { return .nothingToDescribe }
    return sections.contains { $0.name.hasPrefix(".debug_info") } ? .otherDebugInfo : .noDebugInfo
  }
}

/// One thing that is wrong in the `.BTF` or `.BTF.ext` section; ids count from 1 as BTF's own do.
package enum BTFFault: Hashable, Sendable {
  case header(section: String, field: String, value: UInt64)
  case stringsNotTerminated
  /// The strings go on from those of another BTF, which is not given.
  case split
  case truncatedType(id: TypeID, offsetBytes: Int)
  case nameOffset(id: TypeID, offset: StringOffset)
  case missingName(id: TypeID, kind: BTFKind)
  case typeReference(id: TypeID, to: TypeID)
  /// The number of a variable's or a function's linkage does not stand for one.
  case linkage(id: TypeID, kind: BTFKind, number: UInt32)
  case wrongTarget(id: TypeID, kind: BTFKind, target: BTFKind)
  case cycle(ids: [TypeID])
  case nestingTooDeep(id: TypeID)
  case sizeOverflow(id: TypeID)
  case memberOutside(id: TypeID, member: Int)
  case duplicateMember(id: TypeID, name: String)
  case gaps(id: TypeID, bytes: UInt64)
  case integer(id: TypeID, bits: UInt8, sizeBytes: UInt32)
  case enumSize(id: TypeID, sizeBytes: UInt32)
  case extensionRecord(part: String, offsetBytes: Int)
  case relocation(type: TypeID, kind: UInt32, access: String)
  case variableOutside(section: String, variable: String)
  /// Names, or lines of source, that share their bytes so often that no reader could bear them all.
  case nameBytes(id: TypeID)
  case lineBytes(offsetBytes: Int)
  /// A type that would take more C than its bytes are worth.
  case textTooLong(id: TypeID)
  /// A type that is made of others over more ways than anybody can walk.
  case tooManyWalks(id: TypeID)
  /// One of more types that look the same, and lead to others, than can be merged.
  case tooManyAlike(id: TypeID)
}
