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

/// How requests and responses lie in the streams.
enum WorkFormat: String, CaseIterable, Sendable {
  /// Protocol buffers, the length in front of each message.
  case proto
  /// A line of JSON each.
  case json

  /// A message larger than this is none: 100,000 inputs with their digests take 16 MB.
  private static let maximumBytes = 1 << 28

  /// Where a message may begin is lost.
  struct LostFraming: Error {}

  /// Takes the first message off a stream; `nil` when more of it has to come.
  func next(from stream: inout ArraySlice<UInt8>) throws(LostFraming) -> WorkRequest? {
    guard let message = try frame(&stream) else { return nil }
    return self == .proto ? WorkRequest(proto: message) : WorkRequest(json: message)
  }

  private func frame(_ stream: inout ArraySlice<UInt8>) throws(LostFraming) -> ArraySlice<UInt8>? {
    switch self {
    case .proto:
      var reader = ProtocolBuffer(stream)
      guard let length = reader.varint() else {
        if stream.count >= ProtocolBuffer.longestVarint { throw LostFraming() }
        return nil
      }
      guard length <= WorkFormat.maximumBytes else { throw LostFraming() }
      guard reader.rest.count >= Int(length) else { return nil }
      stream = reader.rest.dropFirst(Int(length))
      return reader.rest.prefix(Int(length))
    case .json:
      guard let end = stream.firstIndex(of: UInt8(ascii: "\n")) else {
        if stream.count > WorkFormat.maximumBytes { throw LostFraming() }
        return nil
      }
      defer { stream = stream[(end + 1)...] }
      return stream[..<end]
    }
  }

  func bytes(_ response: WorkResponse) -> [UInt8] {
    switch self {
    case .proto:
      let message = response.proto
      return ProtocolBuffer.varint(UInt64(message.count)) + message
    case .json: return Array((response.json + "\n").utf8)
    }
  }
}
