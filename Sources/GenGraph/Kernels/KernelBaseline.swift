internal import BPF

/// Failures that are known, of an earlier check.
package struct KernelBaseline: Sendable {
  private struct Failure: Hashable {
    /// The last part of its path: a report is made in another folder than a build tool checks in.
    let object: String
    let kernel: String
    let program: String?
    let subject: String
    let problem: String
  }

  /// Each with its level: what was guarded, and is not any more, is new.
  private var failures: [Failure: KernelVerdict.Level] = [:]

  /// - Parameter bytes: what `check-kernels --format json` wrote.
  /// - Returns: `nil` for anything else.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONReader.read(bytes), value["bpfgen_check_kernels"] != nil else { return nil }
    for object in value["objects"]?.list ?? [] {
      for outcome in object["outcomes"]?.list ?? [] {
        let kernels = (outcome["kernels"]?.list ?? []).compactMap(\.text)
        for finding in outcome["findings"]?.list ?? [] {
          let word = finding["outcome"]?.text
          guard let level = KernelVerdict.Level.allCases.first(where: { $0.word == word }) else { continue }
          for kernel in kernels {
            let failure = Failure(
              object: Paths.name(of: object["object"]?.text ?? ""), kernel: kernel, program: finding["program"]?.text,
              subject: finding["subject"]?.text ?? "", problem: finding["problem"]?.text ?? "")
            failures[failure] = max(level, failures[failure] ?? level)
          }
        }
      }
    }
  }

  /// The check without the failures that are known; what is guarded stays.
  package func news(of check: KernelCheck) -> KernelCheck {
    let objects = check.objects.map { object in
      var outcomes: [KernelVerdict: [Int]] = [:]
      for (verdict, kernels) in object.outcomes {
        for kernel in kernels {
          let findings = verdict.findings.filter { finding in
            let failure = Failure(
              object: Paths.name(of: object.path), kernel: check.kernels[kernel].name, program: finding.program,
              subject: finding.subject, problem: finding.problem.text)
            return finding.level < .possible || finding.level > failures[failure] ?? .ok
          }
          outcomes[KernelVerdict(findings: findings), default: []].append(kernel)
        }
      }
      for verdict in outcomes.keys { outcomes[verdict]?.sort() }
      return KernelCheck.Object(path: object.path, id: object.id, unanswered: object.unanswered, outcomes: outcomes)
    }
    return KernelCheck(kernels: check.kernels, objects: objects)
  }
}

extension JSONValue {
  fileprivate subscript(key: String) -> JSONValue? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key.text == key }?.value
  }

  fileprivate var list: [JSONValue]? {
    if case .array(let values) = content { values } else { nil }
  }

  fileprivate var text: String? {
    if case .string(let text) = content { text } else { nil }
  }
}
