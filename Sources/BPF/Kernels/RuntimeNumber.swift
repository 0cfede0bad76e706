/// A number that is known only when the program runs: the verifier follows both branches of a test of it.
///
/// It describes which values the verifier considers possible at least, so that a branch is certain to be followed if one
/// of them takes it.
struct RuntimeNumber: Hashable {
  /// The copies of one result have one id.
  let id: Int
  /// The number that it differs from by a constant.
  let family: Int
  /// The bits that may be set.
  var mask: UInt64
  var low: UInt64
  var high: UInt64
  /// Values that it was found to differ from.
  var excluded: [UInt64] = []
  /// It is sign-extended from this many bits.
  var signedBits = 64
  /// Whether it may be a pointer to packet data, which is compared with other such pointers; and then the constant that
  /// was added to its family.
  var packet: Int?

  init(id: Int, family: Int? = nil, mask: UInt64 = .max) {
    self.id = id
    self.family = family ?? id
    self.mask = mask
    (low, high) = (0, mask)
  }

  /// What a load of some bytes gives.
  init(id: Int, bytes: Int) { self.init(id: id, mask: bytes >= 8 ? .max : 1 << (8 * UInt64(bytes)) - 1) }

  /// Whether nothing but the mask limits it.
  var isFree: Bool { low == 0 && high == mask && excluded.isEmpty && signedBits == 64 && packet == nil }
  /// Whether all numbers of so many bits are possible.
  func isAny(bits: Int) -> Bool { isFree && mask == UInt64.max >> UInt64(64 - bits) }

  private func contains(_ value: UInt64) -> Bool {
    let limit = Int64.max >> Int64(64 - signedBits)
    return value & ~mask == 0 && low <= value && value <= high && !excluded.contains(value)
      && (-limit - 1...limit).contains(Int64(bitPattern: value))
  }

  /// Whether the verifier follows a branch for certain: the first if the comparison may be true, the second if it may be
  /// false.
  func outcomes(_ operation: UInt8, _ other: UInt64, is32: Bool) -> (isTrue: Bool, isFalse: Bool) {
    var candidates = [
      low, high, other, other &- 1, other &+ 1, 0, mask, other & mask, ~other & mask, mask & (~mask &+ 1),
    ]
    candidates += [1 << 63, UInt64.max, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, UInt64(bitPattern: -0x8000_0000)]
    for step in 1...9 { candidates.append(low &+ UInt64(step)) }
    var found = (isTrue: false, isFalse: false)
    for value in candidates where contains(value) {
      if Instruction.isTrue(operation, value, other, is32: is32) { found.isTrue = true } else { found.isFalse = true }
    }
    return found
  }

  /// What is known after a comparison with a constant; `nil` if that cannot be expressed.
  func refined(_ operation: UInt8, _ other: UInt64, isTrue: Bool, is32: Bool) -> AbstractValue? {
    typealias Jump = Instruction.Jump
    guard !is32 || mask <= 0xffff_ffff else { return nil }
    var result = self
    let signBit: UInt64 = is32 ? 1 << 31 : 1 << 63
    func limit(_ low: UInt64, _ high: UInt64) -> AbstractValue? {
      result.low = max(result.low, low)
      result.high = min(result.high, high)
      return result.low <= result.high ? .runtime(result) : nil
    }
    func below(_ isBelow: Bool, _ bound: UInt64) -> AbstractValue? {
      if isBelow { return bound == 0 ? nil : limit(0, bound - 1) }
      return limit(bound, .max)
    }
    switch operation {
    case Jump.equal, Jump.notEqual:
      if isTrue == (operation == Jump.equal) { return .computed(other) }
      guard result.excluded.count < 8 else { return nil }
      result.excluded.append(other)
      return .runtime(result)
    case Jump.less: return below(isTrue, other)
    case Jump.greaterOrEqual: return below(!isTrue, other)
    case Jump.greater: return other == .max ? (isTrue ? nil : .runtime(result)) : below(!isTrue, other + 1)
    case Jump.lessOrEqual: return other == .max ? (isTrue ? .runtime(result) : nil) : below(isTrue, other + 1)
    case Jump.anyBit:
      guard !isTrue, low == 0 else { return nil }
      result.mask &= ~other
      return limit(0, result.mask)
    case Jump.lessSigned where other & signBit == 0 && mask & signBit == 0: return below(isTrue, other)
    case Jump.greaterOrEqualSigned where other & signBit == 0 && mask & signBit == 0: return below(!isTrue, other)
    case Jump.greaterSigned where other & signBit == 0 && mask & signBit == 0: return below(!isTrue, other + 1)
    case Jump.lessOrEqualSigned where other & signBit == 0 && mask & signBit == 0: return below(isTrue, other + 1)
    case Jump.lessSigned where other == 0: return below(!isTrue, signBit)
    case Jump.greaterOrEqualSigned where other == 0: return below(isTrue, signBit)
    case Jump.greaterSigned where other == 2 * (signBit - 1) + 1: return below(isTrue, signBit)
    case Jump.lessOrEqualSigned where other == 2 * (signBit - 1) + 1: return below(!isTrue, signBit)
    default: return nil
    }
  }

  /// The result of an operation with a constant; `nil` if which values are possible cannot be expressed.
  func computed(_ instruction: Instruction, _ other: UInt64, id: Int, isReversed: Bool) -> RuntimeNumber? {
    typealias Operation = Instruction.Arithmetic
    let is64 = instruction.kind == .arithmetic64
    let bits: UInt64 = is64 ? 64 : 32
    let all = UInt64.max >> (64 - bits)
    guard mask <= all || isFree else { return nil }
    let isShift = [Operation.shiftLeft, Operation.shiftRight, Operation.shiftRightSigned].contains(
      instruction.operation)
    guard !isShift || (other < bits && !isReversed) else { return nil }
    switch instruction.operation {
    case Operation.and where isFree: return RuntimeNumber(id: id, mask: mask & other & all)
    case Operation.shiftRight where isFree: return RuntimeNumber(id: id, mask: (mask & all) >> other)
    case Operation.shiftLeft where isFree: return RuntimeNumber(id: id, mask: mask << other & all)
    case Operation.shiftRightSigned where isFree && is64:
      guard mask >> 63 == 1 else { return RuntimeNumber(id: id, mask: mask >> other) }
      guard other > 0, mask >> other == .max >> other else { return nil }
      var result = RuntimeNumber(id: id)
      result.signedBits = 64 - Int(other)
      return result
    case Operation.exclusiveOr where isAny(bits: Int(bits)): return RuntimeNumber(id: id, mask: mask)
    case Operation.add, Operation.subtract:
      if isAny(bits: Int(bits)) || !is64 && isAny(bits: 64) { return RuntimeNumber(id: id, family: family, mask: all) }
      let isAdded = instruction.operation == Operation.add
      guard is64, isAdded || !isReversed else { return nil }
      if let packet, let change = Int(exactly: Int64(bitPattern: other)), abs(change) < 1 << 29 {
        var result = RuntimeNumber(id: id, family: family)
        result.packet = packet + (isAdded ? change : -change)
        return result
      }
      guard mask == UInt64.max >> UInt64(mask.leadingZeroBitCount), excluded.isEmpty, signedBits == 64 else {
        return nil
      }
      let change = isAdded ? other : 0 &- other
      let (first, firstOver) = low.addingReportingOverflow(change)
      let (last, lastOver) = high.addingReportingOverflow(change)
      guard firstOver == lastOver, first <= last else { return nil }
      var result = RuntimeNumber(id: id, family: family)
      (result.low, result.high) = (first, last)
      return result
    default: return nil
    }
  }
}
