package import Bytes
package import Files

/// A file that a graph was made from, as it was then; or a folder, for the names of what is in it.
package struct GraphInput: Hashable, Sendable {
  /// As the graph has paths: relative to its root. That of a folder has a slash at its end.
  package let path: String
  package let signature: Fingerprint
  let stamp: StampDigest

  /// - Parameter recordedNanos: a time before the file was read.
  package init(_ path: String, _ content: FileContent, recordedNanos: Int64) {
    self.path = path
    signature = Fingerprint(of: content.bytes)
    stamp = TakenStamp(content.stamp, recordedNanos: recordedNanos).vouching()
  }

  /// A text that is in no file.
  package init(_ path: String, text: String) {
    self.init(path: path, signature: Fingerprint(of: text), stamp: .doubtful)
  }

  /// A folder.
  ///
  /// - Parameter path: as the graph has paths, without a slash at its end.
  package init(folder path: String, _ listing: FolderListing) {
    self.path = path + "/"
    signature = GraphInput.signature(listing)
    stamp = listing.stamp?.vouching() ?? .doubtful
  }

  private static func signature(_ listing: FolderListing) -> Fingerprint {
    var encoder = CanonicalEncoder()
    if let entries = listing.entries { encoder.add(entries) { $0.add($1) } }
    return encoder.fingerprint
  }

  init(path: String, signature: Fingerprint, stamp: StampDigest) {
    self.path = path
    self.signature = signature
    self.stamp = stamp
  }

  private var isFolder: Bool { path.utf8.last == UInt8(ascii: "/") && path.utf8.count > 1 }

  /// The path as seen by this process, without a slash at its end.
  ///
  /// - Parameter root: the folder of the graph's relative paths.
  package func path(below root: String) -> String {
    TaskGraph.path(isFolder ? String(path.dropLast()) : path, below: root)
  }

  /// Whether the file still has the same content: by its stamp, else by reading it.
  func isCurrent(below root: String) -> Bool {
    if isFolder { return isCurrentFolder(below: root) }
    let path = path(below: root)
    guard let now = (try? FileStamp(path: path)) ?? nil else { return false }
    if stamp.vouches(for: StampDigest(now)) { return true }
    return (try? FileContent(path: path)).map { Fingerprint(of: $0.bytes) } == signature
  }

  private func isCurrentFolder(below root: String) -> Bool {
    let path = path(below: root)
    if let now = (try? FileStamp(path: path)) ?? nil, stamp.vouches(for: StampDigest(now)) { return true }
    return (try? FolderListing(path)).map(GraphInput.signature) == signature
  }
}
