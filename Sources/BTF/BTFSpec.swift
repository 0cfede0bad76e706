/// A BTF type table, checked and in the host's byte order: every id in it names a type, every name lies in the strings,
/// and no type contains itself.
///
/// Types are addressed by BTF's own ids: 0 is `void`, the first type is 1. Source: the kernel's Documentation/bpf/btf.rst.
public struct BTF: Sendable {
  /// The type section as 32-bit words: each type is {name, info, size or type} and what its kind adds.
  let words: [UInt32]
  /// For each id the index of its first word. Entry 0 stands for `void`, which has no words.
  let starts: [UInt32]
  /// Each id's kind, also in the words: a walk of types asks for little else, and these bytes stay in the cache.
  let kinds: [BTFKind]
  let strings: [UInt8]
  let byteOrder: ByteOrder

  struct Member: Hashable {
    let nameOffset: UInt32
    let type: UInt32
    let offsetBits: UInt32
    /// 0 when the member is no bit-field.
    let bitfieldBits: UInt8
  }

  struct SectionVariable: Hashable {
    let variable: UInt32
    let offset: UInt32
    let size: UInt32
  }

  /// The number of types with `void`: valid ids lie below it.
  var count: Int { starts.count }

  func kind(_ id: UInt32) -> BTFKind { kinds[Int(id)] }

  func name(_ id: UInt32) -> String { id == 0 ? "void" : string(at: word(id, 0)) }
  func hasName(_ id: UInt32) -> Bool { id != 0 && strings[Int(word(id, 0))] != 0 }

  /// The most members, enumerators, parameters or variables that a type can list.
  static let maximumParts = 0xffff

  /// The number of members, enumerators, parameters or variables.
  func vlen(_ id: UInt32) -> Int { Int(word(id, 1)) & BTF.maximumParts }
  func kindFlag(_ id: UInt32) -> Bool { word(id, 1) >> 31 == 1 }
  /// The type that a pointer, modifier, typedef, variable or function leads to.
  func target(_ id: UInt32) -> UInt32 { word(id, 2) }
  /// The size that the type itself states: of integers, composites, enumerations and sections.
  func statedSize(_ id: UInt32) -> UInt32 { word(id, 2) }

  func element(_ array: UInt32) -> UInt32 { word(array, 3) }
  func indexType(_ array: UInt32) -> UInt32 { word(array, 4) }
  func elementCount(_ array: UInt32) -> UInt32 { word(array, 5) }

  func member(_ id: UInt32, _ index: Int) -> Member {
    let at = Int(starts[Int(id)]) + 3 + 3 * index
    let flagged = kindFlag(id)
    let offset = words[at + 2]
    return Member(
      nameOffset: words[at], type: words[at + 1], offsetBits: flagged ? offset & 0xff_ffff : offset,
      bitfieldBits: flagged ? UInt8(offset >> 24) : 0)
  }

  func parameter(_ id: UInt32, _ index: Int) -> UInt32 { word(id, 4 + 2 * index) }

  func enumerator(_ id: UInt32, _ index: Int) -> (name: String, value: Int64) {
    if kind(id) == .enumeration64 {
      let bits = UInt64(word(id, 4 + 3 * index)) | UInt64(word(id, 5 + 3 * index)) << 32
      return (string(at: word(id, 3 + 3 * index)), Int64(bitPattern: bits))
    }
    let bits = word(id, 4 + 2 * index)
    return (string(at: word(id, 3 + 2 * index)), kindFlag(id) ? Int64(Int32(bitPattern: bits)) : Int64(bits))
  }

  /// The linkage of a variable or function. Source: `enum btf_var_linkage` and `btf_func_linkage`.
  enum Linkage: UInt32 {
    case `static` = 0
    case global, extern
  }

  /// Of a variable or a function; `nil` for other types, and for a number that is none.
  func linkage(of id: UInt32) -> Linkage? {
    switch kind(id) {
    case .variable: Linkage(rawValue: word(id, 3))
    case .function: Linkage(rawValue: UInt32(vlen(id)))
    default: nil
    }
  }

  func sectionVariable(_ section: UInt32, _ index: Int) -> SectionVariable {
    SectionVariable(
      variable: word(section, 3 + 3 * index), offset: word(section, 4 + 3 * index),
      size: word(section, 5 + 3 * index))
  }

  func integerEncoding(_ id: UInt32) -> UInt32 { word(id, 3) }

  func string(at offset: UInt32) -> String {
    let start = Int(offset)
    let end = strings[start...].firstIndex(of: 0)!
    return String(decoding: strings[start..<end], as: UTF8.self)
  }

  func word(_ id: UInt32, _ index: Int) -> UInt32 { words[Int(starts[Int(id)]) + index] }

  /// The ids of the types of one kind, ascending.
  func ids(of kind: BTFKind) -> [UInt32] { (1..<UInt32(count)).filter { self.kind($0) == kind } }

  func skippingModifiers(_ id: UInt32) -> UInt32 {
    var id = id
    while kind(id).isModifier { id = target(id) }
    return id
  }

  func skippingModifiersAndTypedefs(_ id: UInt32) -> UInt32 {
    var id = id
    while kind(id).isModifier || kind(id) == .typedef { id = target(id) }
    return id
  }

  /// A pointer's size in a BPF program.
  static let pointerSize: UInt32 = 8

  /// The bytes that a value of the type takes; `nil` for a type that has no size (`void`, a function, a forward).
  func sizeBytes(_ id: UInt32) -> UInt32? {
    var id = id
    var factor: UInt64 = 1
    while true {
      let size: UInt32
      switch kind(id) {
      case .int, .structure, .union, .enumeration, .enumeration64, .float, .dataSection: size = statedSize(id)
      case .pointer: size = BTF.pointerSize
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
}
