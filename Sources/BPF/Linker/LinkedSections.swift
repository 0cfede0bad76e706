internal import Bytes
internal import ELF

/// The sections of a linked object, in the order of their first appearance in the inputs.
struct LinkedSections {
  /// One section of the linked object.
  struct Section {
    let name: String
    /// Its content in the file; `nil` while only the BTF names it, as for a section of declarations (`.kconfig`).
    var content: Content?
    /// The input with its first appearance, for messages.
    let origin: Int
    /// The index of the section's own symbol.
    var symbol: Int?
    /// Whether an input's BTF describes it.
    var isTyped = false
    var variables: [LinkedTypes.Entry] = []
    /// The offsets of definitions of variables and maps that were overridden by others.
    var unused: [Range<UInt64>] = []
    var records = BTFRecords()
  }

  struct Content {
    let type: UInt32
    let flags: UInt64
    let entrySize: UInt64
    var alignment: UInt64
    var bytes: [UInt8]
    var size: Int
    /// The section's number in the file.
    let number: Int
    /// The section to which a relocation section applies.
    var target: Int?
  }

  /// The position of an input's section in the linked object.
  struct Placement {
    /// The index of the output's section.
    let section: Int
    /// The offset in it at which the input's section begins.
    let offset: Int
    /// Whether the output already had the section's bytes, and keeps only one copy.
    let isDuplicate: Bool
  }

  private(set) var all: [Section] = []
  private var byName: [String: Int] = [:]
  /// Numbers 1 and 2 are the string table and the symbol table.
  private var nextNumber = 3

  subscript(index: Int) -> Section {
    get { all[index] }
    _modify { yield &all[index] }
  }

  /// The sections of which the linked object has one copy, however many inputs have them.
  private static let shared: Set<String> = ["license", "version"]

  /// Appends an input's section to the output section with its name.
  mutating func append(
    _ section: ELFFile.Section, of elf: ELFFile, from input: Int, strings: inout StringTable
  ) throws(SectionMismatch) -> Placement {
    guard let index = byName[section.name], let content = all[index].content else {
      return try begin(section, of: elf, from: input, &strings)
    }
    let attributes = [
      ("type", UInt64(section.type), UInt64(content.type)), ("flags", section.flags, content.flags),
      ("entry size", section.entrySize, content.entrySize),
    ]
    if let difference = attributes.first(where: { $0.1 != $0.2 }) {
      throw SectionMismatch(difference: .attribute(difference.0), origin: all[index].origin)
    }
    if LinkedSections.shared.contains(section.name) {
      guard elf.bytes(of: section).elementsEqual(content.bytes) else {
        throw SectionMismatch(difference: .content, origin: all[index].origin)
      }
      return Placement(section: index, offset: 0, isDuplicate: true)
    }
    return Placement(section: index, offset: try extend(index, with: section, of: elf), isDuplicate: false)
  }

  /// The section with a name, which only exists in the BTF if no input had bytes for it.
  mutating func named(_ name: String, from input: Int) -> Int {
    if let index = byName[name] { return index }
    byName[name] = all.count
    all.append(Section(name: name, origin: input))
    return all.count - 1
  }

  func index(of name: String) -> Int? { byName[name] }

  private mutating func begin(
    _ section: ELFFile.Section, of elf: ELFFile, from input: Int, _ strings: inout StringTable
  ) throws(SectionMismatch) -> Placement {
    let index = named(section.name, from: input)
    _ = strings.offset(of: ByteName(section.name))
    all[index].content = Content(
      type: section.type, flags: section.flags, entrySize: section.entrySize, alignment: section.alignment, bytes: [],
      size: 0, number: nextNumber)
    nextNumber += 1
    return Placement(section: index, offset: try extend(index, with: section, of: elf), isDuplicate: false)
  }

  private mutating func extend(
    _ index: Int, with section: ELFFile.Section, of elf: ELFFile
  ) throws(SectionMismatch) -> Int {
    var content = all[index].content!
    all[index].content = nil
    content.alignment = max(1, content.alignment, section.alignment)
    let alignment = Int(content.alignment)
    let offset = (content.size + alignment - 1) / alignment * alignment
    // BTF stores section sizes in 32 bits, and libbpf in an `int`.
    guard offset + section.size <= Int32.max else {
      throw SectionMismatch(difference: .size, origin: all[index].origin)
    }
    if section.type != ELFFormat.noBits {
      content.bytes.append(contentsOf: repeatElement(0, count: offset - content.size))
      content.bytes.append(contentsOf: elf.bytes(of: section))
    }
    content.size = offset + section.size
    all[index].content = content
    return offset
  }
}

/// Why an input's section does not match the output section with its name.
struct SectionMismatch: Error {
  enum Difference {
    case attribute(String)
    case content
    /// The total size exceeds the limit for a section.
    case size
  }

  let difference: Difference
  let origin: Int
}

extension LinkedSections.Section {
  var isCode: Bool { content.map { $0.type == ELFFormat.programBits && $0.flags & ELFFormat.executable != 0 } ?? false }
}

extension LinkedSections.Content {
  /// Adds a distance to a field whose relocation is relative to another section, after that section's bytes have moved.
  ///
  /// - Returns: whether the field fits at the offset and belongs to this type of relocation.
  mutating func add(_ distance: Int, at offset: Int, _ type: UInt32, isCode: Bool) -> Bool {
    let remaining = bytes.count - offset
    if isCode {
      guard remaining >= ELFFormat.instructionSize else { return false }
      // A call counts instructions, everything else counts bytes.
      let isCall = bytes[offset] == LinkedSections.Content.call
      let field: UInt32 = bytes.load(at: offset + 4)
      bytes.store(
        field &+ UInt32(truncatingIfNeeded: isCall ? distance / ELFFormat.instructionSize : distance), at: offset + 4)
      return true
    }
    switch type {
    case Relocation.absolute64 where remaining >= 8:
      bytes.store(bytes.load(at: offset) &+ UInt64(distance), at: offset)
    case Relocation.absolute32 where remaining >= 4:
      bytes.store(bytes.load(at: offset) &+ UInt32(truncatingIfNeeded: distance), at: offset)
    default: return distance == 0
    }
    return true
  }

  /// The operation of a call. Source: linux/bpf.h.
  private static let call: UInt8 = 0x85
}
