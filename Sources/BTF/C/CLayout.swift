/// The alignments that C compilers give a value, on all machines that a header is for.
///
/// i386 aligns eight bytes to four inside a struct, and s390x aligns sixteen bytes to eight.
package struct CAlignment: Hashable {
  /// The smallest and the largest on any machine, in bytes, powers of two.
  package var least: UInt32
  package var most: UInt32
  /// Whether BTF determines it. It does not for a type that the user declares: attributes leave no trace in BTF.
  var isKnown = true

  static let byte = CAlignment(least: 1, most: 1)

  /// The alignment of a scalar with a given size.
  static func scalar(bytes: UInt32) -> CAlignment {
    bytes < 8
      ? CAlignment(least: max(1, bytes), most: max(1, bytes))
      : CAlignment(least: bytes / 2, most: bytes)
  }

  /// Whether a compiler by itself puts a value at `target` if the previous one ends at `end`, in bits.
  package func places(at target: UInt64, after end: UInt64) -> Bool {
    if end == target { return target % (8 * UInt64(most)) == 0 }
    return isKnown && end.rounded(upTo: 8 * UInt64(least)) == target && end.rounded(upTo: 8 * UInt64(most)) == target
  }

  mutating func raise(to other: CAlignment) {
    self = CAlignment(
      least: max(least, other.least), most: max(most, other.most), isKnown: isKnown && other.isKnown)
  }
}

/// The attributes and the padding with which every compiler gives a struct or a union the layout in the BTF.
///
/// A model of gcc and clang on Linux: a member goes to the next multiple of its alignment; a bit-field of type T
/// continues in the same unit unless it would span more of T's alignment units than a T does; `packed` makes all
/// alignments one byte, and one bit for bit-fields. Bits are numbered in the order of allocation, as in BTF on machines
/// of either byte order. Sources: the System V psABIs, gcc's stor-layout.cc, clang's RecordLayoutBuilder.cpp.
struct CLayout: Hashable {
  /// A member as described by BTF.
  struct Field: Hashable {
    var offsetBits: UInt64
    var sizeBits: UInt64
    /// The size of a bit-field's type in bits; `nil` for a member that is not a bit-field.
    var bitfieldUnit: UInt64?
    var alignment: CAlignment
    /// Whether an `aligned` attribute applies to the member: without a name it would apply to its type.
    var hasName = true
  }

  /// Unnamed bit-fields: up to the next byte, then naturally aligned units. A sequence, because a gap may be too large
  /// to list.
  struct Padding: Hashable, Sequence, IteratorProtocol {
    /// In bits.
    var start: UInt64
    let end: UInt64
    let largestUnit: UInt64

    /// The size of the largest unit of these bit-fields.
    var usedUnit: UInt64 {
      [32, 16].first { $0 <= largestUnit && start.rounded(upTo: $0) + $0 <= end } ?? 8
    }

    /// The next bit-field: its width, and the size of its type.
    mutating func next() -> (bits: UInt64, unit: UInt64)? {
      guard start < end else { return nil }
      let unit: UInt64 = [32, 16, 8].first { $0 <= largestUnit && start % $0 == 0 && end - start >= $0 } ?? 8
      let bits = Swift.min(unit - start % unit, end - start)
      start += bits
      return (bits, unit)
    }
  }

  enum Piece: Hashable {
    /// The member with this index, with its own alignment if needed.
    case field(Int, aligned: UInt32?)
    case padding(Padding)
    /// Bytes that pad a union to its size.
    case bytes(UInt64)
  }

  private(set) var pieces: [Piece] = []
  private(set) var isPacked: Bool
  /// The `aligned` attribute of the type, in bytes.
  private(set) var aligned: UInt32?
  private(set) var alignment = CAlignment.byte

  private let isUnion: Bool
  private let sizeBits: UInt64
  /// The alignment that is guaranteed for all values of the type.
  private let allowed: UInt32
  private var endBits: UInt64 = 0

  /// - Parameters:
  ///   - fields: in ascending order of offset.
  ///   - allowed: the largest alignment that the type may have where it is used, in bytes, a power of two.
  /// - Returns: `nil` if no C text has this layout: members overlap, or a byte array begins within a byte.
  static func of(_ fields: [Field], sizeBytes: UInt32, isUnion: Bool, allowed: UInt32) -> CLayout? {
    for isPacked in [false, true] {
      var layout = CLayout(isPacked: isPacked, isUnion: isUnion, sizeBits: 8 * UInt64(sizeBytes), allowed: allowed)
      if layout.add(fields) { return layout }
    }
    return nil
  }

