@testable import BPF
@testable import BTF
@testable import Bytes

/// An instruction of a program as libbpf changes it for one kernel.
struct RelocatedInstruction: Hashable, Sendable {
  let program: String
  /// From the program's beginning.
  let index: Int
  /// In this machine's byte order.
  let bytes: [UInt8]
}

extension CheckedObject {
  /// The instructions of programs that relocations change; `nil` where libbpf refuses the object.
  func relocatedInstructions(_ kernel: KernelTypes) -> [RelocatedInstruction]? {
    let outcomes = needs.outcomes(kernel)
    let effects = KernelAnswers(needs, kernel).effects
    var found: [RelocatedInstruction] = []
    for site in sites {
      if case .refused = effects[site.question] { return nil }
      guard let function = code.function(at: site.instruction), code.functions[function].isProgram else { continue }
      let instruction = code.instructions[site.instruction]
      var isValid = true
      if case .invalid = effects[site.question] { isValid = false }
      var bytes: [UInt8]
      if case .resolved(let value) = outcomes[site.question], isValid {
        bytes = instruction.bytes(with: value)
      } else {
        bytes = Instruction.invalid
      }
      found.append(
        RelocatedInstruction(
          program: code.functions[function].name,
          index: site.instruction - code.functions[function].instructions.lowerBound, bytes: bytes))
    }
    return found
  }
}

extension Instruction {
  /// A call of a function that no kernel has. Source: libbpf, `bpf_core_poison_insn`.
  fileprivate static let invalid: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: size)
    bytes[0] = 0x85
    bytes.store(UInt32(195_896_080), at: 4)
    return bytes
  }()

  fileprivate func bytes(with value: CoreValue) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Instruction.size)
    var opcode = opcode
    let isMemory = kind != .arithmetic32 && kind != .arithmetic64 && kind != .load
    if isMemory, let sizes = value.sizes {
      let code: [UInt32: UInt8] = [4: 0, 2: 0x08, 1: 0x10, 8: 0x18]
      opcode = opcode & ~0x18 | (code[sizes.new] ?? 0)
    }
    bytes[0] = opcode
    let (low, high) = ByteOrder.host == .little ? (destination, source) : (source, destination)
    bytes[1] = UInt8(low | high << 4)
    bytes.store(isMemory ? Int16(truncatingIfNeeded: value.value) : offset, at: 2)
    bytes.store(isMemory ? immediate : Int32(truncatingIfNeeded: Int64(bitPattern: value.value)), at: 4)
    return bytes
  }
}
