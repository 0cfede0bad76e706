extension ELFFile {
  /// The symbols that another object must define, in the symbol table's order: those that are undefined, that the BTF has as
  /// declared, and that none of its sections has as the kernel's.
  func undefinedSymbols(_ btf: BTF) -> [String] {
    var kernel: Set<ByteName> = []
    for section in btf.ids(of: .dataSection) where ELF.kernelSections.contains(btf.name(section)) {
      for index in 0..<btf.vlen(section) { kernel.insert(btf.byteName(btf.sectionVariable(section, index).variable)) }
    }
    let declared = Set((1..<UInt32(max(1, btf.count))).filter { btf.linkage(of: $0) == .extern }.map(btf.byteName))
    return (1..<max(1, symbolCount)).lazy.map { symbol($0)! }
      .filter { $0.section == 0 && $0.binding != ELF.localBinding }
      .map(symbolName).filter { declared.contains($0) && !kernel.contains($0) }.map(\.text)
  }
}

extension LibBPFHandle {
  /// Opens an object, and when libbpf refuses it says which symbols no object has defined: libbpf names a section at most.
  init(_ elf: ELFFile, _ btf: BTF) throws(ObjectError) {
    do throws(ObjectError) {
      try self.init(elf.reader.bytes)
    } catch .libbpf(let operation, let number, let log) {
      let symbols = elf.undefinedSymbols(btf)
      guard let first = symbols.first else { throw .libbpf(operation: operation, errno: number, log: log) }
      throw .undefinedSymbols(symbols, maybeKernels: !btf.isInSection(externNamed: first), log: log)
    }
  }
}

extension BTF {
  /// Whether a section of the BTF has a declaration of that name: a map, or a variable with a SEC().
  fileprivate func isInSection(externNamed name: String) -> Bool {
    ids(of: .dataSection).contains { section in
      (0..<vlen(section)).contains {
        let variable = sectionVariable(section, $0).variable
        return linkage(of: variable) == .extern && self.name(variable) == name
      }
    }
  }
}
