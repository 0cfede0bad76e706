internal import BTF
internal import Bytes
internal import ELF

extension ELFFile {
  /// The symbols that another object must define, in the symbol table's order: those that are undefined, that the BTF has as
  /// declared, and that none of its sections has as the kernel's.
  func undefinedSymbols(_ btf: BTFSpec) -> [String] {
    let kernel = btf.declarations { ELFFormat.kernelSections.contains($0) }
    let declared = Set(btf.ids.filter { btf.linkage(of: $0) == .extern }.map(btf.byteName))
    return symbols.dropFirst().lazy
      .filter { $0.section == 0 && $0.binding != ELFFormat.localBinding }
      .map { name(of: $0) }.filter { declared.contains($0) && !kernel.contains($0) }.map(\.text)
  }
}

extension LibBPFHandle {
  /// Opens an object, and when libbpf refuses it says which symbols no object has defined: libbpf names a section at most.
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
  /// The names that those of the data sections declare whose name fits: maps, the kernel's symbols and settings, variables
  /// with a SEC().
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
