/// What a build tool asks its worker to do. Source: Bazel's src/main/protobuf/worker_protocol.proto.
///
/// The inputs that it lists with their digests are not kept: an action reads its files itself.
struct WorkRequest: Hashable {
  /// The words of the command line.
  var arguments: [String] = []
  /// Other requests may be under way unless it is 0.
  var id: Int32 = 0
  /// Whether the request of this id is no longer wanted.
  var isCancellation = false
  /// The folder that the paths are relative to; empty for the worker's own.
  var sandboxFolder = ""
  /// What of the message could not be read.
  var fault: String?
}

/// The answer to one request.
struct WorkResponse: Hashable {
  var exitCode: Int32 = 0
  /// What there is to say to people.
  var output = ""
  var id: Int32 = 0
  var wasCancelled = false
}

/// How requests and responses are framed in the streams: protocol buffers, the length in front of each message.
enum WorkFraming {
  /// A message larger than this is none: 100,000 inputs with their digests take 16 MB.
  private static let maximumBytes = 1 << 28

  /// It is not known where the next message begins.
  struct Lost: Error {}

  /// Takes the first message off a stream; `nil` when more of it has to come.
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
