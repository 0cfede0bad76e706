/// Why a command ends with another exit status than 0.
struct CommandError: Error {
  var diagnostics: [Diagnostic]
  let status: Int32
  /// Whether the command line is wrong, so that the command's usage line helps.
  var isUsage = false

  /// The command line is wrong.
  ///
  /// - Parameter hint: what may have been meant.
  static func usage(_ what: String, hint: String? = nil) -> CommandError {
    CommandError(diagnostics: [Diagnostic(what: what, hint: hint)], status: 2, isUsage: true)
  }

  /// The work could not be done.
  static func failed(_ diagnostic: Diagnostic, status: Int32 = 1) -> CommandError {
    CommandError(diagnostics: [diagnostic], status: status)
  }

  /// The same for several reasons.
  static func failed(_ diagnostics: [Diagnostic]) -> CommandError { CommandError(diagnostics: diagnostics, status: 1) }

  /// A status without a message: what there is to say is said already, or the status itself is the answer.
  static func ended(status: Int32) -> CommandError { CommandError(diagnostics: [], status: status) }
}
