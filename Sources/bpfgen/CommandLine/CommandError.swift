/// Why a command ends with an exit status other than 0.
struct CommandError: Error {
  var diagnostics: [Diagnostic]
  let status: Int32
  /// Whether the command line is wrong, so that the usage line is shown.
  var isUsage = false

  /// The command line is wrong.
  ///
  /// - Parameters:
  ///   - hint: a suggested correction.
  ///   - argument: an argument that may be a part of a path.
  static func usage(_ what: String, hint: String? = nil, argument: String? = nil) -> CommandError {
    CommandError(diagnostics: [Diagnostic(what: what, hint: hint, missingPath: argument)], status: 2, isUsage: true)
  }

  /// The command failed.
  static func failed(_ diagnostic: Diagnostic, status: Int32 = 1) -> CommandError {
    CommandError(diagnostics: [diagnostic], status: status)
  }

  /// The same for several reasons.
  static func failed(_ diagnostics: [Diagnostic]) -> CommandError { CommandError(diagnostics: diagnostics, status: 1) }

  /// A status without a message: the message was printed already, or the status is the answer.
  static func ended(status: Int32) -> CommandError { CommandError(diagnostics: [], status: status) }
}
