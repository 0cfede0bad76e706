/// A path as a key, by its bytes: Swift calls `é` the same text be it one scalar or two, a file system has two files.
public struct PathKey: Hashable, Sendable {
  private let fingerprint: Fingerprint

  public init(_ path: String) { fingerprint = Fingerprint(of: path) }
}
