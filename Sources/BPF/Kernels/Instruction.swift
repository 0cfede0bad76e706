internal import Bytes

/// A BPF instruction. Source: the kernel's Documentation/bpf/standardization/instruction-set.rst.
struct Instruction {
  enum Class: UInt8 {
    case load, loadFromMemory, store, storeRegister, arithmetic32, jump, jump32, arithmetic64
  }

  let opcode: UInt8
  let destination: Int
  let source: Int
  let offset: Int16
  let immediate: Int32

  static let size = 8

  /// - Parameter start: the offset of an instruction inside the bytes, in this machine's byte order.
  init(_ bytes: [UInt8], at start: Int) {
    opcode = bytes[start]
    let registers = bytes[start + 1]
    let (low, high) = (Int(registers & 15), Int(registers >> 4))
    (destination, source) = ByteOrder.host == .little ? (low, high) : (high, low)
    offset = bytes.load(at: start + 2)
    immediate = bytes.load(at: start + 4)
  }

  var kind: Class { Class(rawValue: opcode & 7)! }
  /// The operation of arithmetic and of jumps.
  var operation: UInt8 { opcode & 0xf0 }
  var isWithRegister: Bool { opcode & 0x08 != 0 }
  /// The mode of loads and stores.
  var mode: UInt8 { opcode & 0xe0 }
  var memoryBytes: UInt32 { [4, 2, 1, 8][Int(opcode >> 3 & 3)] }

  /// The only instruction that takes two slots.
  var isWideLoad: Bool { opcode == 0x18 }
  var isCall: Bool { opcode == 0x85 || opcode == 0x8d }
  /// A call of another function of the object, or of the symbol in its relocation.
  var isCallOfFunction: Bool { opcode == 0x85 && source == Instruction.pseudoCall }
  var isExit: Bool { opcode == 0x95 }

  /// The distance from the instruction after a jump to its target.
  var jumpDistance: Int {
    kind == .jump32 && operation == Jump.always ? Int(immediate) : Int(offset)
  }

  static let pseudoCall = 1
  static let pseudoFunction = 4

  enum Mode {
    static let immediate: UInt8 = 0
    static let memory: UInt8 = 0x60
    static let atomic: UInt8 = 0xc0
  }

  enum Arithmetic {
    static let add: UInt8 = 0
    static let subtract: UInt8 = 0x10
    static let multiply: UInt8 = 0x20
    static let divide: UInt8 = 0x30
    static let or: UInt8 = 0x40
    static let and: UInt8 = 0x50
    static let shiftLeft: UInt8 = 0x60
    static let shiftRight: UInt8 = 0x70
    static let negate: UInt8 = 0x80
    static let modulo: UInt8 = 0x90
    static let exclusiveOr: UInt8 = 0xa0
    static let move: UInt8 = 0xb0
    static let shiftRightSigned: UInt8 = 0xc0
    static let swap: UInt8 = 0xd0
  }

  enum Jump {
    static let always: UInt8 = 0
    static let equal: UInt8 = 0x10
    static let greater: UInt8 = 0x20
    static let greaterOrEqual: UInt8 = 0x30
    static let anyBit: UInt8 = 0x40
    static let notEqual: UInt8 = 0x50
    static let greaterSigned: UInt8 = 0x60
    static let greaterOrEqualSigned: UInt8 = 0x70
    static let less: UInt8 = 0xa0
    static let lessOrEqual: UInt8 = 0xb0
    static let lessSigned: UInt8 = 0xc0
    static let lessOrEqualSigned: UInt8 = 0xd0
    static let mayGoto: UInt8 = 0xe0
  }
}

// MARK: - Execution

extension Instruction {
  /// The result of arithmetic when the program runs; `nil` for an operation that does not exist.
  func result(_ left: UInt64, _ right: UInt64) -> UInt64? {
    let is64 = kind == .arithmetic64
    if operation == Arithmetic.swap { return swapped(left) }
    if is64 { return Instruction.result(operation, Int64(bitPattern: left), Int64(bitPattern: right), Int(offset)) }
    return Instruction.result(
      operation, Int32(truncatingIfNeeded: Int64(bitPattern: left)),
      Int32(truncatingIfNeeded: Int64(bitPattern: right)),
      Int(offset)
    ).map { $0 & 0xffff_ffff }
  }

