internal import Bytes

/// A path as a key, by its bytes: Swift calls `é` the same text be it one scalar or two, a file system has two files.
package struct PathKey: Hashable, Sendable {
  private let fingerprint: Fingerprint

  package init(_ path: String) { fingerprint = Fingerprint(of: path) }
}
