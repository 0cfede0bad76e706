package import BTF
internal import Bytes
internal import ELF

/// The instructions of an object with what they refer to, as libbpf puts programs together of them.
struct ProgramCode {
  struct Function {
    let name: String
    let section: String
    /// Of instructions, in the object's order.
    let instructions: Range<Int>
    /// Whether it is a program of its own and no subprogram.
    let isProgram: Bool
    /// Whether the verifier checks it by itself, for all values of its arguments.
    let isGlobal: Bool

    /// Whether loading the object loads the program.
    var isLoaded: Bool { isProgram && !section.hasPrefix("?") }
  }

  /// What a call or a load of 64 bits refers to.
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
  /// Of each instruction whether it can be come to in another way than from the one before it. One more than there are.
  let isJoin: [Bool]
  /// Whether the kernel calls functions of the object that a program hands to it.
  let hasCallbacks: Bool
  /// The first instruction of each section with code, by the section's name.
  private let starts: [String: Int]

  /// - Parameter elf: in this machine's byte order, opened by libbpf without an error.
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

  /// The function that an instruction is in. O(log functions).
  func function(at instruction: Int) -> Int? {
    let index = functions.partition { $0.instructions.upperBound > instruction }
    guard index < functions.count, functions[index].instructions.contains(instruction) else { return nil }
    return index
  }

  /// The instruction at a byte offset of a section with code; `nil` where there is none.
  func instruction(in section: String, at offset: UInt32) -> Int? {
    guard let start = starts[section], offset % UInt32(Instruction.size) == 0 else { return nil }
    let index = start + Int(offset) / Instruction.size
    return index < instructions.count ? index : nil
  }

  /// The source line of an instruction: the last one that begins at it or before, in its function.
  func line(of instruction: Int) -> Line? {
    let after = lines.partition { $0.instruction > instruction }
    guard after > 0, let function = function(at: instruction) else { return nil }
    let line = lines[after - 1]
    return functions[function].instructions.contains(line.instruction) ? line : nil
  }

  /// The functions that a program consists of: those that it calls or takes the address of, and so on.
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

/// What an object takes from the kernel by name.
package struct KernelSymbol: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case function
    case variable
    /// Its address alone is asked for, which no BTF knows.
    case address
    /// A setting of the kernel's configuration.
    case setting
  }

  package let name: String
  package let kind: Kind
  /// In the object's BTF: the prototype of a function, the type of a variable.
  package let type: TypeID
  package let isWeak: Bool
}

extension RandomAccessCollection where Index == Int {
  /// The first index from which on all elements are such. O(log n).
  fileprivate func partition(_ isSuch: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isSuch(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
