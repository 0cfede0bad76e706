internal import BPF
internal import Files

/// Failures that are known, of an earlier check.
package struct KernelBaseline: Sendable {
  /// Why a file is not a baseline.
  package enum Fault: Error, Hashable, Sendable {
    case noReport
    /// A report in a format that this version does not read.
    case otherVersion
  }

  private struct Failure: Hashable {
    /// The number of the object in the baseline.
    let object: Int
    /// The number of the kernel in the baseline.
    let kernel: Int
    let program: String?
    let subject: String
    let problem: String
  }

  /// Each with its level: what was guarded, and is not any more, is new.
  private var failures: [Failure: KernelVerdict.Level] = [:]
  private let objects: KnownFiles
  private let kernels: KnownFiles

  /// - Parameter bytes: what `check-kernels --format json` wrote.
  package init(_ bytes: [UInt8]) throws(Fault) {
    guard let value = try? JSONReader.read(bytes), let version = value[KernelCheck.reportKey] else { throw .noReport }
    guard case .number(let number) = version.content, number == Double(KernelCheck.reportVersion) else {
      throw .otherVersion
    }
    let objects = value["objects"]?.list ?? []
    self.objects = KnownFiles(objects.map { ReportedFile(object: $0["object"]?.text ?? "") })
    let listed = (value["kernels"]?.list ?? []).map { kernel in
      ReportedFile(kernel: kernel["name"]?.text ?? "", path: kernel["btf"]?.text ?? "")
    }
    kernels = KnownFiles(listed)
    let numbers = Dictionary(listed.enumerated().map { ($1.name, $0) }) { first, _ in first }
    for (object, entry) in objects.enumerated() {
      for outcome in entry["outcomes"]?.list ?? [] {
        let kernels = (outcome["kernels"]?.list ?? []).compactMap { $0.text.flatMap { numbers[PathKey($0)] } }
        for finding in outcome["findings"]?.list ?? [] {
          let word = finding["outcome"]?.text
          guard let level = KernelVerdict.Level.allCases.first(where: { $0.word == word }) else { continue }
          for kernel in kernels {
            let failure = Failure(
              object: object, kernel: kernel, program: finding["program"]?.text,
              subject: finding["subject"]?.text ?? "", problem: finding["problem"]?.text ?? "")
            failures[failure] = max(level, failures[failure] ?? level)
          }
        }
      }
    }
  }

  /// The same check, which knows what of it is in the baseline.
  ///
  /// - Parameter distinct: how many components at the end of each object's path distinguish it from other objects that are
  ///   compared with the baseline.
  package func compared(with check: KernelCheck, distinct: [Int]? = nil) -> KernelCheck {
    let kernelNumbers = kernels.numbers(of: check.kernels.map { ReportedFile(kernel: $0.name, path: $0.path) })
    let files = check.objects.map { ReportedFile(object: $0.path) }
    let objectNumbers = objects.numbers(of: files, distinct: distinct)
    let objects = zip(check.objects, objectNumbers).map { object, number in
      var outcomes: [KernelCheck.Outcome.Key: [Int]] = [:]
      for outcome in object.outcomes {
        for kernel in outcome.kernels {
          let known = outcome.verdict.findings.filter { finding in
            guard let number, let kernel = kernelNumbers[kernel] else { return false }
            let failure = Failure(
              object: number, kernel: kernel, program: finding.program, subject: finding.subject,
              problem: finding.problem.text)
            return failures[failure].map { $0 >= finding.level } ?? false
          }
          let key = KernelCheck.Outcome.Key(verdict: outcome.verdict, known: known)
          outcomes[key, default: []].append(kernel)
        }
      }
      return KernelCheck.Object(
        path: object.path, id: object.id, unanswered: object.unanswered, outcomes: outcomes,
        asksVersion: object.asksVersion)
    }
    return KernelCheck(
      kernels: check.kernels, unread: check.unread, objects: objects, unreadObjects: check.unreadObjects,
      hasBaseline: true)
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
