internal import Glibc

extension Folders {
  /// The names of what is in a folder, in the order of their bytes, without `.` and `..`.
  package static func entries(of folder: String) throws(FileError) -> [String] {
    guard let entries = unsafe opendir(folder) else { throw .system(path: folder, operation: "read", errno: errno) }
    defer { unsafe closedir(entries) }
    var names: [String] = []
    while let entry = unsafe readdir(entries) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether a path leads to a regular file.
  package static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether a path leads to a folder.
  ///
  /// - Parameter followsLinks: whether a link to a folder counts.
  package static func isFolder(_ path: String, followsLinks: Bool = true) -> Bool {
    var status = stat()
    let found = unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
    return found == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// The names of what was in a folder when it was read.
package struct FolderListing: Sendable {
  /// As it was opened.
  package let path: String
  /// In the order of their bytes; `nil` where there was no folder.
  package let entries: [String]?
  /// Taken before the names were read: a folder that changed since has another one.
  package let stamp: TakenStamp?

  /// A folder that is there and cannot be read: like one that is not there, it is another one when it can.
  package init(unreadable path: String) {
    self.path = path
    (entries, stamp) = (nil, nil)
  }

  /// - Throws: why a folder that is there cannot be read.
  package init(_ path: String) throws(FileError) {
    self.path = path
    let recorded = Clock.fileNanos()
    guard Folders.isFolder(path), let stamp = try FileStamp(path: path) else {
      (entries, self.stamp) = (nil, nil)
      return
    }
    self.stamp = TakenStamp(stamp, recordedNanos: recorded)
    entries = try Folders.entries(of: path)
  }
}
