/// What a task consumed and made when it last ran: the record by which a later run knows that it need not run again.
///
/// The term is that of "Build systems à la carte": a verifying trace.
public struct Trace: Hashable, Sendable {
  /// The task's recipe: rule, version, parameters and output paths.
  public var recipe: Fingerprint
  /// The signature of each input, in the graph's order.
  public var consumed: [Fingerprint]
  /// The signature of each output and value.
  public var results: [Fingerprint]
  /// The stamp of each output file, as it was when it had been written.
  public var stamps: [RecordedStamp]

  public init(recipe: Fingerprint, consumed: [Fingerprint], results: [Fingerprint], stamps: [RecordedStamp]) {
    self.recipe = recipe
    self.consumed = consumed
    self.results = results
    self.stamps = stamps
  }
}

/// A file's stamp with the moment at which it was taken.
public struct RecordedStamp: Hashable, Sendable {
  public var stamp: FileStamp
  /// When it was taken, in nanoseconds since 1970 by the clock that file systems stamp with.
  public var recordedNanos: Int64

  public init(_ stamp: FileStamp, recordedNanos: Int64) {
    self.stamp = stamp
    self.recordedNanos = recordedNanos
  }

  /// Whether the file could have been changed after the stamp was taken without changing it: its times are not older
  /// than that moment, and the clock's grain hides the difference. Source: git's "racy" index entries.
  public var isRacy: Bool { stamp.mtimeNanos >= recordedNanos || stamp.ctimeNanos >= recordedNanos }

  /// Whether a file that has this stamp now surely has the content that it had then.
  public func vouches(for now: FileStamp) -> Bool { !isRacy && stamp == now }
}
