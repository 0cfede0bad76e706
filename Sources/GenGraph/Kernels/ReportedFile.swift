internal import Files

/// An object or a kernel of a report, by which a later report finds the same one: wherever the command ran, and however the
/// files were named there.
package struct ReportedFile: Hashable, Sendable {
  /// What the report calls it.
  let name: PathKey
  private let path: PathKey
  /// The path in components, the last one first. That of a kernel does not have `.btf` and `vmlinux`.
  let components: [PathKey]

  package init(object path: String) {
    name = PathKey(path)
    self.path = name
    components = path.split(at: "/").filter { $0 != "." }.reversed().map { PathKey(String($0)) }
  }

  /// - Parameter name: what people call the kernel.
  package init(kernel name: String, path: String) {
    self.name = PathKey(name)
    self.path = PathKey(path)
    // The running kernel is another one on each machine.
    if path == KernelFiles.runningPath {
      components = [self.name]
      return
    }
    var components = Array(path.split(at: "/").filter { $0 != "." }.reversed())
    if components.count > 1, components[0] == "vmlinux" { components.removeFirst() }
    if let first = components.first, first.hasSuffix(".btf"), first.utf8.count > 4 {
      components[0] = first.dropLast(4)
    }
    self.components = components.map { PathKey(String($0)) }
  }

  /// How many components at the ends of both paths are equal.
  func commonComponents(with other: ReportedFile) -> Int {
    zip(components, other.components).prefix { $0 == $1 }.count
  }

  /// By file, how many components at the end of its path distinguish it from all others; more than it has, if it is the end of
  /// another one's. One file that is named twice needs no distinction.
  ///
  /// O(components).
  package static func distinct(_ files: [ReportedFile]) -> [Int] {
    var first: [PathKey: Int] = [:]
    for (index, file) in files.enumerated() where first[file.path] == nil { first[file.path] = index }
    var counts = [Int](repeating: 1, count: files.count)
    // Files whose last components are equal, and how many these are.
    var pending = [(Array(first.values), 0)]
    while let (group, equal) = pending.popLast() {
      guard group.count > 1 else {
        for index in group { counts[index] = max(1, equal) }
        continue
      }
      var groups: [PathKey: [Int]] = [:]
      for index in group {
        if equal < files[index].components.count {
          groups[files[index].components[equal], default: []].append(index)
        } else {
          counts[index] = equal + 1
        }
      }
      for group in groups.values { pending.append((group, equal + 1)) }
    }
    return files.map { counts[first[$0.path] ?? 0] }
  }
}

/// The objects or the kernels of a baseline.
struct KnownFiles: Sendable {
  private let files: [ReportedFile]
  private var byName: [PathKey: [Int]] = [:]
  private var byComponent: [PathKey: [Int]] = [:]

  init(_ files: [ReportedFile]) {
    self.files = files
    for (number, file) in files.enumerated() {
      byName[file.name, default: []].append(number)
      if let last = file.components.first { byComponent[last, default: []].append(number) }
    }
  }

  /// By file, the number of the same file in the baseline; `nil` for those that are not in it, or where it is not clear which
  /// one it is.
  ///
  /// It is the one that has most components at the end of its path in common, at least as many as distinguish the file from
  /// the others; among those, and where there are none, the one with the same name.
  ///
  /// - Parameter distinct: how many these are, if there are others than `files`.
  func numbers(of files: [ReportedFile], distinct: [Int]? = nil) -> [Int?] {
    zip(files, distinct ?? ReportedFile.distinct(files)).map { number(of: $0, distinct: $1) }
  }

  private func number(of file: ReportedFile, distinct: Int) -> Int? {
    struct Likeness: Comparable {
      let components: Int
      let hasName: Bool

      static func < (left: Likeness, right: Likeness) -> Bool {
        (left.components, left.hasName ? 1 : 0) < (right.components, right.hasName ? 1 : 0)
      }
    }
    var best: (likeness: Likeness, numbers: Set<Int>) = (Likeness(components: 0, hasName: false), [])
    let candidates = (file.components.first.flatMap { byComponent[$0] } ?? []) + (byName[file.name] ?? [])
    for number in candidates {
      let other = files[number]
      let common = file.commonComponents(with: other)
      let likeness = Likeness(components: common >= distinct ? common : 0, hasName: other.name == file.name)
      if likeness > best.likeness {
        best = (likeness, [number])
      } else if likeness == best.likeness, likeness.components > 0 || likeness.hasName {
        best.numbers.insert(number)
      }
    }
    return best.numbers.count == 1 ? best.numbers.first : nil
  }
}
