package import Bytes
internal import ELF

extension BTFSpec {
  /// No compiler nests types this deeply; deeper types are refused before anything walks them.
  static let maximumNesting: UInt16 = 256

  /// Reads and checks a `.BTF` section. O(bytes), including those of the base.
  ///
  /// - Parameter base: the BTF that a split BTF continues, as a kernel module's continues the kernel's. Its first type
  ///   has the id after the base's last, and its strings begin at the end of the base's. The result contains the types
  ///   of both.
  package init(section bytes: [UInt8], order: ByteOrder, base: BTFSpec? = nil) throws(BTFError) {
    let reader = ByteReader(bytes: bytes, order: order)
    func header(_ field: String, _ value: some BinaryInteger) -> BTFError {
      .damaged(.header(section: ".BTF", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    guard bytes.count >= BTFHeader.size else { throw header("length", bytes.count) }
    let magic = reader.load(BTFHeader.magic)!
    guard magic == BTFHeader.magicNumber, base == nil || base!.byteOrder == order else { throw header("magic", magic) }
    let version = reader.load(BTFHeader.version)!
    guard version == BTFHeader.currentVersion else { throw header("version", version) }
    let headerLength = Int(reader.load(BTFHeader.headerLength)!)
    guard headerLength >= BTFHeader.size, headerLength <= bytes.count, headerLength % 4 == 0 else {
      throw header("hdr_len", headerLength)
    }
    let typeOffset = Int(reader.load(BTFHeader.typeOffset)!)
    let typeLength = Int(reader.load(BTFHeader.typeLength)!)
    let stringOffset = Int(reader.load(BTFHeader.stringOffset)!)
    let stringLength = Int(reader.load(BTFHeader.stringLength)!)
    let available = bytes.count - headerLength
    guard typeOffset % 4 == 0, typeOffset <= available else { throw header("type_off", typeOffset) }
    guard typeLength % 4 == 0, typeLength <= available - typeOffset else { throw header("type_len", typeLength) }
    guard stringOffset <= available, stringOffset >= typeOffset + typeLength else {
      throw header("str_off", stringOffset)
    }
    // gcc writes only a header if there is nothing to describe.
    if stringLength == 0, typeLength == 0, base == nil { throw .missing(.nothingToDescribe) }
    guard stringLength > 0 || base != nil, stringLength <= available - stringOffset else {
      throw header("str_len", stringLength)
    }
    // A base begins with the empty name; a BTF that continues it need not.
    strings = (base?.strings ?? []) + bytes[headerLength + stringOffset..<headerLength + stringOffset + stringLength]
    if strings.first != 0, base == nil { throw .damaged(.split) }
    guard strings.last == 0 else { throw .damaged(.stringsNotTerminated) }

    byteOrder = order
    let own = reader.words(headerLength + typeOffset..<headerLength + typeOffset + typeLength)
    words = (base?.words ?? []) + own
    (starts, kinds) = try BTFSpec.findTypes(words, extending: base)
    let first = base?.count ?? 1
    try checkTypes(from: first)
    try checkNameLengths(from: first)
    try checkNesting()
    try checkMembers(from: first)
  }

  /// Whether a file of BTF continues another: its strings do not begin with the empty one.
  ///
  /// - Parameter read: reads a part of the file; `nil` where it has no such bytes.
  package static func isSplit(_ read: (Range<Int>) -> [UInt8]?) -> Bool {
    guard let header = read(0..<BTFHeader.size) else { return false }
    for order in [ByteOrder.little, .big] {
      let reader = ByteReader(bytes: header, order: order)
      guard reader.load(BTFHeader.magic) == BTFHeader.magicNumber, let length = reader.load(BTFHeader.headerLength),
        let offset = reader.load(BTFHeader.stringOffset)
      else { continue }
      let first = Int(length) + Int(offset)
      return read(first..<first + 1).map { $0 != [0] } ?? false
    }
    return false
  }

  /// The index of each type's first word, and the type's kind.
  private static func findTypes(
    _ words: [UInt32], extending base: BTFSpec?
  ) throws(BTFError) -> (starts: [UInt32], kinds: [BTFKind]) {
    var starts = base?.starts ?? [0]
    var kinds = base?.kinds ?? [.void]
    let first = base?.words.count ?? 0
    // A kernel's types have six words on average; a type has at least three.
    starts.reserveCapacity(starts.count + (words.count - first) / 5)
    kinds.reserveCapacity(kinds.count + (words.count - first) / 5)
    let shapes = BTFShape.ofKind
    var at = first
    while at < words.count {
      let id = TypeID(index: starts.count)
      guard at + 3 <= words.count else { throw .damaged(.truncatedType(id: id, offsetBytes: 4 * (at - first))) }
      let info = words[at + 1]
      let shape = shapes[Int(info >> 24 & 31)]
      guard shape.kind != .void else { throw .newer(kind: UInt8(info >> 24 & 31), typeID: id) }
      let length = 3 + shape.moreWords(Int(info & 0xffff))
      guard length <= words.count - at else {
        throw .damaged(.truncatedType(id: id, offsetBytes: 4 * (at - first)))
      }
      starts.append(UInt32(at))
      kinds.append(shape.kind)
      at += length
    }
    return (starts, kinds)
  }
}
