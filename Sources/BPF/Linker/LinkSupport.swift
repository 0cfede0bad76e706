extension ELF {
  static let strings: UInt64 = 0x20
  static let relocationSize = 16
  /// Where maps are defined.
  static let maps = ".maps"
  /// clang's name, in BTF alone, for variables that are declared without a section.
  static let plainExterns = ".extern"
  /// Sections, in BTF alone, of what the kernel provides.
  static let kernelSections: Set<String> = [".ksyms", ".kconfig"]
  /// Tables of jumps within one object: of no symbol in it does another object know.
  static let jumpTables = ".jumptables"
}

extension ELFFile.Section {
  /// Whether a linked object has the section. Debug information, which libbpf does not load, is left out; tables of names and
  /// symbols, and BTF, are made for the whole.
  var isLinked: Bool {
    switch type {
    case 0, ELF.symbolTable, ELF.stringTable, ELF.addressSignificance: return false
    case ELF.programBits where name == ".text" && size == 0: return false
    default: return !isDebug && ![".BTF", ".BTF.ext"].contains(relocated ?? name)
    }
  }

  /// The name of the section that a section of relocations is for.
  private var relocated: String? {
    guard type == ELF.relocations || type == ELF.relocationsWithAddend else { return nil }
    return String(name.dropFirst(type == ELF.relocations ? ".rel".count : ".rela".count))
  }
}

/// One entry of a section of relocations.
struct Relocation {
  let offset: UInt64
  let symbol: Int
  let type: UInt32

  /// Reads one that `ELFFile.check` has checked.
  init(_ elf: ELFFile, at: Int) {
    let info = elf.reader.load(UInt64.self, at: at + 8)!
    offset = elf.reader.load(UInt64.self, at: at)!
    symbol = Int(info >> 32)
    type = UInt32(truncatingIfNeeded: info)
  }

  /// What relocations change. Source: the kernel's Documentation/bpf/llvm_reloc.rst.
  static let absolute64: UInt32 = 2
  static let absolute32: UInt32 = 3
}

extension LinkedSections.Section {
  var isCode: Bool { content.map { $0.type == ELF.programBits && $0.flags & ELF.executable != 0 } ?? false }
}

extension LinkedSections.Content {
  /// Adds to a place in a section, of which a relocation takes an offset from the begin of another section, how far the
  /// other's bytes have moved.
  ///
  /// - Returns: whether the place has a field that the type of relocation changes.
  mutating func add(_ distance: Int, at offset: Int, _ type: UInt32, isCode: Bool) -> Bool {
    let room = bytes.count - offset
    if isCode {
      guard room >= ELF.instructionSize else { return false }
      // A call counts instructions, all others bytes.
      let isCall = bytes[offset] == LinkedSections.Content.call
      let field: UInt32 = bytes.load(at: offset + 4)
      bytes.store(
        field &+ UInt32(truncatingIfNeeded: isCall ? distance / ELF.instructionSize : distance), at: offset + 4)
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
  /// The integer at an offset, in this machine's byte order.
  func load<Value: FixedWidthInteger>(_: Value.Type = Value.self, at offset: Int) -> Value {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  /// A section of relocations without those of definitions that are not used. libbpf looks for the map, or the struct_ops
  /// variable, that a relocation is in, and opens no object where there is none. O(relocations x log definitions).
  func withoutRelocations(of unused: [Range<UInt64>]) -> [UInt8] {
    if unused.isEmpty { return self }
    let ranges = unused.sorted { $0.lowerBound < $1.lowerBound }
    let kept = stride(from: 0, to: count, by: ELF.relocationSize).filter { at in
      let offset: UInt64 = load(at: at)
      var (low, high) = (0, ranges.count)
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].lowerBound <= offset { low = middle + 1 } else { high = middle }
      }
      return low == 0 || !ranges[low - 1].contains(offset)
    }
    return kept.flatMap { self[$0..<$0 + ELF.relocationSize] }
  }

  mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
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
  func typesInSharedSections(_ placements: [LinkedSections.Placement?]) -> Set<UInt32> {
    guard let btf else { return [] }
    let shared = Set(zip(elf.sections, placements).filter { $0.1?.isDuplicate ?? false }.map(\.0.name))
    guard !shared.isEmpty else { return [] }
    var types: Set<UInt32> = []
    for section in btf.ids(of: .dataSection) where shared.contains(btf.name(section)) {
      for index in 0..<btf.vlen(section) { types.insert(btf.sectionVariable(section, index).variable) }
    }
    for tag in btf.ids(of: .declarationTag) where types.contains(btf.target(tag)) { types.insert(tag) }
    return types
  }
}

extension BTF {
  /// The C declaration of a variable or a function, for messages.
  func declarationText(_ id: UInt32) -> String {
    var writer = DeclarationWriter(self)
    let declaration = try? writer.declaration(of: target(id), keepModifiers: true, variable: name(id))
    return declaration?.named(name(id)) ?? name(id)
  }
}
