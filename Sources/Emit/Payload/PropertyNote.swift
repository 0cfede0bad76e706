internal import BPF
internal import Bytes
internal import CLibELF
internal import ELF

/// The properties in an object file's `.note.gnu.property` section, as far as an object without code can have them.
///
/// A linker computes the properties of its output from those of all inputs, and an input without a note counts. What
/// that means for a payload, which has no code, no pointers and no relocations, depends on how the linker merges a
/// property:
///
/// - **AND** (the x86 features IBT and SHSTK, the AArch64 features BTI, PAC and GCS, the RISC-V landing pads and shadow
///   stack, the generic range): the output has a bit if every input has it. A bit means that no code in the object
///   conflicts with the feature. That is true for every payload, so it has all bits of the other object.
/// - **OR-AND** (the x86 `ISA_1_USED` and `FEATURE_2_USED`): the union of all inputs, dropped if one input lacks the
///   property. A payload uses no instruction set and no register, so it has the property with no bit set, which does
///   not change the union.
/// - **Equal** (the AArch64 PAuth ABI's platform and version): all inputs must agree. A payload has no signed pointers
///   and is compatible with every version, so it has the value of the other object.
/// - **OR, maximum** (`ISA_1_NEEDED`, the stack size, no copy relocations on protected data): one input is enough to
///   set the output's value. A payload needs nothing, so it does not have the property.
/// - **Unknown** properties of a processor are not copied, because it is unknown how they are merged.
///
/// Sources: Linux Extensions to gABI, "Program Property"; x86-64 psABI, "Program Property"; ELF for the Arm 64-bit
/// Architecture, "Program Property", and its PAuth ABI extension; RISC-V ELF psABI, "Program Property"; GNU ld and lld
/// for several notes in one object, whose values of a property are combined by OR.
package struct PropertyNote: Hashable, Sendable {
  /// The values of properties by type, in the object's byte order.
  private var values: [UInt32: [UInt8]] = [:]

  /// No properties.
  package init() {}

  package var isEmpty: Bool { values.isEmpty }

  /// The properties that compilers for this program's own machine can enable: a payload has them if no object of the
  /// user's compiler is given.
  ///
  /// None on RISC-V, because linkers that do not support its properties yet warn about them.
  static var host: PropertyNote {
    var note = PropertyNote()
    #if arch(x86_64)
      // IBT, SHSTK.
      note.values[0xc000_0002] = [3, 0, 0, 0]
    #elseif arch(arm64)
      // BTI, PAC, GCS.
      note.values[0xc000_0000] = [7, 0, 0, 0]
    #endif
    return note
  }

  /// How linkers merge the values of a property.
  private enum Merging {
    case and, orAnd, equal, other

    init(_ type: UInt32, on machine: UInt16) {
      switch (type, Int32(machine)) {
      case (0xb000_0000...0xb000_7fff, _): self = .and
      case (0xc000_0002...0xc000_7fff, EM_X86_64), (0xc000_0002...0xc000_7fff, EM_386): self = .and
      // The first one is `ISA_1_USED` with its number from before the ranges were introduced.
      case (0xc000_0000, EM_X86_64), (0xc000_0000, EM_386): self = .orAnd
      case (0xc001_0000...0xc001_7fff, EM_X86_64), (0xc001_0000...0xc001_7fff, EM_386): self = .orAnd
      case (0xc000_0000, EM_AARCH64), (0xc000_0000, EM_RISCV): self = .and
      case (0xc000_0001, EM_AARCH64): self = .equal
      default: self = .other
      }
    }
  }

  /// Adds a property of the other object.
  ///
  /// - Returns: whether the value has the right size and agrees with an earlier one.
  fileprivate mutating func add(_ type: UInt32, _ value: [UInt8], on machine: UInt16) -> Bool {
    switch Merging(type, on: machine) {
    case .and:
      guard value.count == 4 else { return false }
      let merged = zip(value, values[type] ?? [0, 0, 0, 0]).map { $0 | $1 }
      // No bits is the same as no property.
      if merged != [0, 0, 0, 0] { values[type] = merged }
    case .orAnd:
      guard value.count == 4 else { return false }
      values[type] = [0, 0, 0, 0]
    case .equal: return values.updateValue(value, forKey: type).map { $0 == value } ?? true
    case .other: break
    }
    return true
  }

  /// The section's content: one note, with its properties sorted by type.
  func bytes(for target: TargetMachine) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(UInt32(value), in: target.order)
      return bytes
    }
    let alignment = PropertyNote.alignment(is64Bit: target.is64Bit)
    var description: [UInt8] = []
    for (type, value) in values.sorted(by: { $0.key < $1.key }) {
      description += number(Int(type)) + number(value.count) + value
      description += [UInt8](repeating: 0, count: (alignment - value.count % alignment) % alignment)
    }
    return number(4) + number(description.count) + number(PropertyNote.noteType) + Array("GNU\0".utf8) + description
  }

  /// The alignment of the section and of each property in it. It depends on the file's class, so it is 4 on x32 too.
  static func alignment(is64Bit: Bool) -> Int { is64Bit ? 8 : 4 }

  static let sectionName = ".note.gnu.property"
  /// `NT_GNU_PROPERTY_TYPE_0`.
  private static let noteType = 5
}

// MARK: - Reading

