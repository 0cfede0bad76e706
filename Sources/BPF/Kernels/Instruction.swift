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
    static let or: UInt8 = 0x40
    static let and: UInt8 = 0x50
    static let shiftLeft: UInt8 = 0x60
    static let shiftRight: UInt8 = 0x70
    static let exclusiveOr: UInt8 = 0xa0
    static let move: UInt8 = 0xb0
    static let shiftRightSigned: UInt8 = 0xc0
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
  }
}
