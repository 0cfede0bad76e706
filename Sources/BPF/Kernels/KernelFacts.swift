internal import BTF

/// What the verifier of one kernel knows about an object's instructions.
struct KernelFacts {
  /// By instruction; `nil` for those without a relocation.
  let effects: [KernelAnswers.Effect?]
  let traits: VerifierTraits
  /// The index of `LINUX_KERNEL_VERSION` among the object's constants, if its value is at least partly known.
  let versionConstant: Int?
  private let version: ClosedRange<UInt64>?
  private let addresses: [AbstractValue]

  init(_ code: ProgramCode, _ sites: [CheckedObject.Site], _ answers: KernelAnswers) {
    var effects = [KernelAnswers.Effect?](repeating: nil, count: code.instructions.count)
    for site in sites { effects[site.instruction] = answers.effects[site.question] }
    self.effects = effects
    traits = answers.traits
    version = answers.version
    versionConstant = answers.version == nil ? nil : code.constants.firstIndex(of: CheckedObject.versionName)
    addresses = zip(code.symbols, answers.symbols).enumerated().map { index, pair in
      let (symbol, answer) = pair
      switch answer {
      case .absent: return symbol.isWeak ? .absentSymbol(index) : .unknown
      case .unknown:
        return code.constants.firstIndex(of: symbol.name).map { .loaded($0) } ?? .unknown
      case .present, .unmarked, .notCallable: return .memory
      case .otherType: return .unknown
      }
    }
  }

  /// The result of loading a kernel symbol's address.
  func address(of symbol: Int) -> AbstractValue { addresses[symbol] }

  /// The value of a constant variable, for a verifier that reads it.
  func value(of constant: Int) -> AbstractValue {
    if constant == versionConstant, let version { return .number(version.lowerBound, version.upperBound) }
    return .loaded(constant)
  }
}
