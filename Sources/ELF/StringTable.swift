package import Bytes
internal import CXXHash

/// An ELF string table: names, each stored once, in the order in which they were first requested.
///
/// Its index contains offsets into the table and no names, which would keep the bytes of inputs in memory.
package struct StringTable {
  package private(set) var bytes: [UInt8] = [0]
  /// By hash, with linear probing. Their number is a power of two.
  private var slots = [Slot](repeating: Slot(), count: 256)
  private var count = 0

  private struct Slot {
    /// The offset of the name; 0 for a free slot.
    var offset: UInt32 = 0
    var hash: UInt32 = 0
  }

  package init() {}

  /// The offset of a name, which is added if it is missing. O(length).
  package mutating func offset(of name: ByteName) -> Int {
    if name.isEmpty { return 0 }
    let hash = StringTable.hash(name)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot].offset != 0 {
      if slots[slot].hash == hash, holds(name, at: Int(slots[slot].offset)) { return Int(slots[slot].offset) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let offset = bytes.count
    slots[slot] = Slot(offset: UInt32(offset), hash: hash)
    bytes += name.bytes
    bytes.append(0)
    count += 1
    if 2 * count > slots.count { grow() }
    return offset
  }

  /// Removes and returns all names.
  package mutating func takeBytes() -> [UInt8] {
    let bytes = self.bytes
    self = StringTable()
    return bytes
  }

  /// Random per process, so that input cannot be crafted to collide.
  private static let seed = UInt64.random(in: .min ... .max)

  /// XXH3 takes a quarter of the time of Swift's own hash.
  private static func hash(_ name: ByteName) -> UInt32 {
    unsafe name.bytes.withUnsafeBytes {
      unsafe UInt32(truncatingIfNeeded: XXH3_64bits_withSeed($0.baseAddress, $0.count, seed))
    }
  }

  private func holds(_ name: ByteName, at offset: Int) -> Bool {
    let end = offset + name.bytes.count
    return end < bytes.count && bytes[end] == 0 && bytes[offset..<end] == name.bytes
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    for full in old where full.offset != 0 {
      var slot = Int(full.hash) & (slots.count - 1)
      while slots[slot].offset != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = full
    }
  }
}
