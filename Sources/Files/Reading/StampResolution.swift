/// How fine the stamps of a file system are.
package enum StampResolution {
  /// The device of a folder whose file system gives a file another stamp at every change, once the stamp before was read.
  ///
  /// ext4, xfs, btrfs and tmpfs do since Linux 6.13. Others, and older kernels, stamp by a clock that ticks every 1 to 10 ms.
  /// No call tells which it is, so a file without a name is changed and looked at a few times.
  ///
  /// - Returns: `nil` where two changes may have the same stamp, and where the folder takes no file.
  /// - Source: Documentation/filesystems/multigrain-ts.rst in the sources of Linux.
  package static func fineDevice(of folder: String) -> UInt64? {
    // A program that loses its core for a while between two changes has proved nothing.
    for _ in 0..<3 {
      let start = Clock.monotonicNanos()
      guard let device = deviceOfDistinctStamps(in: folder) else { return nil }
      // No clock of a kernel ticks more often than every millisecond: in half of one, a tick makes two of the stamps differ,
      // and not all of them.
      if Clock.monotonicNanos() - start < 500_000 { return device }
    }
    return nil
  }

  private static func deviceOfDistinctStamps(in folder: String) -> UInt64? {
    guard let file = try? Temporary(stem: folder + "/stamps", for: folder) else { return nil }
    var last: FileStamp?
    for _ in 0..<4 {
      guard (try? file.descriptor.write([0], at: 0, path: folder)) != nil,
        let now = try? FileStamp(of: file.descriptor, path: folder),
        now.mtimeNanos != last?.mtimeNanos, now.ctimeNanos != last?.ctimeNanos
      else { return nil }
      last = now
    }
    return last?.device
  }
}
