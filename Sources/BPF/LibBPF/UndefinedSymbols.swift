internal import BTF
internal import Bytes
internal import ELF

extension ELFFile {
  /// The symbols that another object must define, in the symbol table's order: undefined ones that the BTF declares,
  /// and that are not in a section of kernel symbols.
  func undefinedSymbols(_ btf: BTFSpec) -> [String] {
    let kernel = btf.declarations { ELFFormat.kernelSections.contains($0) }
    let declared = Set(btf.ids.filter { btf.linkage(of: $0) == .extern }.map(btf.byteName))
    return symbols.dropFirst().lazy
      .filter { $0.section == 0 && $0.binding != ELFFormat.localBinding }
      .map { name(of: $0) }.filter { declared.contains($0) && !kernel.contains($0) }.map(\.text)
  }
}

extension LibBPFHandle {
  /// Opens an object. If libbpf refuses it, the error names undefined symbols; libbpf names at most a section.
  init(_ elf: ELFFile, _ btf: BTFSpec) throws(ObjectError) {
    do throws(ObjectError) {
      try self.init(elf.reader.bytes)
    } catch .libbpf(let operation, let number, let log) {
      let symbols = elf.undefinedSymbols(btf)
      guard let first = symbols.first else { throw .libbpf(operation: operation, errno: number, log: log) }
      throw .undefinedSymbols(
        symbols, maybeKernels: !btf.declarations { _ in true }.contains { $0.text == first }, log: log)
    }
  }
}

extension BTFSpec {
  /// The names declared in data sections whose name matches: maps, kernel symbols and settings, variables with a SEC().
  fileprivate func declarations(inSections fits: (String) -> Bool) -> Set<ByteName> {
    var names: Set<ByteName> = []
    for section in ids(of: .dataSection) where fits(name(section)) {
      for index in 0..<vlen(section) {
        let variable = sectionVariable(section, index).variable
        if linkage(of: variable) == .extern { names.insert(byteName(variable)) }
      }
    }
    return names
  }
}
