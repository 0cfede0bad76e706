internal import BPF
internal import BTF
internal import Bytes
internal import GenGraph

/// The results of checking objects against kernels, for users and programs.
enum KernelReport {
  // MARK: Text

  /// The outcomes of each object, the most severe first: ranges of kernels, and what they lack.
  static func text(_ check: KernelCheck) -> String {
    check.objects.map { object in
      var text = Diagnostic.printable("\(object.path): \(summary(object, of: check.kernels.count))") + "\n"
      for (verdict, kernels) in object.outcomes {
        text += "\n  \(verdict.level.text) on " + wrapped(check.ranges(kernels), margin: 4) + "\n"
        for finding in verdict.findings { text += Diagnostic.printable("    " + finding.description) + "\n" }
      }
      if !object.unanswered.isEmpty {
        text += "\n  not checked, BTF does not have it: " + wrapped(object.unanswered, margin: 4) + "\n"
      }
      return text
    }.joined(separator: "\n")
  }

  private static func summary(_ object: KernelCheck.Object, of total: Int) -> String {
    let counts = KernelVerdict.Level.allCases.map { level in
      (level, object.outcomes.filter { $0.verdict.level == level }.reduce(0) { $0 + $1.kernels.count })
    }
    let parts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.text)" }
    return "\(total) \(total == 1 ? "kernel" : "kernels"): " + parts.joined(separator: ", ")
  }

  private static func wrapped(_ words: [String], margin: Int) -> String {
    var (text, width) = ("", 12)
    for (index, word) in words.enumerated() {
      let word = Diagnostic.printable(word) + (index + 1 < words.count ? "," : "")
      if width + word.utf8.count > 100, width > 12 {
        text += "\n" + String(repeating: " ", count: margin)
        width = margin
      } else if index > 0 {
        text += " "
      }
      text += word
      width += word.utf8.count + 1
    }
    return text
  }

  // MARK: SARIF

  /// One result for each need of an object that some kernels do not fulfill. Source: SARIF 2.1.0 of OASIS.
  static func sarif(_ check: KernelCheck) -> String {
    var results: [JSONStyle.Value] = []
    for object in check.objects {
      var kernels: [KernelVerdict.Finding: [Int]] = [:]
      for (verdict, numbers) in object.outcomes {
        for finding in verdict.findings { kernels[finding, default: []] += numbers }
      }
      let sorted = kernels.sorted { left, right in
        left.key.level != right.key.level
          ? left.key.level > right.key.level : left.key.description < right.key.description
      }
      for (finding, numbers) in sorted { results.append(result(finding, object, numbers.sorted(), check)) }
    }
    let driver: [(String, JSONStyle.Value)] = [
      ("name", .text("bpfgen check-kernels")), ("semanticVersion", .text(Version.number)),
      (
        "rules",
        .list(
          KernelVerdict.Problem.rules.map { rule in
            .object([("id", .text(rule.id)), ("shortDescription", .object([("text", .text(rule.text))]))])
          })
      ),
    ]
    return JSONStyle.lines.text([
      ("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .text("2.1.0")),
      (
        "runs",
        .list([
          .object([
            ("tool", .object([("driver", .object(driver))])), ("columnKind", .text("utf16CodeUnits")),
            ("results", .list(results)),
          ])
        ])
      ),
    ])
  }

  private static func result(
    _ finding: KernelVerdict.Finding, _ object: KernelCheck.Object, _ numbers: [Int], _ check: KernelCheck
  ) -> JSONStyle.Value {
    var message = "\(finding.program.map { "\($0): " } ?? "")\(finding.subject): \(finding.problem.text)"
    if let instead = finding.problem.instead { message += "; \(instead)" }
    message += ". On " + check.ranges(numbers).joined(separator: ", ")
    if let variable = finding.variable { message += ", depending on '\(variable)'" }
    let level =
      switch finding.level {
      case .fails: "error"
      case .possible: "warning"
      case .ok, .guarded: "note"
      }
    var location: [(String, JSONStyle.Value)] = [
      ("artifactLocation", .object([("uri", .text(uri(finding.file ?? object.path)))]))
    ]
    if let line = finding.line, line > 0 {
      location.append(("region", .object([("startLine", .number("\(line)"))])))
    }
    return .object([
      ("ruleId", .text(finding.problem.rule)), ("level", .text(level)),
      ("message", .object([("text", .text(message))])),
      ("locations", .list([.object([("physicalLocation", .object(location))])])),
      (
        "properties",
        .object([
          ("object", .text(object.path)), ("outcome", .text(finding.level.word)),
          ("kernels", .list(numbers.map { .text(check.kernels[$0].name) })),
        ])
      ),
    ])
  }

  /// A path as an RFC 3986 reference; absolute paths get a scheme.
  private static func uri(_ path: String) -> String {
    let plain = Set("/-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    let escaped = path.utf8.map { byte in
      plain.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
    return path.hasPrefix("/") ? "file://" + escaped : escaped
  }
}
