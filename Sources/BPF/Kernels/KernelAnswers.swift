package import BTF
internal import Bytes

/// What one kernel's BTF has of an object's needs. Kernels with equal answers load the object in the same way.
package struct KernelAnswers: Hashable, Sendable {
  /// What relocation does to an instruction, for each question.
  package enum Effect: Hashable, Sendable {
    /// Its immediate is this number.
    case constant(UInt64)
    /// It gets an offset or a type id, which comparisons do not use.
    case unknown
    /// It becomes one that the verifier refuses.
    case invalid(Absence)
    /// libbpf does not load the object.
    case refused(Refusal)
  }

  package enum Absence: Hashable, Sendable {
    /// The kernel does not have the relocation's target.
    case absent(instead: CoreAlternative?)
    /// A load would have to be resized, and the values are signed.
    case otherSize(bytes: UInt32, inKernel: UInt32)
  }

  package enum Refusal: Hashable, Sendable {
    case relocation(CoreRefusal)
    /// The instruction does not match the relocation.
    case instruction
    /// The offset is too large for an instruction.
    case offset(UInt64)
  }

  package enum Symbol: Hashable, Sendable {
    case present
    case absent
    /// It has another type, given in C.
    case otherType(String)
    /// A function of the kernel that programs may not call.
    case notCallable
    /// A function of the kernel, whose BTF does not show whether programs may call it.
    case unmarked
    /// BTF does not contain this information.
    case unknown
  }

  package enum Target: Hashable, Sendable {
    /// - Parameter slots: what a program can read of its context, 64 bits each: the arguments, and for some programs the
    ///   result after them.
    case present(slots: [ArgumentSlot])
    case absent
    /// Programs cannot attach to functions of this prototype.
    case unsupported(UnsupportedPrototype)
    /// In a kernel module, and modules are not known.
    case unknown
  }

  package enum Operations: Hashable, Sendable {
    case present
    case absent
    /// The object sets members that the kernel's struct does not have, or that differ there.
    case wrongMembers(absent: [String], other: [String])
  }

  /// Whether both have the same byte order.
  package let isOneByteOrder: Bool
  package let effects: [Effect]
  package let symbols: [Symbol]
  package let targets: [Target]
  package let operations: [Operations]
  /// The possible values of `LINUX_KERNEL_VERSION`; `nil` if the object does not use it, or if it is unknown.
  package private(set) var version: ClosedRange<UInt64>?
  package let traits: VerifierTraits

  /// The answers of a kernel with the same types and another version, if known.
  package func of(_ version: KernelVersion?, _ needs: KernelNeeds) -> KernelAnswers {
    var answers = self
    answers.version = needs.asksVersion ? version?.numbers : nil
    return answers
  }

  /// Answers of a kernel of the object's byte order.
  init(effects: [Effect], symbols: [Symbol], version: ClosedRange<UInt64>? = nil, traits: VerifierTraits) {
    isOneByteOrder = true
    self.effects = effects
    self.symbols = symbols
    (targets, operations) = ([], [])
    self.version = version
    self.traits = traits
  }

  /// - Parameters:
  ///   - kernel: was asked for at least `needs.names`.
  ///   - modules: the same of each of its modules; empty where they are not known.
  ///   - age: of the kernel, if it was found for another object already.
  /// O(questions x candidates).
  package init(
    _ needs: KernelNeeds, _ kernel: KernelTypes, modules: [KernelModule] = [], age known: KernelAge? = nil
  ) {
    let age = known ?? KernelAge(kernel)
    isOneByteOrder = needs.byteOrder == kernel.btf.byteOrder
    let outcomes = needs.outcomes(kernel)
    let resolver = CoreResolver(local: needs.btf, kernel: kernel)
    var inModules = ModuleResolvers(needs.btf, modules)
    effects = zip(needs.questions, outcomes).map { question, outcome in
      // libbpf looks for a type in modules where the kernel itself has none of the name.
      let isElsewhere = !modules.isEmpty && !resolver.hasCandidates(for: question.relocation)
      let other = isElsewhere ? inModules.outcome(of: question.relocation) : nil
      return Effect(other ?? outcome, question) {
        other == nil
          ? resolver.alternative(to: question.relocation) : inModules.alternative(to: question.relocation)
      }
    }
    symbols = needs.symbols.map { symbol in
      let found = Symbol(symbol, needs.btf, kernel)
      guard found == .absent else { return found }
      return modules.lazy.map { Symbol(symbol, needs.btf, $0.types) }.first { $0 != .absent } ?? .absent
    }
    targets = needs.targets.map { target in
      if let module = target.module {
        guard !modules.isEmpty else { return .unknown }
        let name = KernelModule.name(module)
        return modules.first { $0.name == name }.map { Target(target, $0.types, age) } ?? .absent
      }
      let found = Target(target, kernel, age)
      guard found == .absent else { return found }
      return modules.lazy.map { Target(target, $0.types, age) }.first { $0 != .absent } ?? .absent
    }
    operations = needs.operations.map { operations in
      let found = Operations(operations, needs.btf, kernel)
      guard found == .absent else { return found }
      return modules.lazy.map { Operations(operations, needs.btf, $0.types) }.first { $0 != .absent } ?? .absent
    }
    traits = VerifierTraits(attachTypes: kernel.enumerators(of: VerifierTraits.witness))
  }
}

