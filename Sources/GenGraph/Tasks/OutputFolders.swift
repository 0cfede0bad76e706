internal import Files
internal import Glibc
internal import Synchronization

/// Checks where a build may write: below its root, wherever symbolic links lead, and never over another file of the
/// build.
///
/// A folder is checked when the first output is written there, and not again in this build. A user who can change
/// symbolic links during a build could also change the outputs.
final class OutputFolders: Sendable {
  private enum Location {
    /// Exactly at its path.
    case plain
    /// Elsewhere below the root, through a symbolic link.
    case linked(real: String)
  }

  private let root: String
  private let known = Mutex<[PathKey: Location]>([:])
  /// The real paths of the build's files, computed only for outputs behind symbolic links.
  private let realFiles = Mutex<[PathKey: String]?>(nil)

  /// - Parameter root: the folder that must contain outputs, as seen by this process; empty for the current folder.
  init(root: String) { self.root = root }

  /// Refuses an output that would be written to another path than the graph says.
  ///
  /// - Parameter files: the paths of all files that the build reads or writes.
  /// - Throws: ``FileError/outsideRoot(path:target:)`` and ``FileError/sameFile(path:other:)``.
  func check(_ path: String, among files: () -> [String]) throws(FileError) {
    guard case .linked(let real) = try location(of: Folders.holding(path), for: path) else { return }
    let others = realFiles.withLock { known in
      if let known { return known }
      let made = Dictionary(
        files().map { (PathKey(OutputFolders.real($0)), $0) }, uniquingKeysWith: { first, _ in first })
      known = made
      return made
    }
    if let other = others[PathKey(Paths.join(real, Paths.name(of: path)))], PathKey(other) != PathKey(path) {
      throw .sameFile(path: path, other: other)
    }
  }

  private func location(of folder: String, for path: String) throws(FileError) -> Location {
    let key = PathKey(folder)
    if let location = known.withLock({ $0[key] }) { return location }
    let (realRoot, real) = (OutputFolders.real(root.isEmpty ? "." : root), OutputFolders.real(folder))
    let isRoot = PathKey(real) == PathKey(realRoot)
    guard isRoot || Paths.isInside(real, realRoot) else { throw .outsideRoot(path: path, target: real) }
    let straight = isRoot ? (root.isEmpty ? "." : root) : Paths.join(root, Paths.relative(real, to: realRoot)!)
    let location = key == PathKey(straight) ? Location.plain : .linked(real: real)
    known.withLock { $0[key] = location }
    return location
  }

  /// A path with symbolic links resolved; parts that do not exist yet are unchanged.
  private static func real(_ path: String) -> String {
    if let real = unsafe realpath(path, nil) {
      defer { unsafe free(real) }
      return unsafe String(cString: real)
    }
    let folder = Folders.holding(path)
    guard folder != path, path != "." else { return path }
    return Paths.join(real(folder), Paths.name(of: path))
  }
}
