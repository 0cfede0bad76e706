package import BPF
package import Bytes

/// What a check of some objects against some kernels found.
package struct KernelCheck: Sendable {
  package struct Object: Sendable {
    package let path: String
    /// What it asks of kernels.
    package let id: Fingerprint
    /// What no BTF answers.
    package let unanswered: [String]
    /// The gravest first, and of these what the baseline does not have. Kernels that could not be read have none.
    package let outcomes: [Outcome]
    /// Whether the outcomes depend on the kernels' versions.
    package let asksVersion: Bool

    /// - Parameter outcomes: in any order, the kernels of each in their own.
    init(
      path: String, id: Fingerprint, unanswered: [String], outcomes: [Outcome.Key: [Int]], asksVersion: Bool
    ) {
      self.path = path
      self.asksVersion = asksVersion
      self.id = id
      self.unanswered = unanswered
      // Kernels that lack the same are one group, even if they have different things instead.
      var groups: [Outcome.Key: (verdict: KernelVerdict, kernels: [Int])] = [:]
      // In the order of the kernels: what suggestions have in common is in that of the first.
      for (key, kernels) in outcomes.sorted(by: { $0.value[0] < $1.value[0] }) {
        let group = groups[key.withoutSuggestions]
        groups[key.withoutSuggestions] = (
          group?.verdict.keepingSuggestions(of: key.verdict) ?? key.verdict, (group?.kernels ?? []) + kernels
        )
      }
      self.outcomes = groups.map { key, group in
        Outcome(Outcome.Key(verdict: group.verdict, known: key.known), kernels: group.kernels.sorted())
      }.sorted { left, right in
        if left.verdict.level != right.verdict.level { return left.verdict.level > right.verdict.level }
        return left.isKnown != right.isKnown ? right.isKnown : left.kernels[0] < right.kernels[0]
      }
    }

    /// - Parameter kernels: what each of them answers, in their order; `nil` for those that could not be read.
    package init(path: String, _ object: CheckedObject, kernels: [KernelAnswers?]) {
      var known: [KernelAnswers: KernelVerdict] = [:]
      var outcomes: [Outcome.Key: [Int]] = [:]
      for (number, answers) in kernels.enumerated() {
        guard let answers else { continue }
        // Kernels of the same answers share a verdict.
        let verdict = known[answers] ?? object.verdict(answers)
        known[answers] = verdict
        outcomes[Outcome.Key(verdict: verdict, known: []), default: []].append(number)
      }
      self.init(
        path: path, id: object.needs.id, unanswered: object.unanswered(kernels.compactMap(\.self)), outcomes: outcomes,
        asksVersion: object.needs.asksVersion)
    }

    /// The gravest of all findings that the baseline does not have.
    package var worstNew: KernelVerdict.Level { outcomes.map(\.newLevel).max() ?? .ok }
  }

  /// What some kernels have in common.
  package struct Outcome: Hashable, Sendable {
    struct Key: Hashable {
      let verdict: KernelVerdict
      /// The findings that the baseline has, without suggestions.
      let known: Set<KernelVerdict.Finding>

      init(verdict: KernelVerdict, known: some Sequence<KernelVerdict.Finding>) {
        self.verdict = verdict
        self.known = Set(known.map(\.withoutSuggestion))
      }

      var withoutSuggestions: Key { Key(verdict: verdict.withoutSuggestions, known: known) }
    }

    package let verdict: KernelVerdict
    /// By their numbers.
    package let kernels: [Int]
    /// The findings that the baseline has, without suggestions.
    private let known: Set<KernelVerdict.Finding>

    init(_ key: Key, kernels: [Int]) {
      verdict = key.verdict
      known = key.known
      self.kernels = kernels
    }

    /// Whether the baseline has a finding of this outcome, and has it as grave.
    package func isKnown(_ finding: KernelVerdict.Finding) -> Bool { known.contains(finding.withoutSuggestion) }

    /// Whether the kernels fail, or may fail, for nothing that the baseline does not have.
    package var isKnown: Bool { verdict.level >= .possible && newLevel < .possible }

    /// The gravest of the findings that the baseline does not have.
    package var newLevel: KernelVerdict.Level {
      verdict.findings.lazy.filter { !isKnown($0) }.map(\.level).max() ?? .ok
    }
  }

  /// All of them, in the order of their versions.
  package let kernels: [KernelFile]
  /// The numbers of the kernels that could not be read: no object was checked against them.
  package let unread: [Int]
  package let objects: [Object]
  /// The paths of objects that could not be read, and so are not in `objects`.
  package let unreadObjects: [String]
  /// Whether the findings were compared with a baseline.
  package let hasBaseline: Bool

  package init(
    kernels: [KernelFile], unread: [Int], objects: [Object], unreadObjects: [String] = [], hasBaseline: Bool = false
  ) {
    self.kernels = kernels
    self.unread = unread
    self.objects = objects
    self.unreadObjects = unreadObjects
    self.hasBaseline = hasBaseline
  }

  /// The check of some of the objects.
  package func ofObjects(where isIncluded: (Object) -> Bool) -> KernelCheck {
    KernelCheck(
      kernels: kernels, unread: unread, objects: objects.filter(isIncluded), unreadObjects: unreadObjects,
      hasBaseline: hasBaseline)
  }

  /// The gravest of all findings that the baseline does not have.
  package var worstNew: KernelVerdict.Level { objects.map(\.worstNew).max() ?? .ok }

  /// The names of the kernels that could not be read. They are not in ranges: some are paths that do not exist.
  package var unreadNames: [String] { unread.map { kernels[$0].name } }

  /// The kernels whose names have more numbers than the version that was taken, with that.
  package var guessedVersions: [String] {
    kernels.compactMap { kernel in
      guard let version = kernel.version, KernelVersion.isUnclear(in: kernel.name) else { return nil }
      return "\(version) for \(kernel.name)"
    }
  }

  /// The kernels that follow one another as one range each.
  package func ranges(_ numbers: [Int]) -> [String] {
    var (ranges, start): ([String], Int) = ([], 0)
    for end in numbers.indices {
      if end + 1 < numbers.count, numbers[end + 1] == numbers[end] + 1 { continue }
      let (first, last) = (kernels[numbers[start]].name, kernels[numbers[end]].name)
      ranges.append(start == end ? first : "\(first) to \(last) (\(end - start + 1) kernels)")
      start = end + 1
    }
    return ranges
  }
}

extension KernelVerdict.Finding {
  /// `app.bpf.c:41: on_exec: task_struct.state: no such field; the kernel has task_struct.__state`.
  ///
  /// Compilers record absolute paths; those below the working directory are shown relative to it.
  package var description: String {
    let file = file.map { Paths.relative($0, to: "") ?? $0 }
    var text = file.map { "\($0)\(line.map { ":\($0)" } ?? ""): " } ?? ""
    if let program { text += "\(program): " }
    text += "\(subject): \(problem.text)"
    if let instead = problem.instead { text += "; \(instead)" }
    switch level {
    case .guarded: text += " (not reached)"
    case .possible:
      text += variable.map { " (if '\($0)' lets the program reach it)" } ?? " (if the verifier reaches it)"
    case .ok, .fails: break
    }
    return text
  }
}
