import Foundation
import Testing

/// What a build tool sends its worker, and what comes back. Source: Bazel's worker_protocol.proto.
enum WorkStream {
  struct Response: Hashable {
    var exitCode = 0
    var output = ""
    var id = 0
    var wasCancelled = false
  }

  static func request(_ words: [String], id: Int = 0, cancels: Bool = false, folder: String = "") -> Data {
    var message = Data()
    for word in words { message += bytes(1, Data(word.utf8)) }
    message += bytes(2, bytes(1, Data("in".utf8)) + bytes(2, Data([0, 255])))
    message += varint(3 << 3) + varint(id)
    if cancels { message += varint(4 << 3) + varint(1) }
    message += varint(5 << 3) + varint(10)
    if !folder.isEmpty { message += bytes(6, Data(folder.utf8)) }
    return varint(message.count) + message
  }

  /// An invalid message, whose end is known.
  static let nonsense = Data([3, 0x0a, 9, 0])

  /// Sends all of it to one worker, and reads its answers.
  static func run(_ requests: Data, in scratch: Scratch) throws -> (result: Shell.Result, responses: [Response]) {
    let (sent, received) = (scratch.file("requests"), scratch.file("responses"))
    try requests.write(to: URL(fileURLWithPath: sent))
    let script = "exec \"$1\" worker --persistent_worker <\"$2\" >\"$3\""
    let result = try Shell.run("/bin/sh", ["-c", script, "sh", Toolchain.bpfgen(), sent, received])
    return (result, try responses(Data(contentsOf: URL(fileURLWithPath: received))))
  }

  struct NoResponse: Error {}

  static func responses(_ bytes: Data) throws -> [Response] {
    var rest = Array(bytes)[...]
    var responses: [Response] = []
    while !rest.isEmpty {
      let length = try number(&rest)
      var message = rest.prefix(length)
      rest = rest.dropFirst(length)
      var response = Response()
      while !message.isEmpty {
        let (key, value) = (try number(&message), try number(&message))
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