extension KernelNeeds {
  /// libbpf's result for each relocation.
  package func outcomes(_ kernel: KernelTypes) -> [CoreOutcome] {
    var resolver = CoreResolver(local: btf, kernel: kernel)
    return questions.map { resolver.resolve($0.relocation) }
  }
}

/// A kernel's version, as far as the name of its package or file contains it.
package struct KernelVersion: Hashable, Sendable, CustomStringConvertible {
  package let major: UInt64
  package let minor: UInt64

  package init(major: UInt64, minor: UInt64) {
    self.major = major
    self.minor = minor
  }

  /// The version that a name contains, as `5.4` is in `linux-image-5.4.0-42-generic`; `nil` if it has none or several.
  ///
  /// A release of a distribution, as in `ubuntu-22.04-5.10.0`, is not taken for it: a kernel's version has three parts, or
  /// is the only one.
  package init?(in name: String) {
    let found = KernelVersion.candidates(in: name)
    guard let first = found.first, found.allSatisfy({ $0 == first }) else { return nil }
    self = first
  }

  /// The versions that a name may mean, the same ones too.
  private static func candidates(in name: String) -> [KernelVersion] {
    var (short, long): ([KernelVersion], [KernelVersion]) = ([], [])
    for word in name.split(whereSeparator: { !$0.isASCII || !($0.isNumber || $0 == ".") }) {
      let parts = word.split(separator: ".")
      // No kernel has a minor version with a zero before it, as distributions' releases have.
      guard parts.count >= 2, parts[1] == "0" || parts[1].first != "0", let major = UInt64(parts[0]),
        let minor = UInt64(parts[1]), (2...9).contains(major), minor < 256
      else { continue }
      let version = KernelVersion(major: major, minor: minor)
      if parts.count > 2 { long.append(version) } else { short.append(version) }
    }
    return long.isEmpty ? short : long
  }

  /// Whether a name has numbers with a dot of which only some are this kernel's version.
  package static func isUnclear(in name: String) -> Bool {
    let words = name.split { !$0.isASCII || !($0.isNumber || $0 == ".") }.map { $0.split(separator: ".").prefix(2) }
    return Set(words.filter { $0.count == 2 }).count > 1
  }

  package var description: String { "\(major).\(minor)" }

  /// Distributions number the third part differently, so it may be anything.
  var numbers: ClosedRange<UInt64> {
    let first = major << 16 | minor << 8
    return first...first + 255
  }
}

// MARK: - Modules

/// A module of a kernel, with what is asked found among its own types.
package struct KernelModule: Sendable {
  /// As programs' sections spell it, with `_` for `-`.
  package let name: String
  let types: KernelTypes

  /// - Parameter name: that of its file, which may end in `.btf` or `.ko`.
  init(name: String, _ types: KernelTypes) {
    self.name = KernelModule.name(name)
    self.types = types
  }

  static func name(_ text: String) -> String {
    var name = text
    for end in [".btf", ".ko"] where name.hasSuffix(end) { name.removeLast(end.utf8.count) }
    return String(name.map { $0 == "-" ? "_" : $0 })
  }
}

/// What modules make of relocations that the kernel itself has no type for.
private struct ModuleResolvers {
  private var resolvers: [CoreResolver]

  init(_ local: BTFSpec, _ modules: [KernelModule]) {
    resolvers = modules.map { CoreResolver(local: local, kernel: $0.types) }
  }

  /// `nil` where no module has a type of the name.
  mutating func outcome(of relocation: CoreRelocation) -> CoreOutcome? {
    var found: CoreOutcome?
    for index in resolvers.indices where resolvers[index].hasCandidates(for: relocation) {
      let outcome = resolvers[index].resolve(relocation)
      // Types of the same name in two modules are candidates both: what one does not have counts for nothing.
      switch (found, outcome) {
      case (nil, _), (.absent?, _): found = outcome
      case (_, .absent), (.refused?, _): break
      case (.resolved?, _): if outcome != found { found = .refused(.ambiguous) }
      }
    }
    return found
  }

