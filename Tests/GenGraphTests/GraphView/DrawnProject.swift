import Foundation
import GenGraph

/// A graph file in its own folder, which exists as long as its owner.
final class DrawnProject {
  let folder: String
  let project: Project

  /// - Parameter text: the graph file's.
  convenience init(_ text: String) throws {
    try self.init { try text.write(toFile: $0 + "/bpfgen.json", atomically: true, encoding: .utf8) }
  }

  convenience init(_ graph: RandomGraph) throws { try self.init(graph.write) }

  /// - Parameter write: fills the folder.
  init(_ write: (String) throws -> Void) throws {
    folder = NSTemporaryDirectory() + "drawn-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do {
      try write(folder)
      project = try Project(graphFile: folder + "/bpfgen.json")
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A path as written in the graph file.
  func relative(_ path: String) -> String { path.replacingOccurrences(of: folder + "/", with: "") }
}
