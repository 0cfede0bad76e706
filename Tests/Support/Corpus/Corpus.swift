import Foundation

/// The kernel selftests' BPF programs, compiled: the real objects that headers are generated from.
enum Corpus {
  /// One object of the corpus.
  struct Object: Sendable, Hashable {
    /// The file's name without `.bpf.o`: what failures name.
    var name: String
    var path: String
    var sizeBytes: Int
  }

  /// Where the corpus is: `BPFGEN_CORPUS`, else `.build/corpus`, or `.build/corpus-sample` with a seventh of it.
  static let folder =
    Toolchain.setting("BPFGEN_CORPUS") ?? "\(Toolchain.root)/.build/corpus\(Tier.isFull ? "" : "-sample")"

  /// All objects by name, those that `Tests/corpus/build` makes and those that the selftests link of them.
  ///
  /// The first call of a process runs `Tests/corpus/build`, which does nothing when the corpus is up to date. Where
  /// the kernel's sources are not installed, objects that were made before are taken as they are.
  static func objects() throws -> [Object] { try state.get() }

  /// Why there can be no corpus on this machine; `nil` when there can.
  static var unavailable: String? {
    if hasSources || access("\(folder)/obj", R_OK) == 0 { return nil }
    return "no corpus in \(folder), and \(sources) is not installed (apt-get install linux-source-6.1)"
  }

  private static let sources = Toolchain.setting("LINUX_SOURCE") ?? "/usr/src/linux-source-6.1.tar.xz"

  /// Whether the kernel's sources are installed.
  static var hasSources: Bool { access(sources, R_OK) == 0 }

  private static let state: Result<[Object], any Error> = Result {
    if hasSources {
      let build = try Shell.run(
        "\(Toolchain.root)/Tests/corpus/build", Tier.isFull ? [] : ["--sample"], timeoutSeconds: 900
      ).checked()
      print(build.stdout, terminator: "")
    } else {
      print("corpus: taken as it is, \(sources) is not installed (\(folder))")
    }
    return try (list("\(folder)/obj") + link()).sorted { $0.name < $1.name }
  }

  /// The BTF of Debian's kernel 6.1, as `Tests/corpus/kernel-btf` unpacked it; `nil` when it has not.
  static let otherKernel: String? = {
    let made = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/kernels").filter { $0.hasSuffix(".btf") }
    return made?.sorted().first.map { "\(folder)/kernels/\($0)" }
  }()

  private static func list(_ folder: String) throws -> [Object] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".bpf.o") }
      .map { try object(named: String($0.dropLast(6)), at: "\(folder)/\($0)") }
  }

  private static func object(named name: String, at path: String) throws -> Object {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return Object(name: name, path: path, sizeBytes: attributes[.size] as? Int ?? 0)
  }
}

// MARK: - Linked objects

extension Corpus {
  /// What the selftests' Makefile links out of its programs (`LINKED_SKELS`): most of the parts have
  /// undefined symbols by themselves, and no generator accepts them.
  static let linked: [(name: String, parts: [String])] = [
    ("linked_test_static", ["test_static_linked1", "test_static_linked2"]),
    ("linked_funcs", ["linked_funcs1", "linked_funcs2"]),
    ("linked_maps", ["linked_maps1", "linked_maps2"]),
    ("linked_vars", ["linked_vars1", "linked_vars2"]),
    ("linked_subskeleton", ["test_subskeleton_lib2", "test_subskeleton_lib", "test_subskeleton"]),
    ("linked_subskeleton_lib", ["test_subskeleton_lib2", "test_subskeleton_lib"]),
    ("linked_usdt", ["test_usdt", "test_usdt_multispec"]),
  ]

  /// Kept for the life of the process: the linked objects are in it.
  private static let linkFolder = Result { try Scratch() }

  private static func link() throws -> [Object] {
    let scratch = try linkFolder.get()
    let bpftool = try Tool.bpftool.required()
    return try linked.map { set in
      let output = scratch.file("\(set.name).bpf.o")
      // As the Makefile does it. Twice is needed: a map that was extern in the first part comes out of libbpf's
      // linker with offset 0 in `.maps`, and only linking the result again puts that right.
      let once = scratch.file("\(set.name).linked1.o")
      let twice = scratch.file("\(set.name).linked2.o")
      let parts = set.parts.map { "\(folder)/obj/\($0).bpf.o" }
      for (inputs, result) in [(parts, once), ([once], twice), ([twice], output)] {
        try Shell.run(bpftool, ["gen", "object", result] + inputs).checked()
      }
      return try object(named: set.name, at: output)
    }
  }
}
