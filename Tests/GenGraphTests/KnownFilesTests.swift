import Files
import Testing

@testable import GenGraph

/// Which kernel of a baseline a kernel is, however both were named.
@Suite("A baseline's kernels and objects are found by their paths")
struct KnownFilesTests {
  private static func kernel(_ path: String, _ name: String? = nil) -> ReportedFile {
    ReportedFile(kernel: name ?? KernelFiles.name(of: path, below: ""), path: path)
  }

  private struct Case: Sendable {
    let baseline: [String]
    let now: [String]
    let numbers: [Int?]
  }

  private static let cases: [Case] = [
    // The same files, by relative and absolute paths, and from inside their folder.
    Case(baseline: ["kernels/5.4.btf", "kernels/6.1.btf"], now: ["/x/kernels/6.1.btf", "5.4.btf"], numbers: [1, 0]),
    Case(baseline: ["./6.1/vmlinux"], now: ["kernels/6.1/vmlinux"], numbers: [0]),
    Case(baseline: ["kernels/6.1/vmlinux"], now: ["other/6.1.btf"], numbers: [0]),
    // Another folder.
    Case(baseline: ["kernels/5.4.btf"], now: ["/btfhub/5.4.btf"], numbers: [0]),
    Case(baseline: ["kernels/5.4.btf"], now: ["kernels/5.5.btf"], numbers: [nil]),
    // For two kernels of one name, as many folders are compared as distinguish them.
    Case(
      baseline: ["kernels/debian/5.4.btf"], now: ["/x/debian/5.4.btf", "/x/ubuntu/5.4.btf"], numbers: [0, nil]),
    Case(
      baseline: ["debian/5.4.btf", "ubuntu/5.4.btf"], now: ["/x/ubuntu/5.4.btf", "/x/debian/5.4.btf"], numbers: [1, 0]),
    Case(baseline: ["debian/5.4.btf", "ubuntu/5.4.btf"], now: ["ubuntu/5.4.btf"], numbers: [1]),
    // It is not clear which one it is.
    Case(baseline: ["debian/5.4.btf", "ubuntu/5.4.btf"], now: ["kernels/5.4.btf"], numbers: [nil]),
    Case(baseline: ["5.4.btf"], now: ["debian/5.4.btf", "ubuntu/5.4.btf"], numbers: [nil, nil]),
    Case(baseline: [], now: ["5.4.btf"], numbers: [nil]),
    // Paths are bytes: two forms of one letter are two names.
    Case(baseline: ["k/e\u{301}.btf"], now: ["k/\u{e9}.btf"], numbers: [nil]),
  ]

  @Test("by the last components of paths, as many as distinguish them", arguments: cases.indices)
  func paths(_ number: Int) {
    let entry = Self.cases[number]
    let found = KnownFiles(entry.baseline.map { Self.kernel($0) }).numbers(of: entry.now.map { Self.kernel($0) })
    #expect(found == entry.numbers, "\(entry)")
  }

  @Test("names distinguish what has one path, and are enough where paths say nothing")
  func names() {
    let path = "kernels/vendor.btf"
    let old = [Self.kernel(path, "as 5.4"), Self.kernel(path, "as 5.10"), Self.kernel("kernels/lts-3.btf", "lts")]
    let known = KnownFiles(old)
    #expect(
      known.numbers(of: [
        Self.kernel("/x/vendor.btf", "as 5.10"), Self.kernel("/x/vendor.btf", "as 5.4"),
        Self.kernel("/x/vendor.btf", "as 6.1"), Self.kernel("kernels/lts-4.btf", "lts"),
      ]) == [1, 0, nil, 2])
    // The running kernel is the one of that release.
    let running = KnownFiles([Self.kernel(KernelFiles.runningPath, "6.1.0"), Self.kernel("k/6.12.0.btf", "6.12.0")])
    #expect(running.numbers(of: [Self.kernel(KernelFiles.runningPath, "6.12.0")]) == [1])
    #expect(running.numbers(of: [Self.kernel(KernelFiles.runningPath, "6.13.0")]) == [nil])
  }

  /// Random trees of kernels, named below some folder, and later below another one.
  @Test("wherever the same tree is, each kernel is found, and never another one", arguments: 0..<40)
  func random(_ seed: UInt64) {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func choose(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    func path() -> String {
      let folders = (0..<choose(4)).map { _ in ["debian", "ubuntu", "x86"][choose(3)] }
      let name = ["5.4.0-42", "5.4.0-43", "6.1"][choose(3)]
      return (folders + [choose(2) == 0 ? "\(name).btf" : "\(name)/vmlinux"]).joined(separator: "/")
    }
    // `6.1.btf` and `6.1/vmlinux` in one folder have one name, and only one of them is in the tree.
    var trees: [[PathKey]: String] = [:]
    for _ in 0..<(1 + choose(12)) {
      let path = path()
      trees[Self.kernel(path).components] = path
    }
    let tree = trees.values.sorted()
    let known = KnownFiles(tree.map { Self.kernel("old/place/" + $0) })
    for root in ["old/place/", "/somewhere/old/place/", ""] {
      let found = known.numbers(of: tree.map { Self.kernel(root + $0) })
      // Below `old/place/` all of each path is compared; without it only what is left, which may be the end of others.
      if root.isEmpty {
        for (number, match) in found.enumerated() where match != nil {
          #expect(match == number, "seed \(seed): \(tree[number]) is \(tree[match ?? 0])")
        }
      } else {
        #expect(found == tree.indices.map { $0 }, "seed \(seed), \(root): \(tree)")
      }
    }
    let files = (tree + tree.prefix(2)).map { Self.kernel($0) }
    let naive = files.indices.map { index in
      files.indices.filter { tree[$0 % tree.count] != tree[index % tree.count] }
        .map { files[index].commonComponents(with: files[$0]) + 1 }.max() ?? 1
    }
    #expect(ReportedFile.distinct(files) == naive, "seed \(seed): \(tree)")
    // Of a part of the tree, nothing that is left out is found.
    let part = tree.filter { _ in choose(2) == 0 }
    let some = KnownFiles(part.map { Self.kernel("old/place/" + $0) })
      .numbers(of: tree.map { Self.kernel("/new/" + $0) })
    for (number, match) in some.enumerated() {
      if let match { #expect(part[match] == tree[number], "seed \(seed): \(tree[number]) is \(part[match])") }
    }
  }
}
