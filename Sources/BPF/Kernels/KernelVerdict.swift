internal import BTF
internal import Bytes

/// Whether a kernel loads an object, as far as its BTF shows it.
package struct KernelVerdict: Hashable, Sendable {
  package enum Level: Int, Comparable, CaseIterable, Sendable {
    case ok
    /// Something is missing, but no program reaches its use on this kernel.
    case guarded
    /// It depends on a variable that is set when the object is loaded, or on what the kernel's verifier knows.
    case possible
    case fails

    package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// A need of the object that the kernel does not fulfill.
  package struct Finding: Hashable, Sendable {
    package let level: Level
    /// The program with the need; `nil` for a need of the whole object.
    package let program: String?
    package let file: String?
    package let line: UInt32?
    /// The needed entity, as C spells it.
    package let subject: String
    package let problem: Problem
    /// The variable that decides whether the program reaches the use; `nil` if it depends on what the verifier knows.
    package let variable: String?
  }

  /// The kind of need.
  package enum Asked: Hashable, Sendable {
    case field, type, enumerator
  }

  package enum Problem: Hashable, Sendable {
    case relocation(Asked, KernelAnswers.Absence)
    case refused(KernelAnswers.Refusal)
    /// A symbol that is missing or different.
    case symbol(KernelSymbol.Kind, KernelAnswers.Symbol)
    /// The address of a weak symbol that the kernel does not have is used.
    case nullSymbol
    case target(AttachKind, KernelAnswers.Target)
    /// An argument, counted from 1, that the kernel's function does not have.
    case argument(Int, of: Int)
    /// An argument or a result, of the type given in C, that the verifier does not let programs read.
    case unreadable(ArgumentSlot)
    /// One that is not a pointer to a struct, and whose members are read.
    case followed(ArgumentSlot)
    case operations(KernelAnswers.Operations)
    /// The kernel has the other byte order.
    case byteOrder
  }

  /// The most severe ones first; those of one program in the order of source lines.
  package let findings: [Finding]

  package init(findings: [Finding]) { self.findings = findings }

  package var level: Level { findings.map(\.level).max() ?? .ok }
}

// MARK: Suggestions

extension KernelVerdict {
  /// The same for kernels that differ only in what they have instead.
  package var withoutSuggestions: KernelVerdict {
    KernelVerdict(findings: findings.map(\.withoutSuggestion))
  }

  /// With the suggestions that two verdicts have in common, which are otherwise the same.
  package func keepingSuggestions(of other: KernelVerdict) -> KernelVerdict {
    KernelVerdict(
      findings: zip(findings, other.findings).map { left, right in
        left.problem == right.problem
          ? left : left.suggesting(left.problem.suggestion?.common(right.problem.suggestion))
      })
  }
}

extension KernelVerdict.Problem {
  /// What the kernel has instead, if it has the type.
  fileprivate var suggestion: CoreAlternative? {
    guard case .relocation(_, .absent(let instead?)) = self, instead != .noType else { return nil }
    return instead
  }
}

extension KernelVerdict.Finding {
  /// The same without what the kernel has instead.
  package var withoutSuggestion: KernelVerdict.Finding { suggesting(nil) }

  fileprivate func suggesting(_ instead: CoreAlternative?) -> KernelVerdict.Finding {
    guard case .relocation(let asked, .absent(let known)) = problem, known != .noType else { return self }
    return KernelVerdict.Finding(
      level: level, program: program, file: file, line: line, subject: subject,
      problem: .relocation(asked, .absent(instead: instead)), variable: variable)
  }
}

extension CoreAlternative {
  fileprivate func common(_ other: CoreAlternative?) -> CoreAlternative? {
    if self == other { return self }
    guard case .renamed(let ours) = self, case .renamed(let theirs)? = other else { return nil }
    let both = ours.filter(theirs.contains)
    return both.isEmpty ? nil : .renamed(to: both)
  }
}

extension KernelVerdict.Asked {
  fileprivate init(_ kind: CoreRelocation.Kind) {
    switch kind {
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift: self = .field
    case .localTypeID, .targetTypeID, .typeExists, .typeSize, .typeMatches: self = .type
    case .enumeratorExists, .enumeratorValue: self = .enumerator
    }
  }
}

extension CheckedObject {
  /// Whether a kernel with these answers loads the object. O(instructions) for each program.
  package func verdict(_ answers: KernelAnswers) -> KernelVerdict {
    var builder = VerdictBuilder(self, answers)
    return builder.build()
  }

  /// What no BTF answers, and what the verdict says nothing of.
  ///
  /// - Parameter kernels: what kernels answer: those of which modules are known answer for targets in modules.
  package func unanswered(_ kernels: [KernelAnswers]) -> [String] {
    code.symbols.filter { !$0.isWeak && $0.kind == .address }.map(\.name)
      // libbpf provides the others, which are not of the kernel's configuration.
      + code.symbols.filter { !$0.isWeak && $0.kind == .setting && $0.name.hasPrefix("CONFIG_") }
      .map { "\($0.name) (whether the kernel's configuration has it)" }
      + (needs.asksVersion && kernels.contains { $0.version == nil }
        ? ["\(Self.versionName) (of kernels whose names have no version, or several)"] : [])
      + code.symbols.indices.filter { index in kernels.contains { $0.symbols[index] == .unmarked } }
      .map { "\(code.symbols[$0].name) (whether programs may call it)" }
      + needs.targets.enumerated().compactMap { index, target in
        guard let module = target.module, kernels.contains(where: { $0.targets[index] == .unknown }) else { return nil }
        return "\(module):\(target.name)"
      }
  }
}

private struct VerdictBuilder {
  private typealias Finding = KernelVerdict.Finding

  private let object: CheckedObject
  private let answers: KernelAnswers
  private let code: ProgramCode
  private let btf: BTFSpec
  private var findings: Set<KernelVerdict.Finding> = []

  init(_ object: CheckedObject, _ answers: KernelAnswers) {
    self.object = object
    self.answers = answers
    code = object.code
    btf = object.needs.btf
  }

  mutating func build() -> KernelVerdict {
    // Further findings would be about another machine.
    guard answers.isOneByteOrder else {
      add(.fails, nil, nil, "byte order", .byteOrder)
      return KernelVerdict(findings: Array(findings))
    }
    addRefusals()
    addSymbols()
    for (operations, answer) in zip(object.needs.operations, answers.operations) where answer != .present {
      add(.fails, nil, nil, btf.keywordAndName(operations.type), .operations(answer))
    }
    let facts = KernelFacts(code, object.sites, answers)
    let suspects = Suspects(object, answers)
    for (index, function) in code.functions.enumerated() where function.isLoaded {
      addProgram(index, facts, suspects)
    }
    return KernelVerdict(
      findings: findings.sorted {
        if $0.level != $1.level { return $0.level > $1.level }
        let (left, right) = (
          ($0.program ?? "", $0.file ?? "", $0.line ?? 0, $0.subject),
          ($1.program ?? "", $1.file ?? "", $1.line ?? 0, $1.subject)
        )
        return left != right ? left < right : "\($0.suggesting(nil))" < "\($1.suggesting(nil))"
      })
  }

  private mutating func add(
    _ level: KernelVerdict.Level, _ program: Int?, _ instruction: Int?, _ subject: String,
    _ problem: KernelVerdict.Problem, variable: String? = nil
  ) {
    let line = instruction.flatMap { code.line(of: $0) }
    findings.insert(
      Finding(
        level: level, program: program.map { code.functions[$0].name },
        file: line.map { btf.string(at: $0.file) }, line: line?.number, subject: subject, problem: problem,
        variable: variable))
  }

  /// Adds the reasons for which libbpf refuses the object, whether or not a program reaches them.
  private mutating func addRefusals() {
    for site in object.sites {
      guard case .refused(let refusal) = answers.effects[site.question] else { continue }
      let relocation = object.needs.questions[site.question].relocation
      add(
        .fails, code.function(at: site.instruction), site.instruction, relocation.spelling(in: btf), .refused(refusal))
    }
  }

  private mutating func addSymbols() {
    for (symbol, answer) in zip(object.needs.symbols, answers.symbols) {
      switch answer {
      case .present, .unmarked, .unknown: break
      case .absent:
        if !symbol.isWeak { add(.fails, nil, nil, symbol.name, .symbol(symbol.kind, answer)) }
      // Newer versions of libbpf treat a weak function with another type as missing.
      case .otherType: add(.fails, nil, nil, symbol.name, .symbol(symbol.kind, answer))
      case .notCallable: break
      }
    }
  }

  private mutating func addProgram(_ program: Int, _ facts: KernelFacts, _ suspects: Suspects) {
    let target = object.targets.first { $0.function == program }.map {
      (object.needs.targets[$0.target], answers.targets[$0.target])
    }
    if let (target, answer) = target {
      switch answer {
      case .present, .unknown: break
      case .absent, .unsupported: add(.fails, program, nil, target.symbol, .target(target.kind, answer))
      }
    }
    let closure = Set(code.closure(of: program))
    let relocations = suspects.relocations.filter { closure.contains($0.function) }
    let calls = suspects.calls.filter { closure.contains($0.function) }
    var slots: [ArgumentSlot]?
    if case .present(let found)? = target?.1 { slots = found }
    // Nothing depends on the paths through the code.
    guard !relocations.isEmpty || !calls.isEmpty || suspects.hasAbsentSymbols || slots != nil else { return }

    let numbers = (slots ?? []).indices.filter { slots?[$0].access == .number }
    let reached = Reachability(code, facts, program: program, numbers: Set(numbers))
    let levels = reached.levels
    for suspect in relocations {
      guard case .invalid(let absence) = answers.effects[suspect.number] else { continue }
      let relocation = object.needs.questions[suspect.number].relocation
      add(
        levels[suspect.instruction], program, suspect.instruction, relocation.spelling(in: btf),
        .relocation(KernelVerdict.Asked(relocation.kind), absence))
    }
    for suspect in calls {
      let symbol = code.symbols[suspect.number]
      add(
        levels[suspect.instruction], program, suspect.instruction, symbol.name,
        .symbol(symbol.kind, answers.symbols[suspect.number]))
    }
    for (use, level) in reached.nullUses {
      add(
        level, program, use.instruction, code.symbols[use.symbol].name, .nullSymbol)
    }
    guard let slots, let target = target?.0 else { return }
    for (read, level) in reached.contextReads {
      let problem: KernelVerdict.Problem
      if read.offset < 0 || read.offset >= 8 * slots.count {
        problem = .argument(read.offset / 8 + 1, of: slots.count)
      } else if slots[read.offset / 8].access == .none {
        problem = .unreadable(slots[read.offset / 8])
      } else {
        continue
      }
      add(level, program, read.instruction, target.symbol, problem)
    }
    for (use, level) in reached.argumentUses
    where slots.indices.contains(use.slot) && slots[use.slot].access == .number {
      add(
        level, program, use.instruction, target.symbol, .followed(slots[use.slot]))
    }
  }

  private mutating func add(
    _ reached: Reachability.Level, _ program: Int, _ instruction: Int, _ subject: String,
    _ problem: KernelVerdict.Problem
  ) {
    switch reached {
    case .never: add(KernelVerdict.Level.guarded, program, instruction, subject, problem)
    case .always: add(KernelVerdict.Level.fails, program, instruction, subject, problem)
    case .possible(let variable):
      add(.possible, program, instruction, subject, problem, variable: variable.map { code.constants[$0] })
    }
  }
}

/// The instructions that the verifier refuses if it reaches them.
private struct Suspects {
  struct Suspect {
    let instruction: Int
    let function: Int
    /// The index of a question or of a symbol.
    let number: Int
  }

  private(set) var relocations: [Suspect] = []
  private(set) var calls: [Suspect] = []
  let hasAbsentSymbols: Bool

  init(_ object: CheckedObject, _ answers: KernelAnswers) {
    let code = object.code
    for site in object.sites {
      guard case .invalid = answers.effects[site.question], let function = code.function(at: site.instruction) else {
        continue
      }
      relocations.append(Suspect(instruction: site.instruction, function: function, number: site.question))
    }
    var hasAbsent = false
    for (symbol, answer) in zip(code.symbols, answers.symbols) where symbol.isWeak {
      if answer == .absent { hasAbsent = true }
    }
    hasAbsentSymbols = hasAbsent
    for (instruction, reference) in code.references {
      guard case .symbol(let number) = reference, code.instructions[instruction].isCall,
        let function = code.function(at: instruction)
      else { continue }
      switch answers.symbols[number] {
      case .present, .unmarked, .unknown, .otherType: continue
      case .absent, .notCallable:
        // libbpf refuses the object for a missing strong symbol.
        guard code.symbols[number].isWeak || answers.symbols[number] == .notCallable else { continue }
        calls.append(Suspect(instruction: instruction, function: function, number: number))
      }
    }
  }
}
