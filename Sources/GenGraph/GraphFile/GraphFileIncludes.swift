internal import Files

/// Reads a graph file and all of its includes, each file once.
struct GraphFileIncludes {
  /// A file, with the files that it includes by their names in it.
  struct Loaded {
    let file: GraphFile
    /// The file's path relative to the first one's folder.
    let path: String
    /// By alias and by path as written: the index of the included file.
    let includes: [String: Int]
  }

  private let root: String
  private var loaded: [Loaded?] = []
  private var indices: [PathKey: Int] = [:]
  private var chain: [String] = []

  private init(root: String) { self.root = root }

  static func load(_ path: String) throws(GraphFileError) -> [Loaded] {
    let path = Paths.normalized(path)
    var includes = GraphFileIncludes(root: Paths.folder(of: path))
    _ = try includes.load(Paths.name(of: path), from: nil)
    return includes.loaded.map { $0! }
  }

  /// - Parameter path: relative to the root.
  ///
  /// Includes nest only as deep as folders do; a loop is refused before it can recurse.
  private mutating func load(_ path: String, from: (file: String, position: TextPosition)?) throws(GraphFileError)
    -> Int
  {
    if let start = chain.firstIndex(of: path) {
      throw GraphFileError(
        path: from!.file, position: from!.position,
        problem: .includeLoop((Array(chain[start...]) + [path]).map { Paths.join(root, $0) }))
    }
    if let index = indices[PathKey(path)] { return index }
    chain.append(path)
    let index = loaded.count
    indices[PathKey(path)] = index
    loaded.append(nil)
    let file: GraphFile
    do throws(GraphFileError) {
      file = try GraphFile(path: Paths.join(root, path), name: path)
    } catch {
      // A missing file is reported for the line that includes it.
      guard case .file = error.problem, let from else { throw error }
      throw GraphFileError(path: from.file, position: from.position, problem: error.problem)
    }
    var includes: [String: Int] = [:]
    for include in file.includes {
      let included = Paths.normalized(Paths.join(Paths.folder(of: path), include.path.name))
      let target = try load(included, from: (file.path, include.path.position))
      for name in [include.path.name] + (include.alias.map { [$0.name] } ?? []) {
        if let other = includes.updateValue(target, forKey: name), other != target {
          throw GraphFileError(
            path: file.path, position: include.path.position, problem: .nameClash(name, first: include.path.position))
        }
      }
    }
    loaded[index] = Loaded(file: file, path: path, includes: includes)
    chain.removeLast()
    return index
  }
}
