extension BTF {
  /// The magic number that every BTF section begins with.
  static let magic: UInt16 = 0xeb9f
  static let headerSize = 24
  /// No compiler nests types this deep; what does is refused before anything walks it.
  static let maximumNesting: UInt16 = 256

  /// Reads and checks a `.BTF` section. O(bytes), those of the base included.
  ///
  /// - Parameter base: what a split BTF continues, as a kernel module's continues the kernel's: its first type has the id
  ///   that follows the base's last, its strings begin where the base's end. The result holds the types of both.
  init(section bytes: [UInt8], order: ByteOrder, base: BTF? = nil) throws(ObjectError) {
    let reader = ByteReader(bytes: bytes, order: order)
    func header(_ field: String, _ value: some BinaryInteger) -> ObjectError {
      .damagedBTF(.header(section: ".BTF", field: field, value: UInt64(truncatingIfNeeded: value)))
    }
    guard bytes.count >= BTF.headerSize else { throw header("length", bytes.count) }
    let magic = reader.load(UInt16.self, at: 0)!
    guard magic == BTF.magic, base == nil || base!.byteOrder == order else { throw header("magic", magic) }
    guard bytes[2] == 1 else { throw header("version", bytes[2]) }
    let headerLength = Int(reader.load(UInt32.self, at: 4)!)
    guard headerLength >= BTF.headerSize, headerLength <= bytes.count, headerLength % 4 == 0 else {
      throw header("hdr_len", headerLength)
    }
    let typeOffset = Int(reader.load(UInt32.self, at: 8)!)
    let typeLength = Int(reader.load(UInt32.self, at: 12)!)
    let stringOffset = Int(reader.load(UInt32.self, at: 16)!)
    let stringLength = Int(reader.load(UInt32.self, at: 20)!)
    let room = bytes.count - headerLength
    guard typeOffset % 4 == 0, typeOffset <= room else { throw header("type_off", typeOffset) }
    guard typeLength % 4 == 0, typeLength <= room - typeOffset else { throw header("type_len", typeLength) }
    guard stringOffset <= room, stringOffset >= typeOffset + typeLength else { throw header("str_off", stringOffset) }
    guard stringLength > 0 || base != nil, stringLength <= room - stringOffset else {
      throw header("str_len", stringLength)
    }
    // A base begins with the empty name: what continues it need not.
    strings = (base?.strings ?? []) + bytes[headerLength + stringOffset..<headerLength + stringOffset + stringLength]
    guard strings.first == 0, strings.last == 0 else { throw .damagedBTF(.stringsNotTerminated) }

    byteOrder = order
    let own = BTF.loadWords(bytes[headerLength + typeOffset..<headerLength + typeOffset + typeLength], order)
    words = (base?.words ?? []) + own
    starts = try BTF.findTypes(words, behind: base)
    let first = UInt32(base?.count ?? 1)
    for id in first..<UInt32(max(count, 1)) { try check(id) }
    try checkNesting()
    for id in first..<UInt32(max(count, 1)) where kind(id).isComposite { try checkMembers(id) }
  }

  private static func loadWords(_ bytes: ArraySlice<UInt8>, _ order: ByteOrder) -> [UInt32] {
    bytes.withUnsafeBytes { buffer in
      [UInt32](unsafeUninitializedCapacity: buffer.count / 4) { words, count in
        count = buffer.count / 4
        for index in 0..<count {
          let word = buffer.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          words.initializeElement(
            at: index, to: order == .little ? UInt32(littleEndian: word) : UInt32(bigEndian: word))
        }
      }
    }
  }

  /// The index of each type's first word.
  private static func findTypes(_ words: [UInt32], behind base: BTF?) throws(ObjectError) -> [UInt32] {
    var starts = base?.starts ?? [0]
    starts.reserveCapacity(words.count / 4 + 1)
    let first = base?.words.count ?? 0
    var at = first
    while at < words.count {
      let id = UInt32(starts.count)
      guard at + 3 <= words.count else { throw .damagedBTF(.truncatedType(id: id, offsetBytes: 4 * (at - first))) }
      let info = words[at + 1]
      let rawKind = UInt8(info >> 24 & 31)
      guard let kind = BTFKind(rawValue: rawKind), kind != .void else { throw .newerBTF(kind: rawKind, typeID: id) }
      let length = 3 + kind.extraWords(vlen: Int(info & 0xffff))
      guard length <= words.count - at else {
        throw .damagedBTF(.truncatedType(id: id, offsetBytes: 4 * (at - first)))
      }
      starts.append(UInt32(at))
      at += length
    }
    return starts
  }

