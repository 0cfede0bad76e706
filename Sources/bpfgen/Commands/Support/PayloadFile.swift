internal import Bytes
internal import Emit
internal import Files

/// Makes payloads as object files, for whatever kind of header.
enum PayloadFile {
  /// Refuses options that mean nothing without a payload.
  static func checkOptions(_ arguments: ParsedArguments) throws(UsageError) {
    guard arguments["payload"] == nil else { return }
    if arguments["like"] != nil {
      throw UsageError(what: "'--like' describes a payload", hint: "give --payload FILE.o with it")
    }
    if arguments["scope"] != nil {
      throw UsageError(what: "'--scope' names a payload", hint: "give --payload FILE with it")
    }
    if arguments.has("shared") {
      throw UsageError(what: "'--shared' is about a payload", hint: "give --payload FILE with it")
    }
  }

  /// The scope that was given; `nil` without one.
  static func scope(_ arguments: ParsedArguments) throws(UsageError) -> PayloadScope? {
    guard let text = arguments["scope"] else { return nil }
    guard let scope = PayloadScope(text) else {
      throw UsageError(what: "'\(text)' is not a scope", hint: "give a text in UTF-8 without control characters")
    }
    return scope
  }

  /// - Parameter like: an object or an archive of the program's compiler; `nil` is this machine's.
  static func target(like: String?) throws -> TargetMachine {
    guard let like else { return .host }
    let file = try Inputs.read(like)
    do throws(TargetMachine.Fault) {
      return try TargetMachine(likeObject: file.bytes)
    } catch { throw Failure(Diagnostic(like: like, error)) }
  }
}
