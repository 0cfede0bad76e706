internal import GenGraph

/// The messages as JSON, by the names that protocol buffers give their fields there; `requestId` may be `request_id`.
extension WorkRequest {
  init(json message: ArraySlice<UInt8>) {
    let value: JSONValue
    do throws(JSONReader.Failure) {
      value = try JSONReader.read(Array(message))
    } catch {
      fault = error.what
      return
    }
    guard case .object(let members) = value.content else {
      fault = "it is \(value.kind)"
      return
    }
    for (key, value) in members {
      switch (key.text, value.content) {
      case ("arguments", .array(let elements)):
        for element in elements {
          if case .string(let text) = element.content {
            arguments.append(text)
          } else {
            fault = "one of its arguments is \(element.kind)"
          }
        }
      case ("requestId", .number(let number)), ("request_id", .number(let number)):
        if let exact = Int32(exactly: number) { id = exact } else { fault = "its requestId is \(number)" }
      case ("cancel", .bool(let flag)): isCancellation = flag
      case ("sandboxDir", .string(let text)), ("sandbox_dir", .string(let text)): sandboxFolder = text
      case ("arguments", _), ("requestId", _), ("request_id", _), ("cancel", _), ("sandboxDir", _), ("sandbox_dir", _):
        fault = "its \(key.text) is \(value.kind)"
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
