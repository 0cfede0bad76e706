package import BTF

/// What several objects ask of each kernel: a kernel's BTF is read once for all of them.
package struct KernelQuestions: Sendable {
  private let needs: [KernelNeeds]
  private let names: KernelNames

  package init(_ needs: [KernelNeeds]) {
    self.needs = needs
    names = needs.reduce(into: KernelNames()) { $0.formUnion($1.names) }
  }

  /// A kernel's answers to each object, in their order. O(types + what is asked).
  ///
  /// - Parameter file: raw BTF, or an ELF file with a section of it.
  /// - Throws: what is wrong with it.
  package func answers(of file: [UInt8]) throws(BTFError) -> [KernelAnswers] {
    let types = KernelTypes(try TypesFile(file).checked(base: nil), asked: names)
    return needs.map { KernelAnswers($0, types) }
  }
}
