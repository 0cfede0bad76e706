internal import Bytes

/// A path as a dictionary key that compares bytes: for Swift the two encodings of `é` are equal, for a file system they
/// are not.
package struct PathKey: Hashable, Sendable {
  private let fingerprint: Fingerprint

  package init(_ path: String) { fingerprint = Fingerprint(of: path) }
}
