internal import BTF
internal import Bytes
internal import ELF

/// Reads sections, symbols and relocations into a `ProgramCode`.
///
/// Source: libbpf's libbpf.c, `bpf_object__add_programs`, `bpf_program__record_reloc` and `bpf_object__reloc_code`.
struct ProgramCodeReader {
  private let elf: ELFFile
  private let btf: BTFSpec
  private(set) var instructions: [Instruction] = []
  private(set) var functions: [ProgramCode.Function] = []
  private(set) var references: [Int: ProgramCode.Reference] = [:]
  private(set) var lines: [ProgramCode.Line] = []
  private(set) var symbols: [KernelSymbol] = []
  private(set) var constants: [String] = []
  private(set) var starts: [String: Int] = [:]
  /// The first instruction of each section, by the section's index.
  private var startOfSection: [Int: Int] = [:]
  private var functionAt: [Int: Int] = [:]
  private var constantIndex: [String: Int] = [:]
  private var symbolIndex: [Int: ProgramCode.Reference] = [:]

  init(_ elf: ELFFile, _ btf: BTFSpec) {
    self.elf = elf
    self.btf = btf
  }

  mutating func read() {
    readInstructions()
    readFunctions()
    readExterns()
    for (index, section) in elf.sections.enumerated() {
      if section.type == ELFFormat.relocations, let start = startOfSection[Int(section.info)] {
        readRelocations(section, start)
      }
      if let start = startOfSection[index] { readCalls(start..<start + section.size / Instruction.size, start) }
    }
    readLines()
  }

  private mutating func readInstructions() {
    for (index, section) in elf.sections.enumerated()
    where section.type == ELFFormat.programBits && section.flags & ELFFormat.executable != 0 && section.size > 0 {
      startOfSection[index] = instructions.count
      if starts[section.name] == nil { starts[section.name] = instructions.count }
      let end = section.offset + section.size / Instruction.size * Instruction.size
      for at in stride(from: section.offset, to: end, by: Instruction.size) {
        instructions.append(Instruction(elf.reader.bytes, at: at))
      }
    }
  }

  private mutating func readFunctions() {
    let globals = Set(btf.ids(of: .function).filter { btf.linkage(of: $0) == .global }.map { btf.name($0) })
    let prototypes = Dictionary(btf.ids(of: .function).map { (btf.name($0), btf.target($0)) }) { first, _ in first }
    for symbol in elf.symbols where symbol.type == ELFFormat.functionSymbol {
      guard let start = startOfSection[Int(symbol.section)] else { continue }
      let (section, name) = (elf.sections[Int(symbol.section)], elf.name(of: symbol).text)
      let first = start + Int(symbol.value) / Instruction.size
      let isHidden = ELFFormat.strictness(symbol.other) >= 2
      functions.append(
        ProgramCode.Function(
          name: name, section: section.name, instructions: first..<first + Int(symbol.size) / Instruction.size,
          isProgram: section.name != ".text",
          isGlobal: section.name == ".text" && !isHidden && symbol.binding != ELFFormat.localBinding
            && globals.contains(name),
          numbers: prototypes[name].map { numbers(of: $0) } ?? []))
    }
    functions.sort { $0.instructions.lowerBound < $1.instructions.lowerBound }
    for (index, function) in functions.enumerated() { functionAt[function.instructions.lowerBound] = index }
  }

  private func numbers(of prototype: TypeID) -> Set<Int> {
    guard btf.kind(prototype) == .functionPrototype else { return [] }
    return Set(
      (0..<min(5, btf.vlen(prototype))).filter { index in
        let kind = btf.kind(btf.skippingModifiersAndTypedefs(btf.parameter(prototype, index).type))
        return kind == .int || kind == .enumeration || kind == .enumeration64
      }.map { $0 + 1 })
  }

