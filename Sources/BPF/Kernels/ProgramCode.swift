package import BTF
internal import Bytes
internal import ELF

/// The instructions of an object and what they refer to, combined into programs as libbpf does.
struct ProgramCode {
  struct Function {
    let name: String
    let section: String
    /// The instructions, in the object's order.
    let instructions: Range<Int>
    /// Whether it is a program and not a subprogram.
    let isProgram: Bool
    /// Whether the verifier checks it separately, for all values of its arguments.
    let isGlobal: Bool
    /// The registers of its parameters that are numbers.
    let numbers: Set<Int>

    /// Whether the program is loaded with the object.
    var isLoaded: Bool { isProgram && !section.hasPrefix("?") }
  }

  /// The target of a call or a 64-bit load.
  enum Reference: Hashable {
    case function(Int)
    case symbol(Int)
    /// A variable whose value is constant once the object is loaded.
    case constant(Int)
    case data
  }

  struct Line: Hashable {
    let instruction: Int
    let file: StringOffset
    let number: UInt32
  }

  let instructions: [Instruction]
  /// In the order of their instructions.
  let functions: [Function]
  /// By instruction.
  let references: [Int: Reference]
  let lines: [Line]
  /// The symbols that the kernel provides.
  let symbols: [KernelSymbol]
  /// The names of variables in `.kconfig` and `.rodata`, and of kernel symbols without a type.
  let constants: [String]
  /// For each instruction, whether it can be reached other than from the previous one. One more than there are
  /// instructions.
  let isJoin: [Bool]
  /// Whether the kernel calls functions of the object as callbacks.
  let hasCallbacks: Bool
  /// The first instruction of each code section, by name.
  private let starts: [String: Int]

  /// - Parameter elf: in this machine's byte order; libbpf has opened it successfully.
  init(_ elf: ELFFile, _ btf: BTFSpec) {
    var reader = ProgramCodeReader(elf, btf)
    reader.read()
    instructions = reader.instructions
    functions = reader.functions
    references = reader.references
    symbols = reader.symbols
    constants = reader.constants
    starts = reader.starts
    isJoin = ProgramCode.joins(reader.instructions, reader.references)
    hasCallbacks = reader.references.contains {
      if case .function = $1 { !reader.instructions[$0].isCall } else { false }
    }
    lines = reader.lines.sorted { $0.instruction < $1.instruction }
  }

  private static func joins(_ instructions: [Instruction], _ references: [Int: Reference]) -> [Bool] {
    var joins = [Bool](repeating: false, count: instructions.count + 1)
    func add(_ index: Int) {
      if joins.indices.contains(index) { joins[index] = true }
    }
    for (index, instruction) in instructions.enumerated() where !instruction.isExit {
      if instruction.isCall {
        if case .function? = references[index] { add(index + 1) }
      } else if instruction.kind == .jump || instruction.kind == .jump32 {
        add(index + 1)
        add(index + 1 + instruction.jumpDistance)
      }
    }
    return joins
  }

  /// The function that contains an instruction. O(log functions).
  func function(at instruction: Int) -> Int? {
    let index = functions.partition { $0.instructions.upperBound > instruction }
    guard index < functions.count, functions[index].instructions.contains(instruction) else { return nil }
    return index
  }

  /// The instruction at an offset of a code section; `nil` if there is none.
  func instruction(in section: String, at offset: UInt32) -> Int? {
    guard let start = starts[section], offset % UInt32(Instruction.size) == 0 else { return nil }
    let index = start + Int(offset) / Instruction.size
    return index < instructions.count ? index : nil
  }

  /// The source line of an instruction: the last one at or before it in its function.
  func line(of instruction: Int) -> Line? {
    let after = lines.partition { $0.instruction > instruction }
    guard after > 0, let function = function(at: instruction) else { return nil }
    let line = lines[after - 1]
    return functions[function].instructions.contains(line.instruction) ? line : nil
  }

  /// The functions of a program: those that it calls or whose address it takes, recursively.
  func closure(of program: Int) -> [Int] {
    var (found, pending) = (Set([program]), [program])
    while let next = pending.popLast() {
      for index in functions[next].instructions {
        if case .function(let callee)? = references[index], found.insert(callee).inserted { pending.append(callee) }
      }
    }
    return found.sorted()
  }
}

/// A symbol that an object uses from the kernel.
package struct KernelSymbol: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case function
    case variable
    /// Only its address is used, which BTF does not contain.
    case address
    /// A setting of the kernel's configuration.
    case setting
  }

  package let name: String
  package let kind: Kind
  /// Its type in the object's BTF: the prototype of a function, the type of a variable.
  package let type: TypeID
  package let isWeak: Bool
}

extension RandomAccessCollection where Index == Int {
  /// The first index from which the condition is true for all elements. O(log n).
  fileprivate func partition(_ isSuch: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isSuch(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