  private func check(_ id: UInt32) throws(ObjectError) {
    let kind = kind(id)
    guard word(id, 0) < strings.count else { throw .damagedBTF(.nameOffset(id: id, offset: word(id, 0))) }
    if kind.needsName && !hasName(id) { throw .damagedBTF(.missingName(id: id, kind: kind)) }
    switch kind {
    case .int:
      let bits = UInt8(truncatingIfNeeded: integerEncoding(id))
      guard [1, 2, 4, 8, 16].contains(statedSize(id)), bits > 0, UInt32(bits) <= 8 * statedSize(id) else {
        throw .damagedBTF(.integer(id: id, bits: bits, sizeBytes: statedSize(id)))
      }
    case .enumeration, .enumeration64:
      // An enum that was only declared has no size.
      guard [1, 2, 4, 8].contains(statedSize(id)) || (vlen(id) == 0 && statedSize(id) == 0) else {
        throw .damagedBTF(.enumSize(id: id, sizeBytes: statedSize(id)))
      }
      let stride = kind == .enumeration ? 2 : 3
      for index in 0..<vlen(id) { try checkString(word(id, 3 + stride * index), of: id) }
    case .structure, .union:
      for index in 0..<vlen(id) {
        let member = member(id, index)
        try checkString(member.nameOffset, of: id)
        try checkReference(id, member.type) { $0.canLieInMemory }
      }
    case .array:
      try checkReference(id, element(id)) { $0.canLieInMemory }
      try checkReference(id, indexType(id)) { $0.canLieInMemory }
    case .pointer, .typedef, .const, .volatile, .restrict, .typeTag:
      try checkReference(id, target(id)) { $0.canLieInMemory || $0 == .void || $0 == .functionPrototype }
    case .variable:
      // `extern const void symbol __ksym` declares a variable of no type.
      try checkReference(id, target(id)) { $0.canLieInMemory || $0 == .void }
      guard linkage(id) <= 2 else { throw .damagedBTF(.typeReference(id: id, to: linkage(id))) }
    case .function:
      try checkReference(id, target(id)) { $0 == .functionPrototype }
    case .functionPrototype:
      try checkReference(id, target(id)) { $0.canLieInMemory || $0 == .void }
      for index in 0..<vlen(id) {
        try checkString(word(id, 3 + 2 * index), of: id)
        try checkReference(id, parameter(id, index)) { $0.canLieInMemory || $0 == .void }
      }
    case .dataSection:
      // A section of externs lists functions as well (.ksyms).
      for index in 0..<vlen(id) {
        try checkReference(id, sectionVariable(id, index).variable) { $0 == .variable || $0 == .function }
      }
    case .declarationTag:
      try checkReference(id, target(id)) { $0 != .void }
    case .void, .forward, .float:
      break
    }
  }

  private func checkString(_ offset: UInt32, of id: UInt32) throws(ObjectError) {
    guard offset < strings.count else { throw .damagedBTF(.nameOffset(id: id, offset: offset)) }
  }

  private func checkReference(_ id: UInt32, _ to: UInt32, _ fits: (BTFKind) -> Bool) throws(ObjectError) {
    guard to < count else { throw .damagedBTF(.typeReference(id: id, to: to)) }
    guard fits(kind(to)) else { throw .damagedBTF(.wrongTarget(id: id, kind: kind(id), target: kind(to))) }
  }

  private func checkMembers(_ id: UInt32) throws(ObjectError) {
    let sizeBits = 8 * UInt64(statedSize(id))
    for index in 0..<vlen(id) {
      let member = member(id, index)
      let bits = member.bitfieldBits > 0 ? UInt64(member.bitfieldBits) : 8 * UInt64(sizeBytes(member.type) ?? 0)
      guard UInt64(member.offsetBits) + bits <= sizeBits else {
        throw .damagedBTF(.memberOutside(id: id, member: index))
      }
    }
  }
}

extension BTFKind {
  /// The words that follow a type's first three.
  fileprivate func extraWords(vlen: Int) -> Int {
    switch self {
    case .int, .variable, .declarationTag: 1
    case .array: 3
    case .structure, .union, .dataSection, .enumeration64: 3 * vlen
    case .enumeration, .functionPrototype: 2 * vlen
    default: 0
    }
  }

  fileprivate var needsName: Bool {
    switch self {
    case .int, .float, .forward, .typedef, .function, .variable, .dataSection, .declarationTag, .typeTag: true
    default: false
    }
  }

  /// Whether a member, an array's element or a pointer's target may be of this kind.
  fileprivate var canLieInMemory: Bool {
    switch self {
    case .void, .function, .functionPrototype, .variable, .dataSection, .declarationTag: false
    default: true
    }
  }
}
