internal import GenGraph

/// The messages as JSON, by the names that protocol buffers give their fields there; `requestId` may be `request_id`.
extension WorkRequest {
  /// `nil` for bytes that are no such message.
  init?(json message: ArraySlice<UInt8>) {
    guard let value = try? JSONReader.read(Array(message)), case .object(let members) = value.content else {
      return nil
    }
    for (key, value) in members {
      switch (key.text, value.content) {
      case ("arguments", .array(let elements)):
        for element in elements {
          guard case .string(let text) = element.content else { return nil }
          arguments.append(text)
        }
      case ("requestId", .number(let number)), ("request_id", .number(let number)):
        guard let exact = Int32(exactly: number) else { return nil }
        id = exact
      case ("cancel", .bool(let flag)): isCancellation = flag
      case ("sandboxDir", .string(let text)), ("sandbox_dir", .string(let text)): sandboxFolder = text
      case ("arguments", _), ("requestId", _), ("request_id", _), ("cancel", _), ("sandboxDir", _), ("sandbox_dir", _):
        return nil
      default: break
      }
    }
  }
}

extension WorkResponse {
  var json: String {
    let fields = [
      "\"exitCode\": \(exitCode)", "\"output\": \(JSONText.string(output))", "\"requestId\": \(id)",
      "\"wasCancelled\": \(wasCancelled)",
    ]
    return "{" + fields.joined(separator: ", ") + "}"
  }
}
