/// What is known about a register or a part of the stack at one point of a program.
///
/// Two things are kept apart: what the verifier certainly knows, by which code is dead, and what it certainly does not
/// know, by which code is certain to be reached. Between them are the values of which a verifier may know more.
enum AbstractValue: Hashable {
  /// Any value, including a pointer into a stack. The verifier may know more.
  case any
  /// Any value except a pointer into a stack. The verifier may know more.
  case unknown
  /// A number that nothing but the running program knows.
  case runtime(RuntimeNumber)
  /// A number that the verifier knows, or one from an interval that is chosen at load time.
  case number(UInt64, UInt64)
  /// The number that the running program has here; verifiers differ in whether they know it.
  case computed(UInt64)
  /// A pointer into the stack of a function, counted from the program, at an offset from its end if that is known.
  case stack(frame: Int, Int?)
  /// A pointer into the program's context, with its offset in bytes.
  case context(Int)
  /// What the context has at an index, in units of 64 bits; or that plus a constant.
  case argument(Int)
  /// The address of a variable that is constant once the object is loaded.
  case address(Int)
  /// The value of such a variable, or a value computed from it.
  case loaded(Int)
  /// A pointer to data that any program may change.
  case memory
  /// A pointer that may be NULL, or a number; with an id, as numbers have. And whether every verifier considers 0
  /// possible.
  case nullable(id: Int, isCertain: Bool, isMemory: Bool)
  /// A pointer or a number of the kernel's.
  case opaque
  /// The address of a weak symbol that the kernel does not have: 0.
  case absentSymbol(Int)
  /// The address of a function of the object.
  case function(Int)

  static func constant(_ value: UInt64) -> AbstractValue { .number(value, value) }

  /// The number that the verifier knows.
  var constant: UInt64? {
    switch self {
    case .number(let low, let high): low == high ? low : nil
    case .absentSymbol: 0
    case .any, .unknown, .runtime, .computed, .stack, .context, .argument, .address, .loaded, .memory, .nullable,
      .opaque,
      .function:
      nil
    }
  }

  /// The number that the running program has.
  var concrete: UInt64? { if case .computed(let value) = self { value } else { constant } }

  var mayBeStack: Bool {
    switch self {
    case .any, .stack: true
    case .unknown, .runtime, .number, .computed, .context, .argument, .address, .loaded, .memory, .nullable, .opaque,
      .absentSymbol, .function:
      false
    }
  }

  /// Whether it is a pointer that is not NULL.
  private var isPointer: Bool {
    switch self {
    case .stack, .context, .address, .memory, .function: true
    case .any, .unknown, .runtime, .number, .computed, .argument, .loaded, .nullable, .opaque, .absentSymbol: false
    }
  }

  /// What is true for both.
  func joined(_ other: AbstractValue) -> AbstractValue {
    if self == other { return self }
    if case .stack(let frame, _) = self, case .stack(frame, _) = other { return .stack(frame: frame, nil) }
    if mayBeStack || other.mayBeStack { return .any }
    if let value = concrete, other.concrete == value { return .computed(value) }
    return .unknown
  }
}

// MARK: Hashing

extension AbstractValue {
  /// A number that differs for most values that differ. States have many values, and are compared often.
  var digest: UInt64 {
    switch self {
    case .any: 1
    case .unknown: 2
    case .runtime(let number): AbstractValue.mix(UInt64(bitPattern: Int64(number.id)) &+ number.low, number.high) &+ 3
    case .number(let low, let high): AbstractValue.mix(low, high) &+ 4
    case .computed(let value): AbstractValue.mix(value, 5)
    case .stack(let frame, let offset): AbstractValue.mix(UInt64(frame), UInt64(bitPattern: Int64(offset ?? .max))) &+ 6
    case .context(let offset): AbstractValue.mix(UInt64(bitPattern: Int64(offset)), 7)
    case .argument(let slot): AbstractValue.mix(UInt64(bitPattern: Int64(slot)), 8)
    case .address(let constant): AbstractValue.mix(UInt64(constant), 9)
    case .loaded(let constant): AbstractValue.mix(UInt64(constant), 10)
    case .memory: 11
    case .nullable(let id, let isCertain, _): AbstractValue.mix(UInt64(bitPattern: Int64(id)), isCertain ? 12 : 13)
    case .opaque: 14
    case .absentSymbol(let symbol): AbstractValue.mix(UInt64(symbol), 15)
    case .function(let function): AbstractValue.mix(UInt64(function), 16)
    }
  }

