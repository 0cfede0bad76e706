internal import Glibc
internal import Synchronization

/// Where a build may write: below its root, wherever links on the way lead, and never over another file of the build.
///
/// A folder is looked at when the first output is written there, and not again in this build. Who can change links while
/// a build runs could as well change the outputs.
public final class OutputFolders: Sendable {
  private enum Place {
    /// Where its path says.
    case plain
    /// Elsewhere below the root, by a link.
    case linked(real: String)
  }

  private let root: String
  private let known = Mutex<[String: Place]>([:])
  /// What the paths of the build's files lead to; only asked for outputs behind links.
  private let realFiles = Mutex<[String: String]?>(nil)

  /// - Parameter root: the folder that outputs stay in, as this process reaches it; empty for its own folder.
  public init(root: String) { self.root = root }

  /// Refuses an output that would be written elsewhere than it seems.
  ///
  /// - Parameter files: the paths of all files that the build reads or writes.
  /// - Throws: ``FileError/outsideRoot(path:place:)`` and ``FileError/sameFile(path:other:)``.
  public func check(_ path: String, among files: () -> [String]) throws(FileError) {
    guard case .linked(let real) = try place(of: Folders.holding(path), for: path) else { return }
    let others = realFiles.withLock { known in
      if let known { return known }
      let made = Dictionary(files().map { (OutputFolders.real($0), $0) }, uniquingKeysWith: { first, _ in first })
      known = made
      return made
    }
    if let other = others[real + "/" + Folders.name(of: path)], other != path {
      throw .sameFile(path: path, other: other)
    }
  }

  private func place(of folder: String, for path: String) throws(FileError) -> Place {
    if let place = known.withLock({ $0[folder] }) { return place }
    let (realRoot, real) = (OutputFolders.real(root.isEmpty ? "." : root), OutputFolders.real(folder))
    guard (real + "/").hasPrefix(realRoot == "/" ? "/" : realRoot + "/") else {
      throw .outsideRoot(path: path, place: real)
    }
    let below = real.dropFirst(realRoot.utf8.count + (realRoot == "/" ? 0 : 1))
    let straight = below.isEmpty ? (root.isEmpty ? "." : root) : TaskGraph.path(String(below), below: root)
    let place = folder == straight ? Place.plain : .linked(real: real)
    known.withLock { $0[folder] = place }
    return place
  }

  /// A path without links; what is not there yet is as it will be made.
  private static func real(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    let folder = Folders.holding(path)
    guard folder != path, path != "." else { return path }
    let parent = real(folder)
    return (parent == "/" ? "" : parent) + "/" + Folders.name(of: path)
  }
}
