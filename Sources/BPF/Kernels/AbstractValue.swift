/// What is known about a register or a stack slot at one point of a program, merged over all paths to it.
enum AbstractValue: Hashable {
  /// Any value, including a pointer into the function's own stack.
  case any
  /// Any value except a pointer into the function's own stack.
  case unknown
  /// A known number, or one from an interval that is chosen at load time.
  case number(UInt64, UInt64)
  /// A pointer into the function's own stack, at an offset from its end if that is known.
  case stack(Int?)
  /// A pointer into the program's context, with its offset in bytes.
  case context(Int)
  /// What the context has at an index, in units of 64 bits; or that plus a constant.
  case argument(Int)
  /// The address of a variable that is constant once the object is loaded.
  case address(Int)
  /// The value of such a variable, or a value computed from it.
  case loaded(Int)
  /// The address of a weak symbol that the kernel does not have: 0.
  case absentSymbol(Int)
  /// The address of a function of the object.
  case function

  static func constant(_ value: UInt64) -> AbstractValue { .number(value, value) }

  var constant: UInt64? {
    switch self {
    case .number(let low, let high): low == high ? low : nil
    case .absentSymbol: 0
    case .any, .unknown, .stack, .context, .argument, .address, .loaded, .function: nil
    }
  }

  var mayBeStack: Bool {
    switch self {
    case .any, .stack: true
    case .unknown, .number, .context, .argument, .address, .loaded, .absentSymbol, .function: false
    }
  }

  /// What is true for both.
  func joined(_ other: AbstractValue) -> AbstractValue {
    if self == other { return self }
    if case .stack = self, case .stack = other { return .stack(nil) }
    if mayBeStack || other.mayBeStack { return .any }
    return .unknown
  }

  /// The value as seen by the called function: the caller's stack is not its own.
  var passed: AbstractValue { mayBeStack ? .unknown : self }
}

// MARK: Arithmetic

extension AbstractValue {
  /// The verifier refuses pointers with larger offsets.
  private static let largestDistance = 1 << 29

  /// The result of an operation that the verifier also evaluates. It never knows more than any verifier does.
  static func computed(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, _ traits: VerifierTraits
  ) -> AbstractValue {
    typealias Operation = Instruction.Arithmetic
    let is64 = instruction.kind == .arithmetic64
    if instruction.operation == Operation.move {
      // With an offset it is a sign extension or an address space cast.
      guard instruction.offset == 0 else { return right.mayBeStack ? .any : .unknown }
      return is64 ? right : right.low32
    }
    if let left = left.constant, let right = right.constant {
      return number(instruction.operation, left, right, is64: is64, traits) ?? .unknown
    }
    if is64, let distance = right.constant.map({ Int(Int64(bitPattern: $0)) }),
      (-largestDistance...largestDistance).contains(distance)
    {
      let isAdded = instruction.operation == Operation.add
      if isAdded || instruction.operation == Operation.subtract {
        let change = isAdded ? distance : -distance
        switch left {
        case .stack(let offset?): return .stack(offset + change)
        case .context(let offset): return .context(offset + change)
        case .argument, .address: return left
        case .any, .unknown, .number, .stack, .loaded, .absentSymbol, .function: break
        }
      }
    }
    if case .number(let low, let high) = left, let count = right.constant, is64, count < 64 {
      // Both ends change in the same way: this is how code without 32-bit jumps clears the upper half.
      if instruction.operation == Operation.shiftRight { return .number(low >> count, high >> count) }
      if instruction.operation == Operation.shiftLeft, high <= UInt64.max >> count {
        return .number(low << count, high << count)
      }
    }
    switch (left, right) {
    case (.loaded(let name), _) where right.constant != nil: return .loaded(name)
    case (.loaded(let name), .loaded): return .loaded(name)
    case (.stack, _), (_, .stack): return is64 ? .stack(nil) : .any
    default: return left.mayBeStack || right.mayBeStack ? .any : .unknown
    }
  }

