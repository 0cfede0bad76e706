/// A build tool's request to its worker. Source: Bazel's src/main/protobuf/worker_protocol.proto.
///
/// The listed inputs with their digests are ignored: an action reads its files itself.
struct WorkRequest: Hashable {
  /// The command line.
  var arguments: [String] = []
  /// If not 0, other requests may be running.
  var id: Int32 = 0
  /// Whether this cancels the request with this id.
  var isCancellation = false
  /// The folder of relative paths; empty for the worker's own.
  var sandboxFolder = ""
  /// The part of the message that could not be parsed.
  var fault: String?
}

/// The response to one request.
struct WorkResponse: Hashable {
  var exitCode: Int32 = 0
  /// Messages for the user.
  var output = ""
  var id: Int32 = 0
  var wasCancelled = false
}

/// The framing of requests and responses in the streams: protocol buffers, each preceded by its length.
enum WorkFraming {
  /// A larger message is invalid: 100,000 inputs with their digests take 16 MB.
  private static let maximumBytes = 1 << 28

  /// The beginning of the next message is unknown.
  struct Lost: Error {}

  /// Removes the first message of a stream and returns it; `nil` if it is incomplete.
  static func next(from stream: inout ArraySlice<UInt8>) throws(Lost) -> WorkRequest? {
    var reader = ProtocolBuffer(stream)
    guard let length = reader.varint() else {
      if stream.count >= ProtocolBuffer.longestVarint { throw Lost() }
      return nil
    }
    guard length <= maximumBytes else { throw Lost() }
    guard reader.rest.count >= Int(length) else { return nil }
    stream = reader.rest.dropFirst(Int(length))
    return WorkRequest(proto: reader.rest.prefix(Int(length)))
  }

  static func bytes(_ response: WorkResponse) -> [UInt8] {
    let message = response.proto
    return ProtocolBuffer.varint(UInt64(message.count)) + message
  }
}
