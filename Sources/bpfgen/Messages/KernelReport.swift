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
      var text = Diagnostic.printable("\(object.path): \(summary(object, check))") + "\n"
      for outcome in object.outcomes {
        let level = outcome.verdict.level.text + (outcome.isKnown ? ", as in the baseline," : "")
        text += "\n  \(level) on " + wrapped(check.ranges(outcome.kernels), margin: 4) + "\n"
        for finding in outcome.verdict.findings {
          let isMarked = !outcome.isKnown && finding.level >= .possible && outcome.isKnown(finding)
          let known = isMarked ? " (in the baseline)" : ""
          text += Diagnostic.printable("    " + finding.description + known) + "\n"
        }
      }
      if !check.unread.isEmpty {
        text += "\n  not checked, their BTF cannot be read: " + wrapped(check.unreadNames, margin: 4) + "\n"
      }
      if !object.unanswered.isEmpty {
        text += "\n  not checked, BTF does not have it: " + wrapped(object.unanswered, margin: 4) + "\n"
      }
      if object.asksVersion, !check.guessedVersions.isEmpty {
        text += "\n  versions taken from names: " + wrapped(check.guessedVersions, margin: 4) + "\n"
      }
      return text
    }.joined(separator: "\n")
  }

  /// `4 kernels: 1 ok, 2 fails (1 in the baseline), 1 not checked`.
  private static func summary(_ object: KernelCheck.Object, _ check: KernelCheck) -> String {
    var parts: [String] = []
    for level in KernelVerdict.Level.allCases {
      let outcomes = object.outcomes.filter { $0.verdict.level == level }
      let count = outcomes.reduce(0) { $0 + $1.kernels.count }
      let known = outcomes.filter(\.isKnown).reduce(0) { $0 + $1.kernels.count }
      guard count > 0 else { continue }
      parts.append("\(count) \(level.text)")
      if known > 0 { parts[parts.count - 1] += " (\(known == count ? "all" : "\(known)") in the baseline)" }
    }
    if !check.unread.isEmpty { parts.append("\(check.unread.count) not checked") }
    let total = check.kernels.count
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

  /// One result for each need of an object that some kernels do not fulfill, and two if the baseline has it of some of these
  /// kernels. Kernels and objects that could not be read are notifications. Source: SARIF 2.1.0 of OASIS.
  ///
  /// - Parameter objectFailures: what is wrong with objects that could not be read.
  static func sarif(_ check: KernelCheck, objectFailures: [Diagnostic]) -> String {
    struct Key: Hashable {
      let finding: KernelVerdict.Finding
      let isKnown: Bool
    }
    var results: [JSONStyle.Value] = []
    for object in check.objects {
      var kernels: [Key: [Int]] = [:]
      for outcome in object.outcomes {
        for finding in outcome.verdict.findings {
          kernels[Key(finding: finding, isKnown: outcome.isKnown(finding)), default: []] += outcome.kernels
        }
      }
      let sorted = kernels.sorted { left, right in
        let (first, second) = (left.key.finding, right.key.finding)
        if first.level != second.level { return first.level > second.level }
        if first.description != second.description { return first.description < second.description }
        return !left.key.isKnown && right.key.isKnown
      }
      for (key, numbers) in sorted {
        results.append(result(key.finding, isKnown: key.isKnown, object, numbers.sorted(), check))
      }
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
    var run: [(String, JSONStyle.Value)] = [
      ("tool", .object([("driver", .object(driver))])), ("columnKind", .text("utf16CodeUnits")),
      ("results", .list(results)),
    ]
    let notifications = objectFailures.map(notification) + check.unread.map { notification(check.kernels[$0]) }
    if !notifications.isEmpty {
      let invocation: [(String, JSONStyle.Value)] = [
        ("executionSuccessful", .flag(false)), ("toolExecutionNotifications", .list(notifications)),
      ]
      run.append(("invocations", .list([.object(invocation)])))
    }
    return JSONStyle.lines.text([
      ("$schema", .text("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .text("2.1.0")),
      ("runs", .list([.object(run)])),
    ])
  }

  /// A kernel that could not be read.
  private static func notification(_ kernel: KernelFile) -> JSONStyle.Value {
    let message = "No object was checked against kernel \(kernel.name): its BTF cannot be read"
    return notification(message, path: kernel.path)
  }

  /// An object that could not be read.
  private static func notification(_ failure: Diagnostic) -> JSONStyle.Value {
    let path = failure.path.map { "\($0): " } ?? ""
    return notification("\(path)\(failure.what). The object was not checked", path: failure.path)
  }

  private static func notification(_ message: String, path: String?) -> JSONStyle.Value {
    var fields: [(String, JSONStyle.Value)] = [
      ("level", .text("error")), ("message", .object([("text", .text(message))])),
    ]
    if let path {
      let location: [(String, JSONStyle.Value)] = [("artifactLocation", .object([("uri", .text(uri(path)))]))]
      fields.append(("locations", .list([.object([("physicalLocation", .object(location))])])))
    }
    return .object(fields)
  }

  private static func result(
    _ finding: KernelVerdict.Finding, isKnown: Bool, _ object: KernelCheck.Object, _ numbers: [Int],
    _ check: KernelCheck
  ) -> JSONStyle.Value {
    var message = "\(finding.program.map { "\($0): " } ?? "")\(finding.subject): \(finding.problem.text)"
    if let instead = finding.problem.instead { message += "; \(instead)" }
    message += ". On " + check.ranges(numbers).joined(separator: ", ")
    if let variable = finding.variable {
      message += ", depending on '\(variable)'"
    } else if finding.level == .possible {
      message += ", if the verifier reaches it"
    }
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
    var fields: [(String, JSONStyle.Value)] = [
      ("ruleId", .text(finding.problem.rule)), ("level", .text(level)),
      ("message", .object([("text", .text(message))])),
      ("locations", .list([.object([("physicalLocation", .object(location))])])),
    ]
    if check.hasBaseline { fields.append(("baselineState", .text(isKnown ? "unchanged" : "new"))) }
    let properties: [(String, JSONStyle.Value)] = [
      ("object", .text(object.path)), ("outcome", .text(finding.level.word)),
      ("kernels", .list(numbers.map { .text(check.kernels[$0].name) })),
    ]
    return .object(fields + [("properties", .object(properties))])
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
