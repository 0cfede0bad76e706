public import Incr

/// The linker names that tie a header to its payload.
public struct PayloadSymbols: Hashable, Sendable {
  public let start: String
  public let size: String

  /// A missing one reads, in the linker's message: undefined reference to `app_payload_of_layout_3f2a...'.
  public init(name: String, layoutID: Fingerprint) {
    start = "\(name)_payload_of_layout_\(layoutID)"
    size = "\(name)_payload_size_of_layout_\(layoutID)"
  }
}
