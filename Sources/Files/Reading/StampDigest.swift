internal import Bytes

/// 64 bits that stand for a file's stamp: what is kept of it from one build to the next.
package struct StampDigest: Hashable, Sendable, BitwiseCopyable {
  package let raw: UInt64

  /// The digest that vouches for nothing: the file is read again.
  package static let doubtful = StampDigest(raw: 0)

  package init(raw: UInt64) { self.raw = raw }

  package init(_ stamp: FileStamp) {
    let words: InlineArray<_, UInt64> = [
      stamp.device, stamp.inode, UInt64(bitPattern: stamp.sizeBytes), UInt64(bitPattern: stamp.mtimeNanos),
      UInt64(bitPattern: stamp.ctimeNanos), UInt64(stamp.permissions), UInt64(stamp.kind.rawValue),
    ]
    raw = unsafe max(1, Fingerprint(of: words.span.bytes).low)
  }

  /// Whether a file that has this stamp now surely has the content that it had then.
  package func vouches(for now: StampDigest) -> Bool { self != .doubtful && self == now }
}

/// A file's stamp as it was taken just now.
package struct TakenStamp: Sendable {
  package let digest: StampDigest
  package let device: UInt64
  /// Whether the file could still be changed without changing the stamp, if its file system stamps by ticks: its times are
  /// not older than the moment at which it was taken. Source: git's "racy" index entries.
  package let isRacy: Bool

  /// - Parameter recordedNanos: a moment before the stamp was taken, by `Clock.fileNanos`.
  package init(_ stamp: FileStamp, recordedNanos: Int64) {
    digest = StampDigest(stamp)
    device = stamp.device
    isRacy = stamp.mtimeNanos >= recordedNanos || stamp.ctimeNanos >= recordedNanos
  }

  /// The digest by which a later build knows the file; doubtful for a racy one.
  ///
  /// - Parameter fineDevice: one on which no stamp is racy.
  package func vouching(fineDevice: @autoclosure () -> UInt64? = nil) -> StampDigest {
    isRacy && device != fineDevice() ? .doubtful : digest
  }
}