  private init(isPacked: Bool, isUnion: Bool, sizeBits: UInt64, allowed: UInt32) {
    (self.isPacked, self.isUnion, self.sizeBits, self.allowed) = (isPacked, isUnion, sizeBits, allowed)
  }

  private mutating func add(_ fields: [Field]) -> Bool {
    for (index, field) in fields.enumerated() where !add(field, index) { return false }
    guard addTail() else { return false }
    return alignment.most <= allowed
  }

  private mutating func add(_ field: Field, _ index: Int) -> Bool {
    guard field.bitfieldUnit != nil || field.offsetBits % 8 == 0 else { return false }
    let natural = isPacked ? CAlignment.byte : field.alignment
    if isUnion {
      guard field.offsetBits == 0 else { return false }
      pieces.append(.field(index, aligned: nil))
      endBits = max(endBits, field.sizeBits)
      alignment.raise(to: natural)
      return true
    }
    guard field.offsetBits >= endBits else { return false }
    var ownAlignment: UInt32?
    if !places(field, natural) {
      let gap = field.offsetBits - endBits
      if field.bitfieldUnit == nil, field.hasName, gap > 64 { ownAlignment = alignment(reaching: field.offsetBits) }
      if let ownAlignment {
        alignment.raise(to: CAlignment(least: ownAlignment, most: ownAlignment))
      } else {
        addPadding(to: field.offsetBits)
      }
      guard ownAlignment != nil || places(field, natural) else { return false }
      guard field.offsetBits % (8 * UInt64(natural.most)) == 0 || field.bitfieldUnit != nil else { return false }
    }
    pieces.append(.field(index, aligned: ownAlignment))
    alignment.raise(to: natural)
    endBits = field.offsetBits + field.sizeBits
    return true
  }

  /// Whether the compiler by itself puts a member at its BTF offset.
  private func places(_ field: Field, _ alignment: CAlignment) -> Bool {
    guard let unit = field.bitfieldUnit else { return alignment.places(at: field.offsetBits, after: endBits) }
    if isPacked { return field.offsetBits == endBits }
    return [alignment.least, alignment.most].allSatisfy { bytes in
      let align = 8 * UInt64(bytes)
      let spanned = (endBits % align + field.sizeBits + align - 1) / align
      return field.offsetBits == (spanned > unit / align ? endBits.rounded(upTo: align) : endBits)
    }
  }

  /// The smallest alignment attribute that moves the next member to an offset, if the type may have it.
  private func alignment(reaching target: UInt64) -> UInt32? {
    var bytes: UInt32 = 1
    while bytes <= allowed {
      let bits = 8 * UInt64(bytes)
      if endBits.rounded(upTo: bits) == target { return sizeBits % bits == 0 ? bytes : nil }
      bytes *= 2
    }
    return nil
  }

  private mutating func addPadding(to target: UInt64) {
    guard endBits < target else { return }
    // Where unnamed bit-fields matter (ARM), they give the struct their type's alignment.
    let largest: UInt64 = isPacked ? 32 : min(32, 8 * UInt64(allowed), sizeBits.lowestBit)
    let padding = Padding(start: endBits, end: target, largestUnit: largest)
    pieces.append(.padding(padding))
    if !isPacked { alignment.most = max(alignment.most, UInt32(padding.usedUnit / 8)) }
    endBits = target
  }

  /// Whether the type can be made to end at its BTF size, by its alignment or with padding.
  private mutating func addTail() -> Bool {
    guard endBits <= sizeBits else { return false }
    if isRound(with: alignment) { return true }
    if let bytes = alignment(reaching: sizeBits) {
      var raised = alignment
      raised.raise(to: CAlignment(least: bytes, most: bytes))
      if isRound(with: raised) {
        (aligned, alignment) = (bytes, raised)
        return true
      }
    }
    if isUnion {
      pieces.append(.bytes(sizeBits / 8))
      endBits = sizeBits
    } else {
      addPadding(to: sizeBits)
    }
    return isRound(with: alignment)
  }

  private func isRound(with alignment: CAlignment) -> Bool {
    endBits.rounded(upTo: 8 * UInt64(alignment.least)) == sizeBits
      && endBits.rounded(upTo: 8 * UInt64(alignment.most)) == sizeBits
  }
}

extension UInt64 {
  /// - Parameter unit: a power of two.
  fileprivate func rounded(upTo unit: UInt64) -> UInt64 { (self + unit - 1) & ~(unit - 1) }

  /// The largest power of two that divides it; a large one for zero.
  var lowestBit: UInt64 { self == 0 ? 1 << 62 : self & (~self + 1) }
}
