internal import BTF
internal import Bytes
internal import ELF

/// An object with its needs and the code that uses them.
package struct CheckedObject: Sendable {
  /// An instruction that a relocation changes.
  struct Site: Sendable {
    let instruction: Int
    let question: Int
  }

  package let needs: KernelNeeds
  let code: ProgramCode
  let sites: [Site]
  /// For each program with a target: the index of its function, and of the target among the needs.
  let targets: [(function: Int, target: Int)]

  static let versionName = "LINUX_KERNEL_VERSION"

  /// - Parameter bytes: the whole ELF file of an object that libbpf can open and load.
  /// - Throws: the errors of the object.
  package init(_ bytes: [UInt8]) throws(ObjectError) {
    let order = try ObjectError.ofELF(try ELFFile.checkedReader(bytes)).order
    let sound = try SoundObject(bytes)
    let (elf, btf) = (sound.elf, sound.btf)
    _ = try LibBPFHandle(elf, btf)
    code = ProgramCode(elf, btf)
    var reader = NeedsReader(code, btf)
    try ObjectError.ofBTF(try reader.readRelocations(elf))
    sites = reader.sites
    var (targets, found): ([KernelNeeds.Target], [(function: Int, target: Int)]) = ([], [])
    for (index, function) in code.functions.enumerated() where function.isLoaded {
      guard let target = KernelNeeds.Target(section: function.section) else { continue }
      let number = targets.firstIndex(of: target) ?? targets.count
      if number == targets.count { targets.append(target) }
      found.append((index, number))
    }
    self.targets = found
    needs = KernelNeeds(
      btf: btf, byteOrder: order, questions: reader.questions, symbols: code.symbols, targets: targets,
      operations: NeedsReader.operations(elf, btf),
      asksVersion: code.symbols.contains { $0.kind == .setting && $0.name == CheckedObject.versionName })
  }
}

/// Collects what an object needs.
private struct NeedsReader {
  private let code: ProgramCode
  private let btf: BTFSpec
  private(set) var questions: [KernelNeeds.Question] = []
  private(set) var sites: [CheckedObject.Site] = []
  private var numbers: [KernelNeeds.Question: Int] = [:]

  init(_ code: ProgramCode, _ btf: BTFSpec) {
    self.code = code
    self.btf = btf
  }

  /// The relocations of programs that are loaded, and of all functions that they may call.
  mutating func readRelocations(_ elf: ELFFile) throws(BTFError) {
    guard let section = elf.section(named: ".BTF.ext") else { return }
    for group in BTFExtension.groups(of: section, in: elf) where group.part == .relocations {
      let name = btf.string(at: group.sectionName)
      for at in stride(from: group.records.lowerBound, to: group.records.upperBound, by: 4 * group.recordWords) {
        let offset = elf.reader.load(UInt32.self, at: at)!
        guard let instruction = code.instruction(in: name, at: offset), let function = code.function(at: instruction),
          code.functions[function].isLoaded || !code.functions[function].isProgram
        else { continue }
        let relocation = try CoreRelocation(elf, at: at, btf)
        if relocation.kind == .localTypeID { continue }
        let question = KernelNeeds.Question(relocation: relocation, use: use(instruction))
        let number = numbers[question] ?? questions.count
        if number == questions.count {
          questions.append(question)
          numbers[question] = number
        }
        sites.append(CheckedObject.Site(instruction: instruction, question: number))
      }
    }
  }

  private func use(_ index: Int) -> KernelNeeds.Use {
    let instruction = code.instructions[index]
    switch instruction.kind {
    case .arithmetic32, .arithmetic64:
      return instruction.isWithRegister ? .unknown : .immediate(instruction.immediate)
    case .loadFromMemory, .store, .storeRegister:
      return .memory(offset: instruction.offset, bytes: instruction.memoryBytes)
    case .load:
      guard instruction.isWideLoad, instruction.source == 0, index + 1 < code.instructions.count else {
        return .unknown
      }
      let high = UInt64(UInt32(bitPattern: code.instructions[index + 1].immediate))
      return .wide(high << 32 | UInt64(UInt32(bitPattern: instruction.immediate)))
    case .jump, .jump32: return .unknown
    }
  }

  /// The maps of `.struct_ops` sections, with the members that are set.
  static func operations(_ elf: ELFFile, _ btf: BTFSpec) -> [KernelNeeds.Operations] {
    var found: [KernelNeeds.Operations] = []
    // A map whose section begins with a question mark is created only when user code requests it.
    for (number, section) in elf.sections.enumerated() where section.name.hasPrefix(".struct_ops") {
      guard section.type == ELFFormat.programBits,
        let type = btf.ids(of: .dataSection).first(where: { btf.name($0) == section.name })
      else { continue }
      let relocated = relocatedOffsets(elf, section: number)
      let bytes = Array(elf.bytes(of: section))
      for index in 0..<btf.vlen(type) {
        let variable = btf.sectionVariable(type, index)
        let structure = btf.skippingModifiersAndTypedefs(btf.target(variable.variable))
        guard btf.kind(structure) == .structure else { continue }
        let set = (0..<btf.vlen(structure)).filter { member in
          let member = btf.member(structure, member)
          let start = Int(variable.offset) + Int(member.offsetBits / 8)
          let end = min(bytes.count, start + Int(btf.sizeBytes(member.type) ?? 0))
          guard start < end else { return false }
          return bytes[start..<end].contains { $0 != 0 } || relocated.contains { (start..<end).contains($0) }
        }
        found.append(
          KernelNeeds.Operations(map: btf.name(variable.variable), type: structure, setMembers: Array(set)))
      }
    }
    return found
  }

  private static func relocatedOffsets(_ elf: ELFFile, section: Int) -> [Int] {
    elf.sections.filter { $0.type == ELFFormat.relocations && Int($0.info) == section }.flatMap { table in
      stride(from: table.offset, to: table.offset + table.size, by: RelocationEntry.size).map {
        Int(truncatingIfNeeded: Relocation(elf, at: $0).offset)
      }
    }
  }
}