extension PropertyNote {
  /// Why an object's note cannot be read.
  enum Fault: Error {
    /// The section table, the sections' names or the note's section are not inside the file.
    case sections
    /// The notes, or the properties in them, do not fit into their section.
    case note
  }

  /// Reads the properties of an object. O(sections + size of the section).
  ///
  /// - Parameter header: the machine in the file header.
  init(of object: ByteReader, _ header: TargetMachine) throws(Fault) {
    let sections = try SectionTable(object, is64Bit: header.is64Bit)
    for index in 0..<sections.count {
      guard let section = try sections.note(index, named: PropertyNote.sectionName) else { continue }
      try read(object, section.range, noteAlignment: section.alignment == 8 ? 8 : 4, header)
    }
  }

  private mutating func read(
    _ object: ByteReader, _ section: Range<Int>, noteAlignment: Int, _ header: TargetMachine
  ) throws(Fault) {
    var note = section
    while !note.isEmpty {
      guard note.count >= 12, let nameSize = object.load(UInt32.self, at: note.lowerBound),
        let size = object.load(UInt32.self, at: note.lowerBound + 4),
        let type = object.load(UInt32.self, at: note.lowerBound + 8)
      else { throw .note }
      let start = PropertyNote.aligned(12 + Int(nameSize), noteAlignment)
      guard start <= note.count, Int(size) <= note.count - start else { throw .note }
      let name = object.bytes[note.lowerBound + 12..<note.lowerBound + start].prefix(Int(nameSize))
      if type == PropertyNote.noteType, name.elementsEqual(Array("GNU\0".utf8)) {
        let first = note.lowerBound + start
        try readProperties(object, first..<first + Int(size), header)
      }
      note = note.dropFirst(PropertyNote.aligned(start + Int(size), noteAlignment))
    }
  }

  private mutating func readProperties(_ object: ByteReader, _ description: Range<Int>, _ header: TargetMachine)
    throws(Fault)
  {
    var rest = description
    while !rest.isEmpty {
      guard rest.count >= 8, let type = object.load(UInt32.self, at: rest.lowerBound),
        let size = object.load(UInt32.self, at: rest.lowerBound + 4), Int(size) <= rest.count - 8
      else { throw .note }
      let value = Array(object.bytes[rest.lowerBound + 8..<rest.lowerBound + 8 + Int(size)])
      guard add(type, value, on: header.machine) else { throw .note }
      rest = rest.dropFirst(PropertyNote.aligned(8 + Int(size), PropertyNote.alignment(is64Bit: header.is64Bit)))
    }
  }

  private static func aligned(_ size: Int, _ alignment: Int) -> Int { (size + alignment - 1) / alignment * alignment }
}

/// The section table of an ELF file of either class.
private struct SectionTable {
  private(set) var count = 0
  private let object: ByteReader
  private let is64Bit: Bool
  private var offset = 0
  /// The section names.
  private var names = 0..<0

  init(_ object: ByteReader, is64Bit: Bool) throws(PropertyNote.Fault) {
    self.object = object
    self.is64Bit = is64Bit
    offset = try number(FileHeader.sectionTable, at: 0)
    let size = try number(FileHeader.sectionHeaderSize, at: 0)
    let count = try number(FileHeader.sectionCount, at: 0)
    var strings = try number(FileHeader.sectionNames, at: 0)
    if offset == 0 { return }
    guard size == entrySize else { throw .sections }
    // Numbers that are too large are in the first section header. Source: gABI, "e_shnum", "e_shstrndx".
    self.count = count == 0 ? try number(SectionHeader.byteCount, at: offset) : count
    guard self.count <= (object.bytes.count - offset) / entrySize else { throw .sections }
    if strings == 0xffff { strings = try number(SectionHeader.link, at: offset) }
    // 0: the sections have no names.
    guard strings < self.count else { throw .sections }
    if strings != 0 { names = try range(strings) }
  }

  private var entrySize: Int { SectionHeader.size(is64Bit: is64Bit) }

  /// The bytes and the alignment of a section; `nil` if it does not contain notes, or has another name.
  func note(_ index: Int, named wanted: String) throws(PropertyNote.Fault) -> (range: Range<Int>, alignment: Int)? {
    let header = offset + index * entrySize
    let name = try number(SectionHeader.name, at: header)
    guard try number(SectionHeader.type, at: header) == SHT_NOTE else { return nil }
    let spelled = object.bytes[names].dropFirst(name).prefix(wanted.utf8.count + 1)
    guard spelled.elementsEqual(Array(wanted.utf8) + [0]) else { return nil }
    return (try range(index), try number(SectionHeader.alignment, at: header))
  }

  private func range(_ index: Int) throws(PropertyNote.Fault) -> Range<Int> {
    let header = offset + index * entrySize
    let start = try number(SectionHeader.offset, at: header)
    let size = try number(SectionHeader.byteCount, at: header)
    guard start <= object.bytes.count, size <= object.bytes.count - start else { throw .sections }
    return start..<start + size
  }

  /// A field of the structure at an offset, as an `Int`.
  private func number<Value>(_ field: ELFField<Value>, at start: Int) throws(PropertyNote.Fault) -> Int {
    guard let value = object.load(field, at: start, is64Bit: is64Bit), let number = Int(exactly: value) else {
      throw .sections
    }
    return number
  }
}