  static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let mixed = (left ^ (right << 32 | right >> 32)) &* 0x9e37_79b9_7f4a_7c15
    return mixed ^ mixed >> 29
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

// MARK: Arithmetic

extension AbstractValue {
  /// The verifier refuses pointers with larger offsets.
  private static let largestDistance = 1 << 29
  /// Intervals up to this size are computed number by number.
  private static let largestInterval: UInt64 = 1 << 10

  /// The result of an operation.
  ///
  /// - Parameter id: of the result, if only the running program knows it.
  static func computed(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, id: Int, _ traits: VerifierTraits
  ) -> AbstractValue {
    typealias Operation = Instruction.Arithmetic
    let is64 = instruction.kind == .arithmetic64
    let unknown: AbstractValue = left.mayBeStack || right.mayBeStack ? .any : .unknown
    if instruction.operation == Operation.move, instruction.offset == 0 { return is64 ? right : right.low32(id: id) }
    // These have one operand.
    let isAlone = [Operation.move, Operation.negate, Operation.swap].contains(instruction.operation)
    let left = instruction.operation == Operation.move ? .constant(0) : left
    let right = isAlone && instruction.operation != Operation.move ? .constant(0) : right
    if let first = left.concrete, let second = right.concrete {
      guard let result = instruction.result(first, second) else { return unknown }
      guard left.constant != nil, right.constant != nil else { return .computed(result) }
      if instruction.operation == Operation.exclusiveOr, !traits.computesExclusiveOr {
        return .runtime(RuntimeNumber(id: id, mask: is64 ? .max : 0xffff_ffff))
      }
      return isFollowed(instruction, second) ? .constant(result) : .computed(result)
    }
    if is64, let distance = right.constant.map({ Int(Int64(bitPattern: $0)) }),
      (-largestDistance...largestDistance).contains(distance),
      instruction.operation == Operation.add || instruction.operation == Operation.subtract
    {
      let change = instruction.operation == Operation.add ? distance : -distance
      switch left {
      case .stack(let frame, let offset?): return .stack(frame: frame, offset + change)
      case .context(let offset): return .context(offset + change)
      case .argument, .address, .memory: return left
      case .any, .unknown, .runtime, .number, .computed, .stack, .loaded, .nullable, .opaque, .absentSymbol, .function:
        break
      }
    }
    if case .number(let low, let high) = left, let second = right.concrete, high - low <= largestInterval {
      let results = (low...high).compactMap { instruction.result($0, second) }
      guard results.count == Int(high - low) + 1, let least = results.min(), let most = results.max() else {
        return unknown
      }
      // A verifier that knows the number knows the result, unless it does not follow the operation.
      guard isFollowed(instruction, second) else { return .unknown }
      return .number(least, most)
    }
    switch (left, right) {
    case (.loaded(let name), _) where right.constant != nil: return .loaded(name)
    case (.loaded(let name), .loaded): return .loaded(name)
    case (.stack(let frame, _), _) where is64: return .stack(frame: frame, nil)
    case (_, .stack(let frame, _)) where is64: return left.mayBeStack ? .any : .stack(frame: frame, nil)
    case (.runtime(let number), _):
      if let second = right.concrete {
        let result = number.computed(instruction, second, id: id, isReversed: false)
        return result.map { $0.mask == 0 ? .computed(0) : .runtime($0) } ?? .unknown
      }
      guard case .runtime(let other) = right else { return unknown }
      return both(instruction, number, other, id: id)
    case (_, .runtime(let number)):
      guard let first = left.concrete,
        [Operation.add, Operation.and, Operation.exclusiveOr].contains(instruction.operation)
      else { return unknown }
      return number.computed(instruction, first, id: id, isReversed: true).map { .runtime($0) } ?? .unknown
    case (.memory, _) where is64 && instruction.operation == Operation.add: return .memory
    default: return unknown
    }
  }

