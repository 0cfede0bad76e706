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
    /// Each with the kernels of that outcome, by their numbers; the gravest first.
    package let outcomes: [(verdict: KernelVerdict, kernels: [Int])]

    /// - Parameter outcomes: in any order, the kernels of each in their own.
    package init(path: String, id: Fingerprint, unanswered: [String], outcomes: [KernelVerdict: [Int]]) {
      self.path = path
      self.id = id
      self.unanswered = unanswered
      self.outcomes = outcomes.map { (verdict: $0.key, kernels: $0.value) }.sorted {
        $0.verdict.level != $1.verdict.level ? $0.verdict.level > $1.verdict.level : $0.kernels[0] < $1.kernels[0]
      }
    }

    /// - Parameter kernels: what each of them answers, in their order.
    package init(path: String, _ object: CheckedObject, kernels: [KernelAnswers]) {
      var known: [KernelAnswers: KernelVerdict] = [:]
      var outcomes: [KernelVerdict: [Int]] = [:]
      for (number, answers) in kernels.enumerated() {
        // Kernels of the same answers share a verdict.
        let verdict = known[answers] ?? object.verdict(answers)
        known[answers] = verdict
        outcomes[verdict, default: []].append(number)
      }
      self.init(path: path, id: object.needs.id, unanswered: object.unanswered(kernels), outcomes: outcomes)
    }

    /// The gravest of all outcomes.
    package var worst: KernelVerdict.Level { outcomes.map(\.verdict.level).max() ?? .ok }
  }

  /// Those that were read.
  package let kernels: [KernelFile]
  package let objects: [Object]

  package init(kernels: [KernelFile], objects: [Object]) {
    self.kernels = kernels
    self.objects = objects
  }

  /// The gravest of all outcomes.
  package var worst: KernelVerdict.Level { objects.map(\.worst).max() ?? .ok }

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
  package var description: String {
    var text = file.map { "\($0)\(line.map { ":\($0)" } ?? ""): " } ?? ""
    if let program { text += "\(program): " }
    text += "\(subject): \(problem.text)"
    if let instead = problem.instead { text += "; \(instead)" }
    switch level {
    case .guarded: text += " (not reached)"
    case .possible: text += variable.map { " (if '\($0)' lets the program reach it)" } ?? ""
    case .ok, .fails: break
    }
    return text
  }
}
