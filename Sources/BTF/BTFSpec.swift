package import Bytes

/// A BTF type table, checked and in the host's byte order: every id is valid, every name is inside the strings, and no
/// type contains itself.
///
/// Source: the kernel's Documentation/bpf/btf.rst.
package struct BTFSpec: Sendable {
  /// The type section as 32-bit words: each type is {name, info, size or type}, followed by the words of its kind.
  package let words: [UInt32]
  /// The index of each type's first word. Entry 0 is `void`, which has no words.
  package let starts: [UInt32]
  /// The kind of each type. It is also in the words, but walks mostly need the kind, and these bytes stay in the cache.
  package let kinds: [BTFKind]
  package let strings: [UInt8]
  package let byteOrder: ByteOrder

  /// Combines parts that were checked individually and against each other.
  package init(words: [UInt32], starts: [UInt32], kinds: [BTFKind], strings: [UInt8], byteOrder: ByteOrder) {
    self.words = words
    self.starts = starts
    self.kinds = kinds
    self.strings = strings
    self.byteOrder = byteOrder
  }

  package struct Member: Hashable {
    package let nameOffset: StringOffset
    package let type: TypeID
    package let offsetBits: UInt32
    /// 0 if the member is not a bit-field.
    package let bitfieldBits: UInt8
  }

  package struct SectionVariable: Hashable {
    package let variable: TypeID
    package let offset: UInt32
    package let size: UInt32

    package init(variable: TypeID, offset: UInt32, size: UInt32) {
      self.variable = variable
      self.offset = offset
      self.size = size
    }
  }

  package struct Parameter: Hashable {
    package let nameOffset: StringOffset
    package let type: TypeID
  }

  package struct Enumerator: Hashable {
    package let nameOffset: StringOffset
    package let value: Int64
  }

  /// The number of types including `void`: valid ids are smaller.
  package var count: Int { starts.count }
  /// All types except `void`.
  package var ids: Range<TypeID> { TypeID(1)..<TypeID(index: max(1, count)) }
  package func contains(_ id: TypeID) -> Bool { id.index < count }
  func contains(_ name: StringOffset) -> Bool { name.index < strings.count }

  package func kind(_ id: TypeID) -> BTFKind { kinds[id.index] }

  package func name(_ id: TypeID) -> String { id.isVoid ? "void" : string(at: nameOffset(id)) }
  package func hasName(_ id: TypeID) -> Bool { !id.isVoid && hasText(at: nameOffset(id)) }
  /// The name of any type except `void`.
  package func nameOffset(_ id: TypeID) -> StringOffset { StringOffset(word(id, 0)) }

  /// The maximum number of members, enumerators, parameters or variables.
  package static let maximumParts = 0xffff

  /// The number of members, enumerators, parameters or variables.
  package func vlen(_ id: TypeID) -> Int { Int(word(id, 1)) & BTFSpec.maximumParts }
  /// The number of members, enumerators, parameters or variables; 0 for kinds that have none, whatever their `vlen`.
  func partCount(_ id: TypeID) -> Int { BTFShape.of(kind(id)).part.count > 0 ? vlen(id) : 0 }
  package func kindFlag(_ id: TypeID) -> Bool { word(id, 1) >> 31 == 1 }
  /// The type that a pointer, modifier, typedef, variable or function refers to.
  package func target(_ id: TypeID) -> TypeID { TypeID(word(id, 2)) }
  /// The size in the type's record: of integers, composites, enumerations and sections.
  package func statedSize(_ id: TypeID) -> UInt32 { word(id, 2) }

  package func element(_ array: TypeID) -> TypeID { TypeID(word(array, 3)) }
  func indexType(_ array: TypeID) -> TypeID { TypeID(word(array, 4)) }
  package func elementCount(_ array: TypeID) -> UInt32 { word(array, 5) }

  package func member(_ id: TypeID, _ index: Int) -> Member {
    let at = Int(starts[id.index]) + 3 + 3 * index
    let flagged = kindFlag(id)
    let offset = words[at + 2]
    return Member(
      nameOffset: StringOffset(words[at]), type: TypeID(words[at + 1]),
      offsetBits: flagged ? offset & 0xff_ffff : offset,
      bitfieldBits: flagged ? UInt8(offset >> 24) : 0)
  }

  package func parameter(_ prototype: TypeID, _ index: Int) -> Parameter {
    Parameter(
      nameOffset: StringOffset(word(prototype, 3 + 2 * index)), type: TypeID(word(prototype, 4 + 2 * index)))
  }

  package func enumerator(_ id: TypeID, _ index: Int) -> Enumerator {
    if kind(id) == .enumeration64 {
      let bits = UInt64(word(id, 4 + 3 * index)) | UInt64(word(id, 5 + 3 * index)) << 32
      return Enumerator(nameOffset: StringOffset(word(id, 3 + 3 * index)), value: Int64(bitPattern: bits))
    }
    let bits = word(id, 4 + 2 * index)
    return Enumerator(
      nameOffset: StringOffset(word(id, 3 + 2 * index)),
      value: kindFlag(id) ? Int64(Int32(bitPattern: bits)) : Int64(bits))
  }

  /// The linkage of a variable or a function; `nil` for other types, and for an undefined number.
  package func linkage(of id: TypeID) -> Linkage? { linkageNumber(of: id).flatMap(Linkage.init) }

  /// The number of the linkage, valid or not; `nil` for types without a linkage.
  func linkageNumber(of id: TypeID) -> UInt32? {
    switch kind(id) {
    case .variable: word(id, 3)
    case .function: UInt32(vlen(id))
    case .void, .int, .pointer, .array, .structure, .union, .enumeration, .forward, .typedef, .volatile, .const,
      .restrict, .functionPrototype, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
      nil
    }
  }

  /// The index of the member or parameter that a declaration tag applies to; -1 for the whole type.
  func component(_ tag: TypeID) -> Int32 { Int32(bitPattern: word(tag, 3)) }

  package func sectionVariable(_ section: TypeID, _ index: Int) -> SectionVariable {
    SectionVariable(
      variable: TypeID(word(section, 3 + 3 * index)), offset: word(section, 4 + 3 * index),
      size: word(section, 5 + 3 * index))
  }

  package func integerEncoding(_ id: TypeID) -> UInt32 { word(id, 3) }

  /// Whether the name at an offset is not empty.
  func hasText(at offset: StringOffset) -> Bool { strings[offset.index] != 0 }

  package func string(at offset: StringOffset) -> String {
    let start = offset.index
    let end = strings[start...].firstIndex(of: 0)!
    return String(decoding: strings[start..<end], as: UTF8.self)
  }

  func word(_ id: TypeID, _ index: Int) -> UInt32 { words[Int(starts[id.index]) + index] }

  /// The ids of all types of one kind, ascending.
  package func ids(of kind: BTFKind) -> [TypeID] { ids.filter { self.kind($0) == kind } }

  package func skippingModifiers(_ id: TypeID) -> TypeID {
    var id = id
    while kind(id).isModifier { id = target(id) }
    return id
  }

  package func skippingModifiersAndTypedefs(_ id: TypeID) -> TypeID {
    var id = id
    while kind(id).isTransparent { id = target(id) }
    return id
  }

  /// A pointer's size in a BPF program.
  package static let pointerSize: UInt32 = 8

  /// The size of a value of the type; `nil` for a type without a size (`void`, a function, a forward).
  package func sizeBytes(_ id: TypeID, pointerSize: UInt32 = BTFSpec.pointerSize) -> UInt32? {
    var id = id
    var factor: UInt64 = 1
    while true {
      let size: UInt32
      switch kind(id) {
      case .int, .structure, .union, .enumeration, .enumeration64, .float, .dataSection: size = statedSize(id)
      case .pointer: size = pointerSize
      case .array:
        let (product, overflow) = factor.multipliedReportingOverflow(by: UInt64(elementCount(id)))
        guard !overflow else { return nil }
        factor = product
        id = element(id)
        continue
      case .const, .volatile, .restrict, .typeTag, .typedef, .variable:
        id = target(id)
        continue
      case .void, .forward, .function, .functionPrototype, .declarationTag: return nil
      }
      let (total, overflow) = factor.multipliedReportingOverflow(by: UInt64(size))
      return overflow ? nil : UInt32(exactly: total)
    }
  }

  /// Whether a type is a variable or a function that other objects can refer to.
  package func isGlobal(_ id: TypeID) -> Bool { linkage(of: id).map { $0 != .static } ?? false }

  package func byteName(_ id: TypeID) -> ByteName { byteString(at: nameOffset(id)) }

  package func byteString(at offset: StringOffset) -> ByteName {
    let start = offset.index
    return ByteName(strings[start..<strings[start...].firstIndex(of: 0)!])
  }
}
