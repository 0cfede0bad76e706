internal import Glibc

/// The fields of `stat` that change whenever a file's content does (within the resolution of the clock).
package struct FileStamp: Hashable, Sendable {
  /// `st_dev` and `st_ino`: which file it is.
  package let device: UInt64
  package let inode: UInt64
  package let sizeBytes: Int64
  /// When the content last changed, in nanoseconds since 1970, by the file system's clock.
  package let mtimeNanos: Int64
  /// When the content or the file's properties last changed; programs cannot set it back.
  package let ctimeNanos: Int64
  package let kind: FileKind
  /// The permission bits, `st_mode & 0777`, without set-user-ID and the like: an output never has those.
  package let permissions: UInt32

  package init(
    device: UInt64, inode: UInt64, sizeBytes: Int64, mtimeNanos: Int64, ctimeNanos: Int64, kind: FileKind,
    permissions: UInt32
  ) {
    self.device = device
    self.inode = inode
    self.sizeBytes = sizeBytes
    self.mtimeNanos = mtimeNanos
    self.ctimeNanos = ctimeNanos
    self.kind = kind
    self.permissions = permissions
  }

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    sizeBytes = Int64(status.st_size)
    mtimeNanos = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    ctimeNanos = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    permissions = UInt32(status.st_mode) & 0o777
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFIFO: .pipe
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      case S_IFSOCK: .socket
      default: .other
      }
  }

  /// The stamp of the file at a path, following symbolic links; `nil` if there is none.
  package init?(path: String) throws(FileError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let error = errno
      if error == ENOENT { return nil }
      throw .system(path: path, operation: "stat", errno: error)
    }
    self.init(status)
  }

  /// `nil` also if stat fails: a task that needs the file will try again.
  package init?(cPath: UnsafePointer<CChar>) {
    var status = stat()
    guard unsafe stat(cPath, &status) == 0 else { return nil }
    self.init(status)
  }

  package init(of file: borrowing Descriptor, path: String) throws(FileError) {
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else { throw .system(path: path, operation: "fstat", errno: errno) }
    self.init(status)
  }
}
