/// Writes BTF by hand: the shapes that no compiler makes.
///
/// Ids count from 1 in the order of the calls, as BTF's own do, so that a type can name one that comes later.
struct BTFBuilder {
  /// `BTF_KIND_*`. Source: include/uapi/linux/btf.h.
  enum Kind: UInt32 {
    case int = 1
    case pointer, array, structure, union, enumeration, forward, typedef, volatile, const, restrict, function
    case functionPrototype, variable, dataSection, float, declarationTag, typeTag, enumeration64
  }

  struct Member {
    var name: String
    var type: UInt32
    var offsetBits: UInt32 = 0
  }

  private(set) var strings: [UInt8] = [0]
  private(set) var words: [UInt32] = []
  private(set) var count: UInt32 = 0
  /// The id that the next type gets.
  var next: UInt32 { count + 1 }

  /// A string's offset; the empty one has 0.
  mutating func string(_ text: String) -> UInt32 { string(Array(text.utf8)) }

  mutating func string(_ bytes: [UInt8]) -> UInt32 {
    guard !bytes.isEmpty else { return 0 }
    defer { strings += bytes + [0] }
    return UInt32(strings.count)
  }

  /// Any type, with whatever words follow its first three.
  @discardableResult
  mutating func add(
    _ kind: Kind, name: UInt32 = 0, vlen: Int = 0, flag: Bool = false, _ third: UInt32 = 0, _ rest: [UInt32] = []
  ) -> UInt32 {
    words += [name, kind.rawValue << 24 | UInt32(vlen) | (flag ? 1 << 31 : 0), third] + rest
    count += 1
    return count
  }

  mutating func int(_ name: String = "int", bytes: UInt32 = 4) -> UInt32 {
    add(.int, name: string(name), bytes, [1 << 24 | 8 * bytes])
  }

  mutating func pointer(to type: UInt32) -> UInt32 { add(.pointer, type) }

  mutating func array(of type: UInt32, count: UInt32, index: UInt32) -> UInt32 { add(.array, 0, [type, index, count]) }

  mutating func composite(_ kind: Kind = .structure, _ name: String = "", bytes: UInt32, _ members: [Member]) -> UInt32
  {
    let rest = members.flatMap { [string($0.name), $0.type, $0.offsetBits] }
    return add(kind, name: string(name), vlen: members.count, bytes, rest)
  }

  mutating func typedef(_ name: String, _ type: UInt32) -> UInt32 { add(.typedef, name: string(name), type) }

  /// - Parameter linkage: 0 static, 1 global, 2 extern.
  mutating func variable(_ name: String, _ type: UInt32, linkage: UInt32 = 1) -> UInt32 {
    add(.variable, name: string(name), type, [linkage])
  }

  /// A global function without parameters that returns nothing.
  @discardableResult
  mutating func function(_ name: String) -> UInt32 {
    add(.function, name: string(name), vlen: 1, add(.functionPrototype))
  }

  @discardableResult
  mutating func section(_ name: String, bytes: UInt32, _ variables: [(id: UInt32, offset: UInt32, size: UInt32)])
    -> UInt32
  {
    add(
      .dataSection, name: string(name), vlen: variables.count, bytes, variables.flatMap { [$0.id, $0.offset, $0.size] })
  }

  /// The `.BTF` section, least significant byte first.
  var bytes: [UInt8] { BTFBuilder.bytes(words[...], strings[...]) }

  /// What continues another BTF, as a module's does the kernel's.
  ///
  /// - Parameter base: the builder that this one was a copy of, before more was added.
  func bytes(continuing base: BTFBuilder) -> [UInt8] {
    BTFBuilder.bytes(words[base.words.count...], strings[base.strings.count...])
  }

  private static func bytes(_ words: ArraySlice<UInt32>, _ strings: ArraySlice<UInt8>) -> [UInt8] {
    let length = UInt32(4 * words.count)
    return ([0x0001_eb9f, 24, 0, length, length, UInt32(strings.count)] + words).flatMap(littleEndian) + strings
  }
}

/// A number as the files of this machine's kind hold it.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
