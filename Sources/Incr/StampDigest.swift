/// 64 bits that stand for a file's stamp: what is kept of it from one build to the next.
public struct StampDigest: Hashable, Sendable, BitwiseCopyable {
  public let raw: UInt64

  /// The digest that vouches for nothing: the file is read again.
  public static let doubtful = StampDigest(raw: 0)

  init(raw: UInt64) { self.raw = raw }

  public init(_ stamp: FileStamp) {
    let words = (
      stamp.device, stamp.inode, UInt64(bitPattern: stamp.sizeBytes), UInt64(bitPattern: stamp.mtimeNanos),
      UInt64(bitPattern: stamp.ctimeNanos), UInt64(stamp.permissions), UInt64(stamp.kind.rawValue)
    )
    raw = max(1, withUnsafeBytes(of: words) { Fingerprint(of: $0).low })
  }

  /// The digest of a stamp that was taken no earlier than a moment; doubtful where the file could have been changed after
  /// it without changing it: its times are not older than that moment, and the clock's grain hides the difference.
  /// Source: git's "racy" index entries.
  ///
  /// - Parameter recordedNanos: nanoseconds since 1970 by `Clock.fileNanos`.
  public init(_ stamp: FileStamp, recordedNanos: Int64) {
    let isRacy = stamp.mtimeNanos >= recordedNanos || stamp.ctimeNanos >= recordedNanos
    self = isRacy ? .doubtful : StampDigest(stamp)
  }

  /// Whether a file that has this stamp now surely has the content that it had then.
  public func vouches(for now: StampDigest) -> Bool { self != .doubtful && self == now }
}
