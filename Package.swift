// swift-tools-version: 6.2
import PackageDescription

/// One setting for every module of ours: the next language version's import and existential rules, and no warning let through.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The tests that run the program: a target for what they need.
let programTests = ["ProgramTests", "KernelTests", "CorpusTests", "BuildToolTests", "SlowTests"]

let package = Package(
  name: "bpfgen",
  products: [
    .executable(name: "bpfgen", targets: ["bpfgen"]),
    .library(name: "Incr", targets: ["Incr"]),
    .library(name: "BPFObject", targets: ["BPFObject"]),
    .library(name: "Emit", targets: ["Emit"]),
    .library(name: "GenGraph", targets: ["GenGraph"]),
  ],
  targets: [
    .systemLibrary(name: "CLibBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev", "zlib1g-dev"])]),
    .systemLibrary(name: "CLibELF", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CLinux"),

    // The folders are those of the modules that the next commit makes of these two.
    .target(
      name: "Incr", dependencies: ["CLinux", "CXXHash"], path: "Sources",
      sources: ["Bytes/ByteRope.swift", "Bytes/CanonicalEncoder.swift", "Bytes/Fingerprint.swift", "Files", "Incr"],
      swiftSettings: strict),
    .target(
      name: "BPFObject", dependencies: ["CLibBPF", "CXXHash", "Incr"], path: "Sources",
      sources: ["BPF", "BTF", "Bytes/ByteReader.swift", "Bytes/NameLengths.swift", "ELF"], swiftSettings: strict),
    .target(name: "Emit", dependencies: ["BPFObject", "CLibELF", "Incr"], swiftSettings: strict),
    .target(
      name: "GenGraph", dependencies: ["BPFObject", "Emit", "Incr"], path: "Sources", sources: ["GenGraph", "GraphView"],
      swiftSettings: strict),
    .executableTarget(
      name: "bpfgen",
      dependencies: ["BPFObject", "CLinux", "Emit", "GenGraph", "Incr"],
      swiftSettings: strict),

    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
    // Objects that no compiler makes, for the unit tests and for the program's.
    .target(name: "HandmadeObjects", dependencies: ["BPFObject"], path: "Tests/HandmadeObjects", swiftSettings: strict),
    .testTarget(
      name: "IncrTests", dependencies: ["Incr", "SeededRandom"], path: "Tests",
      sources: ["BytesTests", "FilesTests", "IncrTests"], swiftSettings: strict),
    .testTarget(
      name: "BPFObjectTests", dependencies: ["BPFObject", "HandmadeObjects", "Incr", "SeededRandom"], path: "Tests",
      sources: ["BPFTests", "BTFTests"], swiftSettings: strict),
    .testTarget(
      name: "EmitTests", dependencies: ["BPFObject", "CLibELF", "Emit", "Incr", "SeededRandom"], swiftSettings: strict),
    .testTarget(
      name: "GenGraphTests",
      dependencies: ["BPFObject", "Emit", "GenGraph", "HandmadeObjects", "Incr", "SeededRandom"],
      swiftSettings: strict),
    // Runs mutated objects in a process of its own, so that a crash has a culprit.
    .executableTarget(
      name: "EngineSimulation", dependencies: ["Incr"], path: "Benchmarks/EngineSimulation", swiftSettings: strict),
    .executableTarget(
      name: "MutationRunner", dependencies: ["BPFObject", "Emit", "Incr", "SeededRandom"], path: "Tests/MutationRunner",
      swiftSettings: strict),
    // What tests of the program share: the real tools, projects, objects.
    .target(
      name: "TestSupport", dependencies: ["BPFObject", "GenGraph", "HandmadeObjects", "Incr", "SeededRandom"],
      path: "Tests/Support", swiftSettings: strict),
  ]
    + programTests.map {
      .testTarget(
        name: $0,
        dependencies: [
          "BPFObject", "GenGraph", "HandmadeObjects", "Incr", "MutationRunner", "SeededRandom", "TestSupport",
        ],
        swiftSettings: strict)
    },
  swiftLanguageModes: [.v6]
)

// `./test` without `--all` compiles no more than it runs, nor do the sanitizers' runs.
switch Context.environment["BPFGEN_TEST_TIER"] {
case "quick": package.targets.removeAll { $0.name == "SlowTests" }
case "modules":
  package.targets.removeAll { $0.name == "TestSupport" || programTests.contains($0.name) }
default: break
}

// Coverage-guided fuzzing, by `Fuzz/run` alone: libFuzzer has the main function, and the command line is a library.
if Context.environment["BPFGEN_FUZZ"] != nil {
  package.products = []
  package.targets.removeAll { $0.type == .test || $0.type == .executable }
  package.targets += [
    .target(
      name: "bpfgen", dependencies: ["BPFObject", "CLinux", "Emit", "GenGraph", "Incr"], exclude: ["main.swift"],
      swiftSettings: strict),
    .target(
      name: "MutationRunner", dependencies: ["BPFObject", "Emit", "Incr", "SeededRandom"], path: "Tests/MutationRunner",
      exclude: ["main.swift"], swiftSettings: strict),
    .target(
      name: "TextBuild", dependencies: ["Incr"], path: "Tests/IncrTests", sources: ["TextBuild.swift"],
      swiftSettings: strict),
    .target(
      name: "FuzzSupport", dependencies: ["BPFObject", "MutationRunner", "SeededRandom"], path: "Fuzz/Support",
      swiftSettings: strict),
  ]
  package.targets += ["Object", "Link", "Types", "Graph", "Depfile", "State", "BPFTool", "Worker"].map { name in
    .executableTarget(
      name: "Fuzz\(name)",
      dependencies: [
        "BPFObject", "Emit", "FuzzSupport", "GenGraph", "Incr", "MutationRunner", "SeededRandom", "TextBuild", "bpfgen",
      ],
      path: "Fuzz", sources: ["\(name).swift"], swiftSettings: strict)
  }
}