  func alternative(to relocation: CoreRelocation) -> CoreAlternative? {
    resolvers.first { $0.hasCandidates(for: relocation) }?.alternative(to: relocation)
  }
}

// MARK: - Relocations

extension KernelAnswers.Effect {
  /// libbpf's effect on the instruction. Source: `bpf_core_patch_insn`.
  fileprivate init(_ outcome: CoreOutcome, _ question: KernelNeeds.Question, instead: () -> CoreAlternative?) {
    switch outcome {
    case .absent: self = .invalid(.absent(instead: instead()))
    case .refused(let refusal): self = .refused(.relocation(refusal))
    case .resolved(let value): self = KernelAnswers.Effect(value, question)
    }
  }

  private init(_ value: CoreValue, _ question: KernelNeeds.Question) {
    let isKept = question.relocation.kind != .fieldOffset && question.relocation.kind != .targetTypeID
    func isExpected(_ number: UInt64) -> Bool { !value.isValidated || number == value.original }
    switch question.use {
    case .unknown: self = .refused(.instruction)
    case .immediate(let immediate):
      guard isExpected(UInt64(bitPattern: Int64(immediate))) else {
        self = .refused(.instruction)
        return
      }
      let number = Int64(Int32(truncatingIfNeeded: Int64(bitPattern: value.value)))
      self = isKept ? .constant(UInt64(bitPattern: number)) : .unknown
    case .wide(let number):
      self = isExpected(number) ? (isKept ? .constant(value.value) : .unknown) : .refused(.instruction)
    case .memory(let offset, let bytes):
      if !isExpected(UInt64(bitPattern: Int64(offset))) {
        self = .refused(.instruction)
      } else if value.value > UInt64(Int16.max) {
        self = .refused(.offset(value.value))
      } else if let sizes = value.sizes {
        if !sizes.isSafe {
          self = .invalid(.otherSize(bytes: sizes.original, inKernel: sizes.new))
        } else {
          self = bytes == sizes.original && [1, 2, 4, 8].contains(sizes.new) ? .unknown : .refused(.instruction)
        }
      } else {
        self = .unknown
      }
    }
  }
}

// MARK: - Symbols and targets

extension KernelAnswers.Symbol {
  /// Source: libbpf, `bpf_object__resolve_ksym_func_btf_id` and `bpf_object__resolve_ksym_var_btf_id`.
  fileprivate init(_ symbol: KernelSymbol, _ local: BTFSpec, _ kernel: KernelTypes) {
    let found: TypeID?
    switch symbol.kind {
    case .address, .setting:
      self = .unknown
      return
    case .function: found = kernel.functions[CoreMatcher.essential(symbol.name)]
    case .variable: found = kernel.variables[symbol.name]
    }
    guard let found else {
      self = .absent
      return
    }
    let type = kernel.btf.target(found)
    if !CoreResolver.areCompatible(symbol.type, local, type, kernel.btf) {
      self = .otherType(kernel.btf.spelling(of: type))
    } else if symbol.kind == .function {
      self = kernel.mayCall(found).map { $0 ? .present : .notCallable } ?? .unmarked
    } else {
      self = .present
    }
  }
}

extension KernelAnswers.Operations {
  /// Source: libbpf, `bpf_map__init_kern_struct_ops`. Members that are zero in the object may be missing.
  fileprivate init(_ operations: KernelNeeds.Operations, _ local: BTFSpec, _ kernel: KernelTypes) {
    let name = CoreMatcher.essential(local.name(operations.type))
    guard let type = kernel.structures[name], kernel.structures[KernelNeeds.valuePrefix + name] != nil else {
      self = .absent
      return
    }
    let btf = kernel.btf
    let members = Dictionary(
      (0..<btf.vlen(type)).map { index in
        let member = btf.member(type, index)
        return (btf.string(at: member.nameOffset), member.type)
      }
    ) { first, _ in first }
    var (absent, other): ([String], [String]) = ([], [])
    for index in 0..<local.vlen(operations.type) {
      let member = local.member(operations.type, index)
      let memberName = local.string(at: member.nameOffset)
      let isSet = operations.setMembers.contains(index)
      guard let theirs = members[memberName] else {
        if isSet { absent.append(memberName) }
        continue
      }
      let kinds = (
        local.kind(local.skippingModifiersAndTypedefs(member.type)), btf.kind(btf.skippingModifiersAndTypedefs(theirs))
      )
      if kinds.0 != kinds.1 || kinds.0 != .pointer && local.sizeBytes(member.type) != btf.sizeBytes(theirs) {
        other.append(memberName)
      }
    }
    self = absent.isEmpty && other.isEmpty ? .present : .wrongMembers(absent: absent, other: other)
  }
}
