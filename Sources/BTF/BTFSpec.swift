package import Bytes

/// A BTF type table, checked and in the host's byte order: every id in it names a type, every name lies in the strings,
/// and no type contains itself.
///
/// Types are addressed by BTF's own ids: 0 is `void`, the first type is 1. Source: the kernel's Documentation/bpf/btf.rst.
package struct BTFSpec: Sendable {
  /// The type section as 32-bit words: each type is {name, info, size or type} and what its kind adds.
  package let words: [UInt32]
  /// For each id the index of its first word. Entry 0 stands for `void`, which has no words.
  package let starts: [UInt32]
  /// Each id's kind, also in the words: a walk of types asks for little else, and these bytes stay in the cache.
  package let kinds: [BTFKind]
  package let strings: [UInt8]
  package let byteOrder: ByteOrder

  /// Of parts that were checked, each by itself, and fit together.
  package init(words: [UInt32], starts: [UInt32], kinds: [BTFKind], strings: [UInt8], byteOrder: ByteOrder) {
    self.words = words
    self.starts = starts
    self.kinds = kinds
    self.strings = strings
    self.byteOrder = byteOrder
  }

  package struct Member: Hashable {
    package let nameOffset: UInt32
    package let type: UInt32
    package let offsetBits: UInt32
    /// 0 when the member is no bit-field.
    package let bitfieldBits: UInt8
  }

  package struct SectionVariable: Hashable {
    package let variable: UInt32
    package let offset: UInt32
    package let size: UInt32

    package init(variable: UInt32, offset: UInt32, size: UInt32) {
      self.variable = variable
      self.offset = offset
      self.size = size
    }
  }

  /// The number of types with `void`: valid ids lie below it.
  package var count: Int { starts.count }

  package func kind(_ id: UInt32) -> BTFKind { kinds[Int(id)] }

  package func name(_ id: UInt32) -> String { id == 0 ? "void" : string(at: word(id, 0)) }
  package func hasName(_ id: UInt32) -> Bool { id != 0 && strings[Int(word(id, 0))] != 0 }

  /// The most members, enumerators, parameters or variables that a type can list.
  package static let maximumParts = 0xffff

  /// The number of members, enumerators, parameters or variables.
  package func vlen(_ id: UInt32) -> Int { Int(word(id, 1)) & BTFSpec.maximumParts }
  package func kindFlag(_ id: UInt32) -> Bool { word(id, 1) >> 31 == 1 }
  /// The type that a pointer, modifier, typedef, variable or function leads to.
  package func target(_ id: UInt32) -> UInt32 { word(id, 2) }
  /// The size that the type itself states: of integers, composites, enumerations and sections.
  package func statedSize(_ id: UInt32) -> UInt32 { word(id, 2) }

  package func element(_ array: UInt32) -> UInt32 { word(array, 3) }
  func indexType(_ array: UInt32) -> UInt32 { word(array, 4) }
  package func elementCount(_ array: UInt32) -> UInt32 { word(array, 5) }

  package func member(_ id: UInt32, _ index: Int) -> Member {
    let at = Int(starts[Int(id)]) + 3 + 3 * index
    let flagged = kindFlag(id)
    let offset = words[at + 2]
    return Member(
      nameOffset: words[at], type: words[at + 1], offsetBits: flagged ? offset & 0xff_ffff : offset,
      bitfieldBits: flagged ? UInt8(offset >> 24) : 0)
  }

  package func parameter(_ id: UInt32, _ index: Int) -> UInt32 { word(id, 4 + 2 * index) }

  package func enumerator(_ id: UInt32, _ index: Int) -> (name: String, value: Int64) {
    if kind(id) == .enumeration64 {
      let bits = UInt64(word(id, 4 + 3 * index)) | UInt64(word(id, 5 + 3 * index)) << 32
      return (string(at: word(id, 3 + 3 * index)), Int64(bitPattern: bits))
    }
    let bits = word(id, 4 + 2 * index)
    return (string(at: word(id, 3 + 2 * index)), kindFlag(id) ? Int64(Int32(bitPattern: bits)) : Int64(bits))
  }

  /// The linkage of a variable or function. Source: `enum btf_var_linkage` and `btf_func_linkage`.
  package enum Linkage: UInt32 {
    case `static` = 0
    case global, extern
  }

  /// Of a variable or a function; `nil` for other types, and for a number that is none.
  package func linkage(of id: UInt32) -> Linkage? {
    switch kind(id) {
    case .variable: Linkage(rawValue: word(id, 3))
    case .function: Linkage(rawValue: UInt32(vlen(id)))
    default: nil
    }
  }

  package func sectionVariable(_ section: UInt32, _ index: Int) -> SectionVariable {
    SectionVariable(
      variable: word(section, 3 + 3 * index), offset: word(section, 4 + 3 * index),
      size: word(section, 5 + 3 * index))
  }

  func integerEncoding(_ id: UInt32) -> UInt32 { word(id, 3) }

  package func string(at offset: UInt32) -> String {
    let start = Int(offset)
    let end = strings[start...].firstIndex(of: 0)!
    return String(decoding: strings[start..<end], as: UTF8.self)
  }

  package func word(_ id: UInt32, _ index: Int) -> UInt32 { words[Int(starts[Int(id)]) + index] }

  /// The ids of the types of one kind, ascending.
  package func ids(of kind: BTFKind) -> [UInt32] { (1..<UInt32(count)).filter { self.kind($0) == kind } }

  package func skippingModifiers(_ id: UInt32) -> UInt32 {
    var id = id
    while kind(id).isModifier { id = target(id) }
    return id
  }

  package func skippingModifiersAndTypedefs(_ id: UInt32) -> UInt32 {
    var id = id
    while kind(id).isModifier || kind(id) == .typedef { id = target(id) }
    return id
  }

  /// A pointer's size in a BPF program.
  static let pointerSize: UInt32 = 8

  /// The bytes that a value of the type takes; `nil` for a type that has no size (`void`, a function, a forward).
  package func sizeBytes(_ id: UInt32) -> UInt32? {
    var id = id
    var factor: UInt64 = 1
    while true {
      let size: UInt32
      switch kind(id) {
      case .int, .structure, .union, .enumeration, .enumeration64, .float, .dataSection: size = statedSize(id)
      case .pointer: size = BTFSpec.pointerSize
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

  /// Whether a type is a variable or a function that other objects can name.
  package func isGlobal(_ id: UInt32) -> Bool { linkage(of: id).map { $0 != .static } ?? false }

  package func byteName(_ id: UInt32) -> ByteName { byteString(at: word(id, 0)) }

  package func byteString(at offset: UInt32) -> ByteName {
    let start = Int(offset)
    return ByteName(strings[start..<strings[start...].firstIndex(of: 0)!])
  }
}
