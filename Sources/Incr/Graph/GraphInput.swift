package import Bytes
package import Files

/// A file that a graph was read from, with its content at that time.
package struct GraphInput: Hashable, Sendable {
  /// Relative to the graph's root.
  package let path: String
  package let signature: Fingerprint
  let stamp: StampDigest

  /// - Parameter recordedNanos: a time before the file was read.
  package init(_ path: String, _ content: FileContent, recordedNanos: Int64) {
    self.path = path
    signature = Fingerprint(of: content.bytes)
    stamp = TakenStamp(content.stamp, recordedNanos: recordedNanos).vouching()
  }

  init(path: String, signature: Fingerprint, stamp: StampDigest) {
    self.path = path
    self.signature = signature
    self.stamp = stamp
  }

  /// Whether the file still has the same content: by its stamp, else by reading it.
  func isCurrent(below root: String) -> Bool {
    let path = TaskGraph.path(path, below: root)
    guard let now = (try? FileStamp(path: path)) ?? nil else { return false }
    if stamp.vouches(for: StampDigest(now)) { return true }
    return (try? FileContent(path: path)).map { Fingerprint(of: $0.bytes) } == signature
  }
}
