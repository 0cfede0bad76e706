internal import Files

/// An object or a kernel of a report, by which a later report finds the same one: wherever the command ran, and however the
/// files were named there.
package struct ReportedFile: Hashable, Sendable {
  /// What the report calls it.
  let name: String
  private let path: String
  /// The path in components, the last one first. That of a kernel does not have `.btf` and `vmlinux`.
  let components: [Substring]

  package init(object path: String) {
    name = path
    self.path = path
    components = path.split(at: "/").filter { $0 != "." }.reversed()
  }

  /// - Parameter name: what people call the kernel.
  package init(kernel name: String, path: String) {
    self.name = name
    self.path = path
    // The running kernel is another one on each machine.
    if path == KernelFiles.runningPath {
      components = [Substring(name)]
      return
    }
    var components = Array(path.split(at: "/").filter { $0 != "." }.reversed())
    if components.count > 1, components[0] == "vmlinux" { components.removeFirst() }
    if let first = components.first, first.hasSuffix(".btf"), first.utf8.count > 4 {
      components[0] = first.dropLast(4)
    }
    self.components = components
  }

  /// How many components at the ends of both paths are equal.
  func commonComponents(with other: ReportedFile) -> Int {
    zip(components, other.components).prefix { $0 == $1 }.count
  }

  /// By file, how many components at the end of its path distinguish it from all others; more than it has, if it is the end of
  /// another one's. One file that is named twice needs no distinction.
  package static func distinct(_ files: [ReportedFile]) -> [Int] {
    // By the last component, the files with it: most have one of their own.
    let groups = Dictionary(grouping: files.indices) { files[$0].components.first }
    return files.indices.map { index in
      (groups[files[index].components.first] ?? []).filter { files[$0].path != files[index].path }
        .map { files[index].commonComponents(with: files[$0]) + 1 }.max() ?? 1
    }
  }
}

/// The objects or the kernels of a baseline.
struct KnownFiles: Sendable {
  private let files: [ReportedFile]
  private var byName: [String: [Int]] = [:]
  private var byComponent: [Substring: [Int]] = [:]

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