  private static func number(
    _ operation: UInt8, _ left: UInt64, _ right: UInt64, is64: Bool, _ traits: VerifierTraits
  ) -> AbstractValue? {
    typealias Operation = Instruction.Arithmetic
    let count = right & (is64 ? 63 : 31)
    let narrow = UInt32(truncatingIfNeeded: left)
    guard
      right == count || ![Operation.shiftLeft, Operation.shiftRight, Operation.shiftRightSigned].contains(operation)
    else { return nil }
    let result: UInt64
    switch operation {
    case Operation.add: result = left &+ right
    case Operation.subtract: result = left &- right
    case Operation.multiply: result = left &* right
    case Operation.or: result = left | right
    case Operation.and: result = left & right
    case Operation.shiftLeft: result = is64 ? left << count : UInt64(narrow << UInt32(count))
    case Operation.shiftRight: result = is64 ? left >> count : UInt64(narrow >> UInt32(count))
    case Operation.shiftRightSigned:
      result =
        is64
        ? UInt64(bitPattern: Int64(bitPattern: left) >> Int64(count))
        : UInt64(UInt32(bitPattern: Int32(bitPattern: narrow) >> Int32(count)))
    case Operation.exclusiveOr where traits.computesExclusiveOr: result = left ^ right
    default: return nil
    }
    return .constant(is64 ? result : result & 0xffff_ffff)
  }

  /// The lower half, zero-extended.
  var low32: AbstractValue {
    switch self {
    case .number(let low, let high):
      if high <= 0xffff_ffff { return self }
      return low == high ? .constant(low & 0xffff_ffff) : .unknown
    case .loaded: return self
    case .absentSymbol: return .constant(0)
    case .any, .stack: return .any
    case .unknown, .context, .argument, .address, .function: return .unknown
    }
  }
}

// MARK: Comparisons

/// The result of a conditional jump.
enum JumpOutcome: Hashable {
  case taken, notTaken
  /// Both, as far as is known when the object is loaded.
  case either
  /// One of both, depending on a variable that is constant once the object is loaded.
  case dependent(on: Int)
}

extension AbstractValue {
  /// The verifier's decision about a jump.
  ///
  /// - Parameter version: the variable whose value is a number from an interval.
  static func outcome(
    _ instruction: Instruction, _ left: AbstractValue, _ right: AbstractValue, version: Int?, _ traits: VerifierTraits
  ) -> JumpOutcome {
    let is32 = instruction.kind == .jump32
    let (left, right) = is32 ? (left.low32, right.low32) : (left, right)
    for case .loaded(let name) in [left, right] {
      let other = left == .loaded(name) ? right : left
      if case .loaded = other { return .dependent(on: name) }
      return other.constant != nil ? .dependent(on: name) : .either
    }
    guard let a = left.interval, let b = right.interval else { return .either }
    if !traits.decidesAllComparisons {
      let isEquality = [Instruction.Jump.equal, Instruction.Jump.notEqual].contains(instruction.operation)
      guard isEquality, !instruction.isWithRegister else { return .either }
    }
    guard let isTrue = decided(instruction.operation, a, b, is32: is32) else {
      let areKnown = a.lowerBound == a.upperBound && b.lowerBound == b.upperBound
      return areKnown ? .either : version.map { .dependent(on: $0) } ?? .either
    }
    return isTrue ? .taken : .notTaken
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
    func less(_ a: ClosedRange<UInt64>, _ b: ClosedRange<UInt64>) -> Bool? {
      if a.upperBound < b.lowerBound { return true }
      return a.lowerBound >= b.upperBound ? false : nil
    }
    func lessSigned(_ a: ClosedRange<UInt64>, _ b: ClosedRange<UInt64>) -> Bool? {
      // Intervals are kernel versions, which are small; other numbers are known exactly.
      let flip: UInt64 = is32 ? 1 << 31 : 1 << 63
      guard a.lowerBound & flip == a.upperBound & flip, b.lowerBound & flip == b.upperBound & flip else { return nil }
      return less((a.lowerBound ^ flip)...(a.upperBound ^ flip), (b.lowerBound ^ flip)...(b.upperBound ^ flip))
    }
    switch operation {
    case Jump.equal, Jump.notEqual:
      let isEqual: Bool
      if a.lowerBound == a.upperBound, a == b {
        isEqual = true
      } else if !a.overlaps(b) {
        isEqual = false
      } else {
        return nil
      }
      return isEqual == (operation == Jump.equal)
    case Jump.less: return less(a, b)
    case Jump.greaterOrEqual: return less(a, b).map { !$0 }
    case Jump.greater: return less(b, a)
    case Jump.lessOrEqual: return less(b, a).map { !$0 }
    case Jump.lessSigned: return lessSigned(a, b)
    case Jump.greaterOrEqualSigned: return lessSigned(a, b).map { !$0 }
    case Jump.greaterSigned: return lessSigned(b, a)
    case Jump.lessOrEqualSigned: return lessSigned(b, a).map { !$0 }
    case Jump.anyBit:
      guard a.lowerBound == a.upperBound, b.lowerBound == b.upperBound else { return nil }
      return a.lowerBound & b.lowerBound != 0
    default: return nil
    }
  }
}
