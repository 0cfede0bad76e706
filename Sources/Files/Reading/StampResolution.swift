/// The resolution of a file system's stamps.
package enum StampResolution {
  /// The device of a folder whose file system gives a file a new stamp at every change, if the previous stamp was read.
  ///
  /// ext4, xfs, btrfs and tmpfs do since Linux 6.13. Others, and older kernels, use a clock that ticks every 1 to 10
  /// ms. There is no system call to find out, so a file without a name is changed and inspected several times.
  ///
  /// - Returns: `nil` if two changes may have the same stamp, or if the folder is not writable.
  /// - Source: Documentation/filesystems/multigrain-ts.rst in the sources of Linux.
  package static func fineDevice(of folder: String) -> UInt64? {
    // The result is inconclusive if this thread loses its core between two changes.
    for _ in 0..<3 {
      let start = Clock.monotonicNanos()
      guard let device = deviceOfDistinctStamps(in: folder) else { return nil }
      // Kernel clocks tick at most once per millisecond: within half a millisecond, a tick makes some of the stamps
      // differ, but not all of them.
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
