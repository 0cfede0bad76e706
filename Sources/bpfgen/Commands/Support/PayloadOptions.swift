internal import Bytes
internal import Emit
internal import Files

/// The payload of a header, and its target machine.
struct PayloadOptions: Sendable {
  /// `nil` for a header that contains the bytes.
  let path: String?
  /// An object or an archive of the program's compiler; `nil` for this machine.
  let like: String?
  private let scopeText: String?
  let isShared: Bool

  static func declare(_ declare: inout Declarations, help: String) -> Key<PayloadOptions> {
    let path = declare.optional(Option("payload", .file(), help: help))
    let like = declare.optional(.like)
    let scope = declare.optional(.scope, lastCounts: true)
    let shared = declare.flag(.shared)
    return Key {
      PayloadOptions(path: $0[path], like: $0[like], scopeText: $0[scope], isShared: $0[shared])
    }
  }

  var outputs: [String] { path.map { [$0] } ?? [] }
  var inputs: [String] { like.map { [$0] } ?? [] }

  /// Refuses options that have no meaning without a payload.
  func check() throws(CommandError) {
    guard path == nil else { return }
    if like != nil {
      throw CommandError.usage("'--like' needs '--payload'", hint: "add --payload FILE.o")
    }
    if scopeText != nil {
      throw CommandError.usage("'--scope' needs '--payload'", hint: "add --payload FILE")
    }
    if isShared {
      throw CommandError.usage("'--shared' needs '--payload'", hint: "add --payload FILE")
    }
  }

  /// The given scope, if any.
  func scope() throws(CommandError) -> PayloadScope? { try PayloadOptions.scope(scopeText) }

  static func scope(_ text: String?) throws(CommandError) -> PayloadScope? {
    guard let text else { return nil }
    guard let scope = PayloadScope(text) else {
      throw CommandError.usage(
        "'\(text)' is not a scope", hint: "use UTF-8 text without control characters")
    }
    return scope
  }

  /// The target machine of the payload.
  func target() throws(CommandError) -> TargetMachine {
    guard let like else { return .host }
    let file = try Inputs.read(like)
    do throws(TargetMachine.Fault) {
      return try TargetMachine(likeObject: file.bytes)
    } catch { throw CommandError.failed(Diagnostic(like: like, error)) }
  }
}
