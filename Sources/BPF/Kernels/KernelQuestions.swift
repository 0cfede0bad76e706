package import BTF
internal import ELF

/// What several objects ask of each kernel: a kernel's BTF is read once for all of them.
package struct KernelQuestions: Sendable {
  private let needs: [KernelNeeds]
  private let names: KernelNames

  package init(_ needs: [KernelNeeds]) {
    self.needs = needs
    names = needs.reduce(into: KernelNames()) { $0.formUnion($1.names) }
  }

  /// A kernel's answers to each object, in their order.
  ///
  /// O(types + what is asked); the same again for each module, where the kernel itself does not have something.
  ///
  /// - Parameters:
  ///   - file: raw BTF, or an ELF file with a section of it.
  ///   - modules: the names of modules, and their BTF, which continues the kernel's; in the order in which they are searched.
  /// - Throws: what is wrong with one of them.
  package func answers(
    of file: [UInt8], modules: [(name: String, file: [UInt8])] = []
  ) throws(KernelReadingError) -> [KernelAnswers] {
    let whole: TypesFile
    let kernel: KernelTypes
    do throws(BTFError) {
      whole = try TypesFile(file)
      kernel = KernelTypes(try whole.checked(base: nil), asked: names)
    } catch { throw KernelReadingError(module: nil, error: error) }
    let age = KernelAge(kernel)
    let answers = needs.map { KernelAnswers($0, kernel, age: age) }
    guard !modules.isEmpty else { return answers }
    let asking = needs.indices.filter { needs[$0].isUnanswered(answers[$0], by: kernel) }
    guard !asking.isEmpty else { return answers }
    var read: [KernelModule] = []
    for (index, module) in modules.enumerated() {
      do throws(BTFError) {
        // Linux 6.11 and newer build modules so, and relocates their BTF when they are loaded.
        if let found = try? ELFFile.section(named: ".BTF.base", ofAny: module.file), !found.0.isEmpty {
          throw .damaged(.ownBase)
        }
        let types = try TypesFile(module.file, isSplit: true).checked(base: whole)
        read.append(KernelModule(name: module.name, KernelTypes(types, base: kernel.btf, asked: names)))
      } catch { throw KernelReadingError(module: index, error: error) }
    }
    var all = answers
    for index in asking { all[index] = KernelAnswers(needs[index], kernel, modules: read, age: age) }
    return all
  }
}

/// What is wrong with the BTF of a kernel or of one of its modules.
package struct KernelReadingError: Error {
  /// Its place in the list; `nil` for the kernel itself.
  package let module: Int?
  package let error: BTFError
}

extension KernelNeeds {
  /// Whether something is asked that the kernel itself does not have, and a module may.
  fileprivate func isUnanswered(_ answers: KernelAnswers, by kernel: KernelTypes) -> Bool {
    if answers.symbols.contains(.absent) || answers.operations.contains(.absent) { return true }
    if answers.targets.contains(where: { $0 == .absent || $0 == .unknown }) { return true }
    let resolver = CoreResolver(local: btf, kernel: kernel)
    return questions.contains { !resolver.hasCandidates(for: $0.relocation) }
  }
}
