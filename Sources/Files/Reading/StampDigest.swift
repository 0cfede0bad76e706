internal import Bytes

/// A 64-bit hash of a file's stamp, which is stored from one build to the next.
package struct StampDigest: Hashable, Sendable, BitwiseCopyable {
  package let raw: UInt64

  /// The digest that proves nothing: the file is read again.
  package static let doubtful = StampDigest(raw: 0)

  package init(raw: UInt64) { self.raw = raw }

  package init(_ stamp: FileStamp) {
    let words: InlineArray<_, UInt64> = [
      stamp.device, stamp.inode, UInt64(bitPattern: stamp.sizeBytes), UInt64(bitPattern: stamp.mtimeNanos),
      UInt64(bitPattern: stamp.ctimeNanos), UInt64(stamp.permissions), UInt64(stamp.kind.rawValue),
    ]
    raw = unsafe max(1, Fingerprint(of: words.span.bytes).low)
  }

  /// Whether a file that now has this stamp certainly has the same content as then.
  package func vouches(for now: StampDigest) -> Bool { self != .doubtful && self == now }
}

/// A file's stamp that was taken just now.
package struct TakenStamp: Sendable {
  package let digest: StampDigest
  package let device: UInt64
  /// Whether the file could still change without changing its stamp, if the file system's clock is coarse: its times
  /// are not older than the moment at which the stamp was taken. Source: git's "racy" index entries.
  package let isRacy: Bool

  /// - Parameter recordedNanos: a time of `Clock.fileNanos` before the stamp was taken.
  package init(_ stamp: FileStamp, recordedNanos: Int64) {
    digest = StampDigest(stamp)
    device = stamp.device
    isRacy = stamp.mtimeNanos >= recordedNanos || stamp.ctimeNanos >= recordedNanos
  }

  /// The digest that later builds compare; doubtful if the stamp is racy.
  ///
  /// - Parameter fineDevice: a device on which no stamp is racy.
  package func vouching(fineDevice: @autoclosure () -> UInt64? = nil) -> StampDigest {
    isRacy && device != fineDevice() ? .doubtful : digest
  }
}