  private mutating func readExterns() {
    var declarations: [String: (section: String, type: TypeID)] = [:]
    for section in btf.ids(of: .dataSection) where ELFFormat.kernelSections.contains(btf.name(section)) {
      for index in 0..<btf.vlen(section) {
        let variable = btf.sectionVariable(section, index).variable
        declarations[btf.name(variable)] = (btf.name(section), variable)
      }
    }
    for (index, symbol) in elf.symbols.enumerated() where index > 0 && symbol.section == 0 {
      let name = elf.name(of: symbol).text
      guard let declaration = declarations[name] else { continue }
      let isWeak = symbol.binding == ELFFormat.weakBinding
      let type = btf.skippingModifiersAndTypedefs(btf.target(declaration.type))
      let kind: KernelSymbol.Kind
      if declaration.section == ".kconfig" {
        kind = .setting
      } else if btf.kind(declaration.type) == .function {
        kind = .function
      } else {
        kind = type.isVoid ? .address : .variable
      }
      // Nothing but the kernel itself shows whether it has the symbol, and then the verifier knows it too.
      if kind == .address, isWeak { _ = constant(name) }
      symbolIndex[index] =
        kind == .setting ? .constant(constant(name)) : .symbol(symbols.count)
      symbols.append(KernelSymbol(name: name, kind: kind, type: type, isWeak: isWeak))
    }
  }

  private mutating func constant(_ name: String) -> Int {
    if let known = constantIndex[name] { return known }
    constantIndex[name] = constants.count
    constants.append(name)
    return constants.count - 1
  }

  private mutating func readRelocations(_ section: ELFFile.Section, _ start: Int) {
    for at in stride(from: section.offset, to: section.offset + section.size, by: RelocationEntry.size) {
      let relocation = Relocation(elf, at: at)
      let index = start + Int(relocation.offset) / Instruction.size
      guard index < instructions.count else { continue }
      let (instruction, symbol) = (instructions[index], elf.symbols[relocation.symbol])
      if let known = symbolIndex[relocation.symbol] {
        references[index] = known
      } else if let code = startOfSection[Int(symbol.section)] {
        // For a section's symbol, the instruction contains the rest of the offset.
        let distance =
          instruction.isWideLoad
          ? Int(instruction.immediate) / Instruction.size : Int(instruction.immediate) + 1
        references[index] = functionAt[code + Int(symbol.value) / Instruction.size + distance].map { .function($0) }
      } else if symbol.section > 0, Int(symbol.section) < elf.sections.count {
        references[index] = data(elf.sections[Int(symbol.section)].name, symbol, instruction)
      }
    }
  }

  /// A variable whose value the verifier knows, or other data.
  private mutating func data(
    _ section: String, _ symbol: ELFFile.Symbol, _ instruction: Instruction
  ) -> ProgramCode.Reference {
    guard section.hasPrefix(".rodata") else { return .data }
    let offset = UInt64(truncatingIfNeeded: Int(instruction.immediate)) &+ symbol.value
    let type = btf.ids(of: .dataSection).first { btf.name($0) == section }
    let variables = type.map { type in (0..<btf.vlen(type)).map { btf.sectionVariable(type, $0) } } ?? []
    let variable = variables.first {
      UInt64($0.offset) <= offset && offset < UInt64($0.offset) + UInt64($0.size)
    }
    return .constant(constant(variable.map { btf.name($0.variable) } ?? section))
  }

  /// Calls within one section need no relocation.
  private mutating func readCalls(_ range: Range<Int>, _ start: Int) {
    for index in range where references[index] == nil {
      let instruction = instructions[index]
      let isAddress = instruction.isWideLoad && instruction.source == Instruction.pseudoFunction
      guard instruction.isCallOfFunction || isAddress else { continue }
      references[index] = functionAt[index + Int(instruction.immediate) + 1].map { .function($0) }
    }
  }

  private mutating func readLines() {
    guard let section = elf.section(named: ".BTF.ext") else { return }
    for group in BTFExtension.groups(of: section, in: elf) where group.part == .lines {
      guard let start = starts[btf.string(at: group.sectionName)] else { continue }
      for at in stride(from: group.records.lowerBound, to: group.records.upperBound, by: 4 * group.recordWords) {
        func word(_ offset: Int) -> UInt32 { elf.reader.load(UInt32.self, at: at + offset)! }
        lines.append(
          ProgramCode.Line(
            instruction: start + Int(word(0)) / Instruction.size,
            file: StringOffset(word(BTFExtension.LineRecord.file)),
            number: word(BTFExtension.LineRecord.position) >> 10))
      }
    }
  }
}