  /// - Parameter offset: makes division and modulo signed, and a move an extension of the sign.
  private static func result<Number: FixedWidthInteger & SignedInteger>(
    _ operation: UInt8, _ left: Number, _ right: Number, _ offset: Int
  ) -> UInt64? where Number.Magnitude: FixedWidthInteger {
    let count = right & Number(Number.bitWidth - 1)
    let (bits, divisor) = (Number.Magnitude(truncatingIfNeeded: left), Number.Magnitude(truncatingIfNeeded: right))
    let isSigned = offset == 1
    let result: Number
    switch operation {
    case Arithmetic.add: result = left &+ right
    case Arithmetic.subtract: result = left &- right
    case Arithmetic.multiply: result = left &* right
    case Arithmetic.divide where right == 0: result = 0
    case Arithmetic.divide:
      result =
        isSigned ? left.dividedReportingOverflow(by: right).partialValue : Number(truncatingIfNeeded: bits / divisor)
    case Arithmetic.modulo where right == 0: result = left
    case Arithmetic.modulo:
      result =
        isSigned
        ? left.remainderReportingOverflow(dividingBy: right).partialValue : Number(truncatingIfNeeded: bits % divisor)
    case Arithmetic.or: result = left | right
    case Arithmetic.and: result = left & right
    case Arithmetic.exclusiveOr: result = left ^ right
    case Arithmetic.shiftLeft: result = left &<< count
    case Arithmetic.shiftRight:
      result = Number(truncatingIfNeeded: bits &>> Number.Magnitude(truncatingIfNeeded: count))
    case Arithmetic.shiftRightSigned: result = left &>> count
    case Arithmetic.negate: result = 0 &- left
    case Arithmetic.move where offset == 0: result = right
    case Arithmetic.move where offset == 8: result = Number(Int8(truncatingIfNeeded: right))
    case Arithmetic.move where offset == 16: result = Number(Int16(truncatingIfNeeded: right))
    case Arithmetic.move where offset == 32: result = Number(truncatingIfNeeded: Int32(truncatingIfNeeded: right))
    default: return nil
    }
    return UInt64(bitPattern: Int64(result))
  }

  /// A conversion to a byte order, or a swap in any.
  private func swapped(_ value: UInt64) -> UInt64? {
    let isSwapped = kind == .arithmetic64 || isWithRegister != (ByteOrder.host == .big)
    switch immediate {
    case 16:
      return UInt64(isSwapped ? UInt16(truncatingIfNeeded: value).byteSwapped : UInt16(truncatingIfNeeded: value))
    case 32:
      return UInt64(isSwapped ? UInt32(truncatingIfNeeded: value).byteSwapped : UInt32(truncatingIfNeeded: value))
    case 64: return isSwapped ? value.byteSwapped : value
    default: return nil
    }
  }

  /// Whether a conditional jump is taken.
  static func isTrue(_ operation: UInt8, _ left: UInt64, _ right: UInt64, is32: Bool) -> Bool {
    let (a, b) = is32 ? (left & 0xffff_ffff, right & 0xffff_ffff) : (left, right)
    let (signedA, signedB) =
      is32
      ? (Int64(Int32(truncatingIfNeeded: a)), Int64(Int32(truncatingIfNeeded: b)))
      : (Int64(bitPattern: a), Int64(bitPattern: b))
    switch operation {
    case Jump.equal: return a == b
    case Jump.notEqual: return a != b
    case Jump.greater: return a > b
    case Jump.greaterOrEqual: return a >= b
    case Jump.less: return a < b
    case Jump.lessOrEqual: return a <= b
    case Jump.anyBit: return a & b != 0
    case Jump.greaterSigned: return signedA > signedB
    case Jump.greaterOrEqualSigned: return signedA >= signedB
    case Jump.lessSigned: return signedA < signedB
    case Jump.lessOrEqualSigned: return signedA <= signedB
    default: return false
    }
  }

  /// The comparison that is true for exchanged operands.
  var mirroredOperation: UInt8? {
    switch operation {
    case Jump.equal, Jump.notEqual, Jump.anyBit: operation
    case Jump.greater: Jump.less
    case Jump.greaterOrEqual: Jump.lessOrEqual
    case Jump.less: Jump.greater
    case Jump.lessOrEqual: Jump.greaterOrEqual
    case Jump.greaterSigned: Jump.lessSigned
    case Jump.greaterOrEqualSigned: Jump.lessOrEqualSigned
    case Jump.lessSigned: Jump.greaterSigned
    case Jump.lessOrEqualSigned: Jump.greaterOrEqualSigned
    default: nil
    }
  }

  /// Whether it is a jump that `isTrue` knows.
  var isComparison: Bool { (0x10...0xd0).contains(operation) && operation != 0x80 && operation != 0x90 }
}
