internal import Bytes
internal import Files
internal import Synchronization

/// Stats many files in parallel: a build with nothing to do does little else.
enum FileSurvey {
  /// What the stamp of a slot's file shows.
  enum Finding: UInt8 {
    case notLookedAt, missing
    /// The file is unchanged since its signature was taken.
    case vouchedFor
    /// The file may have changed.
    case doubtful
    /// It was read, and has other content.
    case edited
  }

  /// The finding for each requested slot with a path.
  ///
  /// - Parameter wanted: by slot; `nil` for all.
  static func findings(
    _ graph: TaskGraph, known: [StampDigest], wanted: [Bool]?, workers: Int
  ) -> [Finding] {
    inChunks(0..<graph.slotCount, workers: workers) { slots in
      // Before a first build whole folders are missing: one lookup covers all files in a folder.
      var folder: (of: Int, isMissing: Bool)?
      return slots.map { slot in
        guard wanted?[slot] ?? true, !graph.paths.isEmpty(slot) else { return .notLookedAt }
        if let folder, folder.isMissing, graph.paths.areInOneFolder(folder.of, slot) { return .missing }
        guard let stamp = graph.stamp(slot) else {
          let isKnown = folder.map { graph.paths.areInOneFolder($0.of, slot) } ?? false
          if !isKnown { folder = (slot, isFolderMissing(graph.path(slot))) }
          return .missing
        }
        return known[slot].vouches(for: StampDigest(stamp)) ? .vouchedFor : .doubtful
      }
    }
  }

  private static func isFolderMissing(_ path: String) -> Bool {
    do throws(FileError) {
      return try FileStamp(path: Folders.holding(path)) == nil
    } catch { return false }
  }

  /// The content signature of each slot's file.
  static func signatures(
    _ slots: [Int], of graph: TaskGraph, workers: Int
  ) -> [Result<SignedFile, FileError>] {
    map(slots, workers: workers) { slot in
      do throws(FileError) {
        return .success(try SignedFile.read(graph.path(slot)).file)
      } catch { return .failure(error) }
    }
  }

  /// The files that still have the recorded content, with stamps that now prove it.
  ///
  /// The content is compared: a file that was rewritten in the tick in which it was read kept its stamp.
  static func settled(
    _ slots: [Int], signatures: [Fingerprint], of graph: TaskGraph, workers: Int
  ) -> [SettledStamp] {
    map(slots, workers: workers) { slot -> SettledStamp? in
      guard let file = try? SignedFile.read(graph.path(slot)).file, file.signature == signatures[slot] else {
        return nil
      }
      return SettledStamp(slot: slot, stamp: file.stamp.vouching())
    }.compactMap { $0 }
  }

  /// Maps in chunks, with results in the order of the elements.
  private static func map<Elements: RandomAccessCollection & Sendable, Value: Sendable>(
    _ elements: Elements, workers: Int, _ transform: @escaping @Sendable (Elements.Element) -> Value
  ) -> [Value] where Elements.Index == Int {
    inChunks(elements, workers: workers) { $0.map(transform) }
  }

  private static func inChunks<Elements: RandomAccessCollection & Sendable, Value: Sendable>(
    _ elements: Elements, workers: Int, _ transform: @escaping @Sendable (Elements.SubSequence) -> [Value]
  ) -> [Value] where Elements.Index == Int {
    // Small, so that a worker that loses its core does not delay the others for long.
    let chunk = 256
    guard workers > 1, elements.count > chunk else { return transform(elements[...]) }
    let chunks = (elements.count + chunk - 1) / chunk
    let results = Mutex([[Value]](repeating: [], count: chunks))
    Threads.perform(chunks, atMost: workers) { index in
      let start = elements.startIndex + index * chunk
      let part = transform(elements[start..<min(elements.endIndex, start + chunk)])
      results.withLock { $0[index] = part }
    }
    return results.withLock { $0.flatMap { $0 } }
  }
}

/// A file's content fingerprint, with its stamp at that time.
struct SignedFile: Sendable {
  let signature: Fingerprint
  let stamp: TakenStamp
  let sizeBytes: Int
  /// The time for reading it.
  let nanos: Int64

  static func read(_ path: String) throws(FileError) -> (file: SignedFile, content: FileContent) {
    let (start, recorded) = (Clock.monotonicNanos(), Clock.fileNanos())
    let content = try FileContent(path: path)
    let signature = Fingerprint(of: content.bytes)
    let file = SignedFile(
      signature: signature, stamp: TakenStamp(content.stamp, recordedNanos: recorded), sizeBytes: content.bytes.count,
      nanos: Clock.monotonicNanos() - start)
    return (file, content)
  }
}
