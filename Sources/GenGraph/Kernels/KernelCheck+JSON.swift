internal import BPF
internal import Bytes

extension KernelCheck {
  /// The key by which a report is known.
  static let reportKey = "bpfgen_check_kernels"

  /// All that was found, for programs; what a baseline is.
  package func json(_ style: JSONStyle = .lines) -> String {
    style.text([
      (KernelCheck.reportKey, .number("1")),
      ("kernels", .list(kernels.map { .object([("name", .text($0.name)), ("btf", .text($0.path))]) })),
      (
        "objects",
        .list(
          objects.map { object in
            .object([
              ("object", .text(object.path)), ("needs", .text(object.id.description)),
              ("unchecked", .list(object.unanswered.map { .text($0) })),
              ("outcomes", .list(object.outcomes.map { outcome($0.verdict, $0.kernels) })),
            ])
          })
      ),
    ])
  }

  private func outcome(_ verdict: KernelVerdict, _ numbers: [Int]) -> JSONStyle.Value {
    .object([
      ("outcome", .text(verdict.level.word)), ("kernels", .list(numbers.map { .text(kernels[$0].name) })),
      (
        "findings",
        .list(
          verdict.findings.map { finding in
            let fields: [(String, JSONStyle.Value?)] = [
              ("outcome", .text(finding.level.word)), ("program", finding.program.map { .text($0) }),
              ("file", finding.file.map { .text($0) }), ("line", finding.line.map { .number("\($0)") }),
              ("subject", .text(finding.subject)), ("problem", .text(finding.problem.text)),
              ("instead", finding.problem.instead.map { .text($0) }),
              ("variable", finding.variable.map { .text($0) }),
            ]
            return .object(fields.compactMap { key, value in value.map { (key, $0) } })
          })
      ),
    ])
  }
}