  /// Arithmetic with two numbers of which one may be anything.
  private static func both(
    _ instruction: Instruction, _ left: RuntimeNumber, _ right: RuntimeNumber, id: Int
  ) -> AbstractValue {
    typealias Operation = Instruction.Arithmetic
    let is64 = instruction.kind == .arithmetic64
    guard left.family != right.family else { return .unknown }
    if left.packet != nil, is64, instruction.operation == Operation.add {
      var result = RuntimeNumber(id: id)
      result.packet = 0
      return .runtime(result)
    }
    let isMixed = [Operation.add, Operation.subtract, Operation.exclusiveOr].contains(instruction.operation)
    guard isMixed, left.isAny(bits: is64 ? 64 : 32) || right.isAny(bits: is64 ? 64 : 32) else { return .unknown }
    return .runtime(RuntimeNumber(id: id, mask: is64 ? .max : 0xffff_ffff))
  }

  /// Whether every verifier computes the operation for constants.
  private static func isFollowed(_ instruction: Instruction, _ right: UInt64) -> Bool {
    typealias Operation = Instruction.Arithmetic
    switch instruction.operation {
    case Operation.add, Operation.subtract, Operation.multiply, Operation.or, Operation.and, Operation.exclusiveOr:
      return true
    case Operation.shiftLeft, Operation.shiftRight, Operation.shiftRightSigned:
      return right < (instruction.kind == .arithmetic64 ? 64 : 32)
    default: return false
    }
  }

  /// The lower half, zero-extended.
  ///
  /// - Parameter id: of the result, if it is not a copy.
  func low32(id: Int) -> AbstractValue {
    switch self {
    case .number(let low, let high):
      if high <= 0xffff_ffff { return self }
      return low == high ? .constant(low & 0xffff_ffff) : .unknown
    case .computed(let value): return .computed(value & 0xffff_ffff)
    case .runtime(let number):
      if number.mask <= 0xffff_ffff { return self }
      guard number.isFree else { return .unknown }
      return .runtime(RuntimeNumber(id: id, mask: number.mask & 0xffff_ffff))
    case .loaded: return self
    case .absentSymbol: return .constant(0)
    case .any, .stack: return .any
    case .unknown, .context, .argument, .address, .memory, .nullable, .opaque, .function: return .unknown
    }
  }
}

// MARK: Comparisons

/// What the verifier does at a conditional jump.
struct JumpOutcome: Hashable {
  enum Side: Hashable {
    case never, possible, certain
  }

  var taken: Side
  var notTaken: Side
  /// The variable that decides, constant once the object is loaded.
  var variable: Int?

