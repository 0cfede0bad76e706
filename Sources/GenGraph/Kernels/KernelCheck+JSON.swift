internal import BPF
internal import Bytes

extension KernelCheck {
  /// The key by which a report is known.
  static let reportKey = "bpfgen_check_kernels"
  /// Of the format: reports of other versions are not baselines.
  static let reportVersion = 1

  /// All that was found, for programs; what a baseline is.
  package func json(_ style: JSONStyle = .lines) -> String {
    let unread: [(String, JSONStyle.Value)] =
      unreadObjects.isEmpty ? [] : [("unreadable", .list(unreadObjects.map { .text($0) }))]
    return style.text(
      [
        (KernelCheck.reportKey, .number("\(KernelCheck.reportVersion)")),
        ("kernels", .list(kernels.indices.map(kernel))),
        (
          "objects",
          .list(
            objects.map { object in
              .object([
                ("object", .text(object.path)), ("needs", .text(object.id.description)),
                ("unchecked", .list(object.unanswered.map { .text($0) })),
                ("outcomes", .list(object.outcomes.map(outcome))),
              ])
            })
        ),
      ] + unread)
  }

  private func kernel(_ number: Int) -> JSONStyle.Value {
    var fields: [(String, JSONStyle.Value)] = [
      ("name", .text(kernels[number].name)), ("btf", .text(kernels[number].path)),
    ]
    if let version = kernels[number].version { fields.append(("version", .text(version.description))) }
    if unread.contains(number) { fields.append(("unreadable", .flag(true))) }
    return .object(fields)
  }

  private func outcome(_ outcome: Outcome) -> JSONStyle.Value {
    let findings = outcome.verdict.findings.map { finding in
      let fields: [(String, JSONStyle.Value?)] = [
        ("outcome", .text(finding.level.word)), ("known", outcome.isKnown(finding) ? .flag(true) : nil),
        ("program", finding.program.map { .text($0) }), ("file", finding.file.map { .text($0) }),
        ("line", finding.line.map { .number("\($0)") }), ("subject", .text(finding.subject)),
        ("problem", .text(finding.problem.text)), ("instead", finding.problem.instead.map { .text($0) }),
        ("variable", finding.variable.map { .text($0) }),
      ]
      return JSONStyle.Value.object(fields.compactMap { key, value in value.map { (key, $0) } })
    }
    var fields: [(String, JSONStyle.Value)] = [("outcome", .text(outcome.verdict.level.word))]
    if outcome.isKnown { fields.append(("known", .flag(true))) }
    fields += [
      ("kernels", .list(outcome.kernels.map { .text(kernels[$0].name) })), ("findings", .list(findings)),
    ]
    return .object(fields)
  }
}
