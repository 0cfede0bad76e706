import Foundation
import Testing

/// What a build tool sends its worker, and what comes back. Source: Bazel's worker_protocol.proto.
enum WorkStream: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case proto, json

  var testDescription: String { rawValue }

  struct Response: Hashable {
    var exitCode = 0
    var output = ""
    var id = 0
    var wasCancelled = false
  }

  func request(_ words: [String], id: Int = 0, cancels: Bool = false, folder: String = "") -> Data {
    switch self {
    case .json:
      let message: [String: Any] = [
        "arguments": words, "inputs": [["path": "in", "digest": "MDA="]], "requestId": id, "cancel": cancels,
        "sandboxDir": folder,
      ]
      return try! JSONSerialization.data(withJSONObject: message) + Data("\n".utf8)
    case .proto:
      var message = Data()
      for word in words { message += Self.bytes(1, Data(word.utf8)) }
      message += Self.bytes(2, Self.bytes(1, Data("in".utf8)) + Self.bytes(2, Data([0, 255])))
      message += Self.varint(3 << 3) + Self.varint(id)
      if cancels { message += Self.varint(4 << 3) + Self.varint(1) }
      message += Self.varint(5 << 3) + Self.varint(10)
      if !folder.isEmpty { message += Self.bytes(6, Data(folder.utf8)) }
      return Self.varint(message.count) + message
    }
  }

  /// A message that is none, though its end is known.
  var nonsense: Data { self == .json ? Data("{\"arguments\": [1]}\n".utf8) : Data([3, 0x0a, 9, 0]) }

  /// Sends all of it to one worker, and reads what it answers.
  func run(_ requests: Data, in scratch: Scratch) throws -> (result: Shell.Result, responses: [Response]) {
    let (sent, received) = (scratch.file("requests"), scratch.file("responses"))
    try requests.write(to: URL(fileURLWithPath: sent))
    let script = "exec \"$1\" worker --persistent_worker --format \"$2\" <\"$3\" >\"$4\""
    let result = try Shell.run("/bin/sh", ["-c", script, "sh", Toolchain.bpfgen(), rawValue, sent, received])
    return (result, try responses(Data(contentsOf: URL(fileURLWithPath: received))))
  }

  struct NoResponse: Error {}

  func responses(_ bytes: Data) throws -> [Response] {
    if self == .json {
      return try bytes.split(separator: 10).map { line in
        guard let message = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { throw NoResponse() }
        return Response(
          exitCode: message["exitCode"] as? Int ?? 0, output: message["output"] as? String ?? "",
          id: message["requestId"] as? Int ?? 0, wasCancelled: message["wasCancelled"] as? Bool ?? false)
      }
    }
    var rest = Array(bytes)[...]
    var responses: [Response] = []
    while !rest.isEmpty {
      let length = try Self.number(&rest)
      var message = rest.prefix(length)
      rest = rest.dropFirst(length)
      var response = Response()
      while !message.isEmpty {
        let (key, value) = (try Self.number(&message), try Self.number(&message))
        switch key {
        case 1 << 3: response.exitCode = value
        case 2 << 3 | 2:
          response.output = String(decoding: message.prefix(value), as: UTF8.self)
          message = message.dropFirst(value)
        case 3 << 3: response.id = value
        case 4 << 3: response.wasCancelled = value == 1
        default: throw NoResponse()
        }
      }
      responses.append(response)
    }
    return responses
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) throws -> Int {
    var value = 0
    var shift = 0
    while let byte = bytes.popFirst() {
      value |= Int(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 { return value }
    }
    throw NoResponse()
  }

  private static func varint(_ value: Int) -> Data {
    var bytes = Data()
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  private static func bytes(_ number: Int, _ value: Data) -> Data {
    varint(number << 3 | 2) + varint(value.count) + value
  }
}
