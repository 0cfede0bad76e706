internal import Bytes

extension BTFSpec {
  /// Refuses types with invalid names, references or sizes. O(words after the first).
  ///
  /// A kernel has 130,000 types, so the loops work on words and kinds and create no values for them.
  func checkTypes(from first: Int) throws(BTFError) {
    let (words, starts, kinds, strings) = (words.span, starts.span, kinds.span, strings.span)
    let table = BTFShape.ofKind
    let shapes = table.span
    for id in first..<max(first, count) {
      let kind = kinds[id]
      let shape = shapes[Int(kind.rawValue)]
      let start = Int(starts[id])
      let name = words[start]
      guard name < strings.count else {
        throw .damaged(.nameOffset(id: TypeID(index: id), offset: StringOffset(name)))
      }
      if shape.needsName, strings[Int(name)] == 0 { throw .damaged(.missingName(id: TypeID(index: id), kind: kind)) }
      let vlen = Int(words[start + 1] & 0xffff)
      if shape.hasNumbers || vlen > shape.largestVlen { try checkNumbers(TypeID(index: id)) }

      var at = start + shape.firstReference
      for _ in 0..<shape.references(vlen) {
        let to = words[at]
        guard to < kinds.count else {
          throw badReference(TypeID(index: id), .typeReference(id: TypeID(index: id), to: TypeID(to)))
        }
        guard shape.targets.contains(kinds[Int(to)]) else {
          throw badReference(TypeID(index: id), .wrongTarget(id: TypeID(index: id), kind: kind, target: kinds[Int(to)]))
        }
        at += shape.stride
      }
      guard shape.hasNames else { continue }
      at = start + shape.start(ofPart: 0)
      for _ in 0..<vlen {
        guard words[at] < strings.count else {
          throw .damaged(.nameOffset(id: TypeID(index: id), offset: StringOffset(words[at])))
        }
        at += shape.stride
      }
    }
  }

  /// The error for a reference to a missing type: damage, unless clang writes such references.
  private func badReference(_ id: TypeID, _ fault: BTFFault) -> BTFError {
    if areAllFunctions { return .noTypes }
    // clang 21 splits cold code off into a separate function, and gives it a random number as its type.
    if kind(id) == .function, let suffix = name(id).firstRange(of: ".cold.") {
      return .splitFunction(String(name(id)[..<suffix.lowerBound]))
    }
    return .damaged(fault)
  }

  /// Whether it has only functions, which is what clang writes without types.
  private var areAllFunctions: Bool { kinds.dropFirst().allSatisfy { $0 == .function } }

  /// The bytes of types and strings.
  var ownBytes: Int { 4 * words.count + strings.count }

  /// Refuses names whose total length is much larger than the section. O(strings) except for malicious input.
  func checkNameLengths(from first: Int) throws(BTFError) {
    // A name is referred to by at least two words: an enumerator's.
    var lengths = NameLengths(strings[...], entryBytes: 8, fileBytes: ownBytes)
    guard !lengths.areBounded else { return }
    for id in TypeID(index: first)..<TypeID(index: max(first, count)) {
      let names = BTFShape.of(kind(id)).partNames(vlen(id))
      guard lengths.add(word(id, 0)), names.allSatisfy({ lengths.add(word(id, $0)) }) else {
        throw .damaged(.nameBytes(id: id))
      }
    }
  }

  /// Checks the numbers of kinds for which `BTFShape` requires it.
  private func checkNumbers(_ id: TypeID) throws(BTFError) {
    let size = statedSize(id)
    let isPowerOfTwo = size & (size &- 1) == 0 && size > 0
    switch kind(id) {
    case .int:
      let bits = UInt8(truncatingIfNeeded: integerEncoding(id))
      guard isPowerOfTwo, size <= 16, bits > 0, UInt32(bits) <= 8 * size else {
        throw .damaged(.integer(id: id, bits: bits, sizeBytes: size))
      }
    case .enumeration, .enumeration64:
      // An enum that was only declared has no size.
      guard isPowerOfTwo && size <= 8 || (vlen(id) == 0 && size == 0) else {
        throw .damaged(.enumSize(id: id, sizeBytes: size))
      }
    case .variable, .function:
      if linkage(of: id) == nil, let number = linkageNumber(of: id) {
        throw .damaged(.linkage(id: id, kind: kind(id), number: number))
      }
    case .void, .pointer, .array, .structure, .union, .forward, .typedef, .volatile, .const, .restrict,
      .functionPrototype, .dataSection, .float, .declarationTag, .typeTag:
      break
    }
  }

  /// Refuses members outside of their struct or union. Their types are valid at this point, and do not contain
  /// themselves.
  func checkMembers(from first: Int) throws(BTFError) {
    let (words, starts, kinds) = (words.span, starts.span, kinds.span)
    for id in first..<max(first, count) where kinds[id].isComposite {
      let start = Int(starts[id])
      let info = words[start + 1]
      let isFlagged = info >> 31 == 1
      let sizeBits = 8 * UInt64(words[start + 2])
      var at = start + 3
      for index in 0..<Int(info & 0xffff) {
        let offset = words[at + 2]
        let bitfield = isFlagged ? offset >> 24 : 0
        let type = Int(words[at + 1])
        var bits: UInt64
        switch kinds[type] {
        case .pointer: bits = 8 * UInt64(BTFSpec.pointerSize)
        case .int, .structure, .union: bits = 8 * UInt64(words[Int(starts[type]) + 2])
        case .void, .array, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function,
          .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
          bits = 8 * UInt64(try memberSize(TypeID(index: type), of: TypeID(index: id)))
        }
        if bitfield > 0 { bits = UInt64(bitfield) }
        guard UInt64(isFlagged ? offset & 0xff_ffff : offset) + bits <= sizeBits else {
          throw .damaged(.memberOutside(id: TypeID(index: id), member: index))
        }
        at += 3
      }
    }
  }

  /// The size of a member. A member without a size or an alignment is refused: libbpf's dump would divide by zero.
  private func memberSize(_ type: TypeID, of id: TypeID) throws(BTFError) -> UInt32 {
    var inner = skippingModifiersAndTypedefs(type)
    while kind(inner) == .array { inner = skippingModifiersAndTypedefs(element(inner)) }
    guard let innerSize = sizeBytes(inner), innerSize > 0 || !kind(inner).isEnumeration else {
      throw .damaged(.wrongTarget(id: id, kind: kind(id), target: kind(inner)))
    }
    guard let size = sizeBytes(type) else { throw .damaged(.sizeOverflow(id: type)) }
    return size
  }
}