  static func decided(_ isTaken: Bool) -> JumpOutcome {
    JumpOutcome(taken: isTaken ? .certain : .never, notTaken: isTaken ? .never : .certain)
  }
  /// The running program takes one, and a verifier may follow the other, too.
  static func likely(_ isTaken: Bool) -> JumpOutcome {
    JumpOutcome(taken: isTaken ? .certain : .possible, notTaken: isTaken ? .possible : .certain)
  }
  static let both = JumpOutcome(taken: .certain, notTaken: .certain)
  /// One or both.
  static let unclear = JumpOutcome(taken: .possible, notTaken: .possible)
  static func dependent(on variable: Int) -> JumpOutcome {
    JumpOutcome(taken: .possible, notTaken: .possible, variable: variable)
  }
}

extension AbstractValue {
  /// The verifier's decision about a jump.
  ///
  /// - Parameter version: the variable whose value is a number from an interval.
  static func outcome(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, version: Int?, _ traits: VerifierTraits
  ) -> JumpOutcome {
    guard instruction.isComparison else { return .unclear }
    let is32 = instruction.kind == .jump32
    let (whole, left, right) = (left, is32 ? left.low32(id: -1) : left, is32 ? right.low32(id: -2) : right)
    for case .loaded(let name) in [left, right] {
      let other = left == .loaded(name) ? right : left
      if case .loaded = other { return .dependent(on: name) }
      return other.concrete != nil ? .dependent(on: name) : .unclear
    }
    if let a = left.interval, let b = right.interval {
      if !traits.decidesAllComparisons {
        let isEquality = [Instruction.Jump.equal, Instruction.Jump.notEqual].contains(instruction.operation)
        guard isEquality, !instruction.isWithRegister else { return .both }
      }
      if let isTrue = decided(instruction.operation, a, b, is32: is32) { return .decided(isTrue) }
      return version.map { .dependent(on: $0) } ?? .unclear
    }
    if let first = left.concrete, let second = right.concrete {
      return .likely(Instruction.isTrue(instruction.operation, first, second, is32: is32))
    }
    if case .runtime(let number) = left, let second = right.concrete {
      let found = number.outcomes(instruction.operation, second, is32: is32)
      return JumpOutcome(taken: found.isTrue ? .certain : .possible, notTaken: found.isFalse ? .certain : .possible)
    }
    if case .runtime(let number) = right, let first = left.concrete, let mirrored = instruction.mirroredOperation {
      let found = number.outcomes(mirrored, first, is32: is32)
      return JumpOutcome(taken: found.isTrue ? .certain : .possible, notTaken: found.isFalse ? .certain : .possible)
    }
    if case .runtime(let a) = left, case .runtime(let b) = right, a.family != b.family {
      if a.packet != nil, b.packet != nil { return .both }
      if !is32, a.isAny(bits: 64), b.isAny(bits: 64) { return .both }
      if a.mask == b.mask, a.isFree, b.isFree, a.isAny(bits: 64 - a.mask.leadingZeroBitCount), a.mask > 1 {
        return .both
      }
    }
    let isEqual = instruction.operation == Instruction.Jump.equal
    if isEqual || instruction.operation == Instruction.Jump.notEqual, right.concrete == 0, !is32 {
      if case .nullable(_, let isCertain, _) = whole {
        let null = isCertain ? JumpOutcome.Side.certain : .possible
        return JumpOutcome(taken: isEqual ? null : .certain, notTaken: isEqual ? .certain : null)
      }
      if whole.isPointer { return .likely(!isEqual) }
    }
    return .unclear
  }

  private var interval: ClosedRange<UInt64>? {
    if case .number(let low, let high) = self { return low...high }
    return constant.map { $0...$0 }
  }

  /// Whether a comparison is true for all numbers of two intervals, or false for all.
  private static func decided(
    _ operation: UInt8, _ a: ClosedRange<UInt64>, _ b: ClosedRange<UInt64>, is32: Bool
  ) -> Bool? {
    typealias Jump = Instruction.Jump
    if a.lowerBound == a.upperBound, b.lowerBound == b.upperBound {
      return Instruction.isTrue(operation, a.lowerBound, b.lowerBound, is32: is32)
    }
    func less(_ a: ClosedRange<UInt64>, _ b: ClosedRange<UInt64>) -> Bool? {
      if a.upperBound < b.lowerBound { return true }
      return a.lowerBound >= b.upperBound ? false : nil
    }
    func lessSigned(_ a: ClosedRange<UInt64>, _ b: ClosedRange<UInt64>) -> Bool? {
      let flip: UInt64 = is32 ? 1 << 31 : 1 << 63
      guard a.lowerBound & flip == a.upperBound & flip, b.lowerBound & flip == b.upperBound & flip else { return nil }
      return less((a.lowerBound ^ flip)...(a.upperBound ^ flip), (b.lowerBound ^ flip)...(b.upperBound ^ flip))
    }
    switch operation {
    case Jump.equal: return a.overlaps(b) ? nil : false
    case Jump.notEqual: return a.overlaps(b) ? nil : true
    case Jump.less: return less(a, b)
    case Jump.greaterOrEqual: return less(a, b).map { !$0 }
    case Jump.greater: return less(b, a)
    case Jump.lessOrEqual: return less(b, a).map { !$0 }
    case Jump.lessSigned: return lessSigned(a, b)
    case Jump.greaterOrEqualSigned: return lessSigned(a, b).map { !$0 }
    case Jump.greaterSigned: return lessSigned(b, a)
    case Jump.lessOrEqualSigned: return lessSigned(b, a).map { !$0 }
    default: return nil
    }
  }
}
