internal import Incr

/// The time and the amount of data of a build.
enum BuildStatistics {
  private static let phases: [(name: String, what: String)] = [
    ("stat", "checking files"), ("hash", "reading and hashing"), ("open", "opening objects"), ("link", "linking"),
    ("emit", "generating headers and payloads"), ("check", "checking libraries"), ("write", "writing outputs"),
  ]

  /// A table; times of tasks are summed over all workers.
  static func text(_ summary: BuildSummary, tookNanos: Int64) -> String {
    var rows = [
      ("tasks", "\(summary.ran) ran, \(summary.kept) kept, \(summary.failed) failed, \(summary.skipped) skipped"),
      ("files", "\(summary.filesWritten) written"),
      ("bytes", "\(summary.bytesRead) read, \(summary.bytesWritten) written"), ("time", "\(millis(tookNanos)) in all"),
    ]
    for (name, what) in phases {
      if let nanos = summary.nanos[name], nanos > 0 { rows.append((name, "\(millis(nanos)) \(what)")) }
    }
    return rows.map { label, value in
      "    " + label + String(repeating: " ", count: 8 - label.utf8.count) + value + "\n"
    }.joined()
  }

  private static func millis(_ nanos: Int64) -> String {
    let tenths = (nanos + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
