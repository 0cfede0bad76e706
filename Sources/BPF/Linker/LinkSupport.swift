internal import BTF
internal import Bytes
internal import ELF

extension ELFFile.Section {
  /// Whether a linked object has the section. Debug information, which libbpf does not load, is left out; tables of names and
  /// symbols, and BTF, are made for the whole.
  var isLinked: Bool {
    switch type {
    case 0, ELFFormat.symbolTable, ELFFormat.stringTable, ELFFormat.addressSignificance: return false
    case ELFFormat.programBits where name == ".text" && size == 0: return false
    default: return !isDebug && ![".BTF", ".BTF.ext"].contains(relocated ?? name)
    }
  }

  /// The name of the section that a section of relocations is for.
  private var relocated: String? {
    guard type == ELFFormat.relocations || type == ELFFormat.relocationsWithAddend else { return nil }
    return String(name.dropFirst(type == ELFFormat.relocations ? ".rel".count : ".rela".count))
  }
}

extension LinkedSections.Section {
  var isCode: Bool { content.map { $0.type == ELFFormat.programBits && $0.flags & ELFFormat.executable != 0 } ?? false }
}

extension LinkedSections.Content {
  /// Adds to a place in a section, of which a relocation takes an offset from the begin of another section, how far the
  /// other's bytes have moved.
  ///
  /// - Returns: whether the place has a field that the type of relocation changes.
  mutating func add(_ distance: Int, at offset: Int, _ type: UInt32, isCode: Bool) -> Bool {
    let room = bytes.count - offset
    if isCode {
      guard room >= ELFFormat.instructionSize else { return false }
      // A call counts instructions, all others bytes.
      let isCall = bytes[offset] == LinkedSections.Content.call
      let field: UInt32 = bytes.load(at: offset + 4)
      bytes.store(
        field &+ UInt32(truncatingIfNeeded: isCall ? distance / ELFFormat.instructionSize : distance), at: offset + 4)
      return true
    }
    switch type {
    case Relocation.absolute64 where room >= 8:
      bytes.store(bytes.load(at: offset) &+ UInt64(distance), at: offset)
    case Relocation.absolute32 where room >= 4:
      bytes.store(bytes.load(at: offset) &+ UInt32(truncatingIfNeeded: distance), at: offset)
    default: return distance == 0
    }
    return true
  }

  /// The operation of a call. Source: linux/bpf.h.
  private static let call: UInt8 = 0x85
}

extension [UInt8] {
  /// A section of relocations without those of definitions that are not used. libbpf looks for the map, or the struct_ops
  /// variable, that a relocation is in, and opens no object where there is none. O(relocations x log definitions).
  func withoutRelocations(of unused: [Range<UInt64>]) -> [UInt8] {
    if unused.isEmpty { return self }
    let ranges = unused.sorted { $0.lowerBound < $1.lowerBound }
    let kept = stride(from: 0, to: count, by: RelocationEntry.size).filter { at in
      let offset = Relocation.offset(in: self, at: at)
      var (low, high) = (0, ranges.count)
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
      }
      return low == 0 || !ranges[low - 1].contains(offset)
    }
    return kept.flatMap { self[$0..<$0 + RelocationEntry.size] }
  }
}

extension LinkedSymbols.Symbol {
  var isDefined: Bool { place != .undefined }

  func named(_ name: Int) -> Self {
    Self(name: name, info: info, other: other, place: place, value: value, size: size)
  }

  mutating func undefine() {
    // Type, value and size are a definition's.
    self = Self(name: name, info: info & 0xf0, other: other, place: .undefined, value: 0, size: 0)
  }
}

extension LinkInput {
  /// The variables in sections of which the linked object has another input's copy.
  func typesInSharedSections(_ placements: [LinkedSections.Placement?]) -> TypeSet {
    guard let btf else { return TypeSet() }
    let shared = Set(zip(elf.sections, placements).filter { $0.1?.isDuplicate ?? false }.map(\.0.name))
    guard !shared.isEmpty else { return TypeSet() }
    var types = TypeSet()
    for section in btf.ids(of: .dataSection) where shared.contains(btf.name(section)) {
      for index in 0..<btf.vlen(section) { types.insert(btf.sectionVariable(section, index).variable) }
    }
    for tag in btf.ids(of: .declarationTag) where types.contains(btf.target(tag)) { types.insert(tag) }
    return types
  }
}
