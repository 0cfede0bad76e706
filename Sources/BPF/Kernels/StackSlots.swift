internal import Bytes

/// What a function's stack contains, as far as it is known.
struct StackSlots: Hashable {
  private struct Slot: Hashable {
    let bytes: Int
    let value: AbstractValue
    /// Whether the verifier keeps it as a register, and not as bytes.
    var isSpilled = false
    /// Whether these are bytes that only the running program knows.
    var isRuntime = false
  }

  /// By offset from the end of the stack. They do not overlap.
  private var slots: [Int: Slot] = [:]

  /// A number that differs for most stacks that differ.
  var digest: UInt64 {
    slots.reduce(0) { $0 &+ AbstractValue.mix(UInt64(bitPattern: Int64($1.key)), $1.value.value.digest) }
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// The verifier knows the stack in words.
  private static let word = 8

  /// Replaces each value.
  mutating func map(_ change: (AbstractValue) -> AbstractValue) {
    for (start, slot) in slots {
      let value = change(slot.value)
      if value != slot.value {
        slots[start] = Slot(bytes: slot.bytes, value: value, isSpilled: slot.isSpilled, isRuntime: slot.isRuntime)
      }
    }
  }

  /// What is true for both.
  mutating func join(_ other: StackSlots) {
    // Where they are divided differently, anything is possible.
    slots = slots.filter { other.slots[$0.key]?.bytes == $0.value.bytes }
    for (start, slot) in slots {
      let their = other.slots[start]!
      guard slot != their else { continue }
      slots[start] = Slot(
        bytes: slot.bytes, value: slot.value.joined(their.value), isSpilled: slot.isSpilled && their.isSpilled,
        isRuntime: slot.isRuntime && their.isRuntime)
    }
  }

  mutating func forgetAll() { slots = [:] }

  /// Forgets bytes that were overwritten with anything; without an end, all from an offset on.
  mutating func forget(from start: Int, to end: Int = .max) {
    for (offset, slot) in slots where offset < end && start < offset + slot.bytes {
      slots[offset] = nil
      keepBytes(of: slot, at: offset) { $0 < start || $0 >= end }
    }
  }

  /// What is left of a slot whose other bytes are overwritten. Verifiers forget numbers then.
  private mutating func keepBytes(of slot: Slot, at start: Int, where isKept: (Int) -> Bool) {
    if !slot.isRuntime, slot.value.concrete == nil { return }
    for (index, byte) in StackSlots.bytes(slot.value.concrete ?? 0, slot.bytes).enumerated()
    where isKept(start + index) {
      slots[start + index] = Slot(
        bytes: 1, value: slot.isRuntime ? .unknown : .computed(UInt64(byte)), isRuntime: slot.isRuntime)
    }
  }

  private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * min($0, 7))) }
    return ByteOrder.host == .little ? bytes : bytes.reversed()
  }

  /// Bytes that a function of the kernel wrote.
  mutating func scramble(from start: Int, bytes: Int) {
    forget(from: start, to: start + bytes)
    weaken(around: start, bytes)
    slots[start] = Slot(bytes: bytes, value: .unknown, isRuntime: true)
  }

  /// Stores a value.
  ///
  /// - Parameters:
  ///   - isImmediate: whether the instruction contains it.
  ///   - id: of a number that is cut.
  mutating func write(
    _ value: AbstractValue, at start: Int, bytes: Int, isImmediate: Bool, id: Int, _ traits: VerifierTraits
  ) {
    forget(from: start, to: start + bytes)
    let isWhole = bytes == StackSlots.word
    if !isWhole || start % StackSlots.word != 0 { weaken(around: start, bytes) }
    let isAligned = start % StackSlots.word == 0
    let kept: AbstractValue
    if let number = value.concrete {
      let cut = isWhole ? number : number & (1 << UInt64(8 * bytes) - 1)
      let isKnown =
        value.constant != nil
        && (isWhole && isAligned && !isImmediate || traits.followsNarrowSlots && (isAligned || cut == 0))
      if isKnown, !traits.decidesAllComparisons {
        slots[start] = Slot(bytes: bytes, value: .unknown, isRuntime: true)
        return
      }
      kept = isWhole && isAligned && isKnown ? value : isKnown ? .constant(cut) : .computed(cut)
    } else if isWhole {
      kept = isAligned ? value : value.mayBeStack ? .any : .unknown
    } else {
      switch value {
      case .loaded: kept = value
      case .runtime(let number) where number.mask < 1 << UInt64(8 * bytes): kept = value
      case .runtime(let number) where number.isAny(bits: 64) || number.isAny(bits: 32):
        kept = .runtime(RuntimeNumber(id: id, bytes: bytes))
      default: kept = .unknown
      }
    }
    slots[start] = Slot(bytes: bytes, value: kept, isSpilled: isAligned)
  }

  /// A verifier that keeps a word as a register forgets it when another part of the word is written.
  private mutating func weaken(around start: Int, _ bytes: Int) {
    let (first, end) = (start & ~(StackSlots.word - 1), (start + bytes + StackSlots.word - 1) & ~(StackSlots.word - 1))
    for (offset, slot) in slots where offset >= first && offset < end {
      guard let number = slot.value.constant else { continue }
      slots[offset] = Slot(bytes: slot.bytes, value: .computed(number))
    }
  }

  /// Loads a value.
  ///
  /// - Parameter id: of the result, if only the running program knows it.
  func read(at start: Int, bytes: Int, id: Int, _ traits: VerifierTraits) -> AbstractValue {
    if let slot = slots[start], slot.bytes == bytes {
      return slot.isRuntime ? .runtime(RuntimeNumber(id: id, bytes: bytes)) : slot.value
    }
    let parts = slots.filter { $0.key < start + bytes && start < $0.key + $0.value.bytes }
    if parts.count == 1, let (offset, slot) = parts.first, offset <= start, start + bytes <= offset + slot.bytes {
      if slot.isRuntime { return .runtime(RuntimeNumber(id: id, bytes: bytes)) }
      if traits.followsNarrowSlots, let number = slot.value.constant {
        if slot.isSpilled ? offset == start && ByteOrder.host == .little : number == 0 {
          return .constant(number & (1 << UInt64(8 * bytes) - 1))
        }
      }
    }
    guard parts.values.reduce(0, { $0 + $1.bytes }) >= bytes else { return .any }
    if parts.values.allSatisfy(\.isRuntime) { return .runtime(RuntimeNumber(id: id, bytes: bytes)) }
    var known: [Int: UInt8] = [:]
    for (offset, slot) in parts {
      guard let number = slot.value.concrete, !slot.isRuntime else {
        return parts.values.contains { $0.value.mayBeStack } ? .any : .unknown
      }
      for (index, byte) in StackSlots.bytes(number, slot.bytes).enumerated() { known[offset + index] = byte }
    }
    var number: UInt64 = 0
    for index in 0..<bytes {
      guard let byte = known[start + index] else { return .any }
      number |= UInt64(byte) << UInt64(8 * (ByteOrder.host == .little ? index : bytes - 1 - index))
    }
    return .computed(number)
  }
}
