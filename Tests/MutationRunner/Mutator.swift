import SeededRandom

/// Damages an object's bytes, mostly where a reader looks: headers, BTF, symbols and relocations. Most of a real object
/// is DWARF, and damage there is never noticed.
struct Mutator {
  /// The sound object.
  let original: [UInt8]
  private let targets: [Range<Int>]

  init(_ bytes: [UInt8]) {
    original = bytes
    targets = Mutator.interestingRanges(bytes)
  }

  /// The bytes with one to four kinds of damage.
  func mutated(_ random: inout SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&bytes, &random) }
    return bytes
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard bytes.count >= 8 else { return }
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<3:
      bytes[position(bytes, 1, &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 3..<5:
      bytes[position(bytes, 1, &random)] = UInt8.random(in: 0...255, using: &random)
    case 5..<8:
      put(UInt64(word(&random)) & 0xffff, size: 2, at: position(bytes, 2, &random), in: &bytes)
    case 8..<13:
      put(UInt64(word(&random)), size: 4, at: position(bytes, 4, &random), in: &bytes)
    case 13:
      put(
        UInt64(word(&random)) << UInt64.random(in: 0...32, using: &random), size: 8, at: position(bytes, 8, &random),
        in: &bytes)
    case 14..<17:
      copyWord(&bytes, &random)
    case 17:
      swapRanges(&bytes, &random)
    case 18:
      fill(&bytes, &random)
    default:
      truncateAndPad(&bytes, &random)
    }
  }

  /// An offset for a field of `size` bytes, naturally aligned as those of the format are.
  private func position(_ bytes: [UInt8], _ size: Int, _ random: inout SeededRandom) -> Int {
    let anywhere = 0..<bytes.count
    var range =
      Int.random(in: 0..<10, using: &random) == 0 ? anywhere : targets.randomElement(using: &random) ?? anywhere
    if range.upperBound > bytes.count || range.count < size { range = anywhere }
    let offset = Int.random(in: 0...range.count - size, using: &random)
    return range.lowerBound + (Bool.random(using: &random) ? offset : offset / size * size)
  }

  /// Values at which comparisons and sums go wrong, small ones that are type ids or indexes, and BTF's kinds.
  private func word(_ random: inout SeededRandom) -> UInt32 {
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      [0, 1, 0xffff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff, 0x1_0000, 0xff_ffff, 0xffff_fffe].randomElement(
        using: &random)!
    case 1: 1 << UInt32.random(in: 0..<32, using: &random)
    case 2: UInt32(original.count) &+ UInt32.random(in: 0..<16, using: &random) &- 8
    case 3: UInt32.random(in: 0...UInt32.max, using: &random)
    case 4: UInt32.random(in: 0..<32, using: &random) << 24 | UInt32.random(in: 0..<4, using: &random)
    default: UInt32.random(in: 0..<96, using: &random)
    }
  }

  private func put(_ value: UInt64, size: Int, at offset: Int, in bytes: inout [UInt8]) {
    for index in 0..<size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// A field gets the value of another one: offsets, ids and sizes that are plausible and wrong.
  private func copyWord(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let (from, to) = (position(bytes, 4, &random), position(bytes, 4, &random))
    for index in 0..<4 { bytes[to + index] = bytes[from + index] }
  }

  private func swapRanges(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let size = min(1 << Int.random(in: 0..<8, using: &random), bytes.count / 2)
    let (left, right) = (position(bytes, size, &random), position(bytes, size, &random))
    for index in 0..<size { bytes.swapAt(left + index, right + index) }
  }

  private func fill(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let size = min(1 << Int.random(in: 0..<10, using: &random), bytes.count)
    let start = position(bytes, size, &random)
    let value: UInt8 = [0, 0xff, 0x41].randomElement(using: &random)!
    for index in start..<start + size { bytes[index] = value }
  }

  private func truncateAndPad(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let whole = bytes.count
    bytes.removeLast(Int.random(in: 0...whole / 2, using: &random))
    if Bool.random(using: &random) { bytes += [UInt8](repeating: 0, count: whole - bytes.count) }
  }

  /// The ELF header, the section table, and each section but DWARF, as far as the object is sound.
  private static func interestingRanges(_ bytes: [UInt8]) -> [Range<Int>] {
    func number(_ at: Int, _ size: Int) -> Int {
      bytes[at..<at + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.count >= 64 else { return [] }
    let table = number(40, 8)
    let count = number(60, 2)
    let namesIndex = number(62, 2)
    guard table > 0, namesIndex < count, table <= bytes.count - 64 * count else { return [] }
    let names = number(table + 64 * namesIndex + 24, 8)
    var ranges = [0..<64, table..<table + 64 * count]
    for index in 0..<count {
      let header = table + 64 * index
      let (type, offset, size) = (number(header + 4, 4), number(header + 24, 8), number(header + 32, 8))
      let nameOffset = number(header, 4)
      guard (0...bytes.count).contains(names), nameOffset <= bytes.count - names else { continue }
      let name = String(decoding: bytes[(names + nameOffset)...].prefix { $0 != 0 }, as: UTF8.self)
      guard type != 0, type != 8, size >= 8, offset >= 0, offset <= bytes.count - min(size, bytes.count),
        size <= bytes.count, !name.contains(".debug_")
      else { continue }
      ranges.append(offset..<offset + size)
      // Most of what can go wrong is in the BTF.
      if name == ".BTF" { ranges += [offset..<offset + 24] + Array(repeating: offset..<offset + size, count: 4) }
    }
    return ranges
  }
}
