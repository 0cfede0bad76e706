internal import Dispatch
internal import Synchronization

/// Looks at many files at once: a build that finds nothing to do is little else than this.
enum FileSurvey {
  /// The stamp of each of the pool's paths that are asked for, `nil` where nothing is or it cannot be looked at.
  static func stamps(_ indices: [Int], of paths: StringPool, workers: Int) -> [FileStamp?] {
    map(indices, workers: workers) { index in paths.withCString(index) { FileStamp(cPath: $0) } }
  }

  /// The content's signature of each path.
  static func signatures(_ paths: [String], workers: Int) -> [Result<SignedFile, FileError>] {
    map(paths, workers: workers) { path in
      let recorded = Clock.fileNanos()
      do throws(FileError) {
        let content = try FileContent(path: path)
        return .success(
          SignedFile(
            signature: Fingerprint(of: content.bytes), stamp: RecordedStamp(content.stamp, recordedNanos: recorded)))
      } catch { return .failure(error) }
    }
  }

  /// Maps in chunks, results in the order of the elements.
  private static func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element], workers: Int, _ transform: @Sendable (Element) -> Value
  ) -> [Value] {
    let chunk = max(64, (elements.count + 4 * workers - 1) / (4 * workers))
    guard workers > 1, elements.count > chunk else { return elements.map(transform) }
    let chunks = (elements.count + chunk - 1) / chunk
    let results = Mutex([[Value]](repeating: [], count: chunks))
    DispatchQueue.concurrentPerform(iterations: chunks) { index in
      let part = elements[index * chunk..<min(elements.count, (index + 1) * chunk)].map(transform)
      results.withLock { $0[index] = part }
    }
    return results.withLock { $0.flatMap { $0 } }
  }
}

/// A file's content by its fingerprint, with the stamp that it had then.
struct SignedFile: Sendable {
  let signature: Fingerprint
  let stamp: RecordedStamp
}
