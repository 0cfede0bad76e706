package import ELF

/// Why a BTF cannot be read, or why its types cannot be written as C.
package enum BTFError: Error, Hashable, Sendable {
  /// The ELF file that should contain the BTF is invalid.
  case elf(ELFError)
  /// There is no `.BTF` section.
  case missing(MissingBTF)
  /// The BTF's functions have no type: clang's `-g1` and `-gline-tables-only` write such BTF.
  case noTypes
  case damaged(BTFFault)
  /// An id is out of range for the BTF, which has `count` types including `void`.
  case noSuchType(id: TypeID, count: Int)
  /// The BTF has a kind that this version does not support.
  case newer(kind: UInt8, typeID: TypeID)
  /// A name that is part of C text is not a C identifier and cannot be escaped.
  case unprintableName(String, of: String)
  /// The declaration of a variable nests deeper than compilers support.
  case declarationTooDeep(variable: String)
  /// The declaration of a variable is too long for a header.
  case declarationTooLong(variable: String)
  /// Two variables of one section overlap: one is an alias of the other, or a linker made a mistake.
  case overlappingVariables(section: String, variable: String, other: String, offsetBytes: UInt32)
  /// A variable's symbol is in another section than its BTF variable.
  case misplacedVariable(String, section: String, symbolSection: String)
  case threadLocal(String)
  /// No variable of the section has a size.
  case emptySection(String, variable: String)
  /// The compiler split cold code off the function into one without a type, which libbpf does not open.
  case splitFunction(String)
}

extension BTFError {
  /// Runs a step that reads ELF, and wraps its errors.
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
  /// It contains gcc's intermediate code.
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

/// A defect of a `.BTF` or `.BTF.ext` section. Ids count from 1, as in BTF.
package enum BTFFault: Hashable, Sendable {
  case header(section: String, field: String, value: UInt64)
  case stringsNotTerminated
  /// The strings continue those of another BTF, which was not given.
  case split
  /// A module's types continue a part of the kernel's that is in the module, and not the kernel's.
  case ownBase
  case truncatedType(id: TypeID, offsetBytes: Int)
  case nameOffset(id: TypeID, offset: StringOffset)
  case missingName(id: TypeID, kind: BTFKind)
  case typeReference(id: TypeID, to: TypeID)
  /// The number of a variable's or a function's linkage is undefined.
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
  /// Names, or lines of source, overlap so much that reading all of them would take too much memory.
  case nameBytes(id: TypeID)
  case lineBytes(offsetBytes: Int)
  /// The C text of a type would be out of proportion to its size in the file.
  case textTooLong(id: TypeID)
  /// A type expands to too many nested types.
  case tooManyWalks(id: TypeID)
  /// One of too many types that look the same and refer to other types, which makes merging too expensive.
  case tooManyAlike(id: TypeID)
}
