import Foundation

/// Which file a path leads to, and when it was last changed: equal before and after means untouched.
struct FileState: Hashable, CustomStringConvertible {
  var inode: UInt64
  var mtimeNanos: Int64
  var sizeBytes: Int64
  var permissions: UInt32

  init(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: path]) }
    inode = UInt64(status.st_ino)
    mtimeNanos = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    sizeBytes = Int64(status.st_size)
    permissions = UInt32(status.st_mode) & 0o7777
  }

  var description: String {
    "inode \(inode), mtime \(mtimeNanos), \(sizeBytes) bytes, mode \(String(permissions, radix: 8))"
  }
}
