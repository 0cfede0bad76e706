internal import Emit
internal import Incr

/// Makes payloads as object files, for whatever kind of header.
enum PayloadFile {
  static func checkLike(_ like: String?, payload: String?) throws(UsageError) {
    guard payload == nil, like != nil else { return }
    throw UsageError(what: "'--like' describes a payload", hint: "give --payload FILE.o with it")
  }

  /// - Parameter like: an object or an archive of the program's compiler; `nil` is this machine's.
  static func target(like: String?) throws -> TargetMachine {
    guard let like else { return .host }
    let file = try Inputs.read(like)
    do throws(TargetMachine.Fault) {
      return try TargetMachine(likeObject: file.bytes)
    } catch { throw Failure(Diagnostic(like: like, error)) }
  }

  static func object(
    _ path: String, _ symbols: PayloadSymbols, _ bytes: [UInt8], for target: TargetMachine
  ) throws -> ByteRope {
    do throws(PayloadObject.Failure) {
      return try PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
    } catch {
      switch error {
      case .libelf(let message): throw Failure(Diagnostic(path: path, what: "libelf cannot make it: \(message)"))
      case .file(let error): throw Failure(Diagnostic(error))
      }
    }
  }
}
