// swift-tools-version: 6.2
import PackageDescription

/// One setting for every module of ours: the next language version's import and existential rules, and no warning let through.
let checked: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// What the program is made of has its unsafe expressions marked as well.
let strict = checked + [.strictMemorySafety()]

/// The tests that run the program: a target for what they need.
let programTests = ["ProgramTests", "KernelTests", "CorpusTests", "BuildToolTests", "SlowTests"]

let package = Package(
  name: "bpfgen",
  products: [.executable(name: "bpfgen", targets: ["bpfgen"])],
  targets: [
    .systemLibrary(name: "CLibBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev", "zlib1g-dev"])]),
    .systemLibrary(name: "CLibELF", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CLinux"),
    .target(name: "CVersion"),

    // No system calls.
    .target(name: "Bytes", dependencies: ["CXXHash"], swiftSettings: strict),
    .target(name: "Files", dependencies: ["Bytes", "CLinux"], swiftSettings: strict),
    // What is in an object: pure functions of its bytes. BPF alone calls libbpf.
    .target(name: "ELF", dependencies: ["Bytes", "CXXHash"], swiftSettings: strict),
    .target(name: "BTF", dependencies: ["Bytes", "ELF"], swiftSettings: strict),
    .target(name: "BPF", dependencies: ["BTF", "Bytes", "CLibBPF", "CLinux", "ELF"], swiftSettings: strict),
    .target(name: "Emit", dependencies: ["BPF", "BTF", "Bytes", "CLibELF", "ELF", "Files"], swiftSettings: strict),
    // The build engine, which knows nothing of BPF.
    .target(name: "Incr", dependencies: ["Bytes", "Files"], swiftSettings: strict),
    .target(
      name: "GenGraph", dependencies: ["BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "Incr"],
      // A symbolic link: the file is the one that users include.
      resources: [.embedInCode("Export/bpfgen.ninja")], swiftSettings: strict),
    .target(
      name: "GraphView", dependencies: ["Emit", "Files", "GenGraph", "Incr"],
      resources: [
        "page.html", "page.css", "element.js", "model.js", "list.js", "drawing.js", "node.js", "overview.js",
        "state.js",
      ].map { .embedInCode("Page/\($0)") }
        + ["kernels.html", "kernels.css", "kernels.js"].map { .embedInCode("KernelPage/\($0)") },
      swiftSettings: strict),
    .executableTarget(
      name: "bpfgen",
      dependencies: [
        "BPF", "BTF", "Bytes", "CLinux", "CVersion", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
      ],
      swiftSettings: strict),

    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: checked),
    // Objects that no compiler makes, for the unit tests and for the program's.
    .target(
      name: "HandmadeObjects", dependencies: ["BPF", "BTF", "Bytes", "ELF"], path: "Tests/HandmadeObjects",
      swiftSettings: checked),
    .testTarget(name: "BytesTests", dependencies: ["Bytes", "SeededRandom"], swiftSettings: checked),
    .testTarget(name: "FilesTests", dependencies: ["Bytes", "Files"], swiftSettings: checked),
    .testTarget(
      name: "BTFTests", dependencies: ["BTF", "Bytes", "ELF", "HandmadeObjects", "SeededRandom"], swiftSettings: checked
    ),
    .testTarget(
      name: "BPFTests", dependencies: ["BPF", "BTF", "Bytes", "ELF", "HandmadeObjects", "SeededRandom"],
      swiftSettings: checked),
    .testTarget(
      name: "EmitTests", dependencies: ["BPF", "BTF", "Bytes", "CLibELF", "ELF", "Emit", "Files", "SeededRandom"],
      swiftSettings: checked),
    .testTarget(name: "IncrTests", dependencies: ["Bytes", "Files", "Incr", "SeededRandom"], swiftSettings: checked),
    .testTarget(
      name: "GenGraphTests",
      dependencies: [
        "BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
        "HandmadeObjects", "SeededRandom",
      ], swiftSettings: checked),
    .executableTarget(
      name: "EngineSimulation", dependencies: ["Bytes", "Files", "Incr"], path: "Benchmarks/EngineSimulation",
      swiftSettings: checked),
    // Runs mutated objects in a process of its own, so that a crash has a culprit.
    .executableTarget(
      name: "MutationRunner", dependencies: ["BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "SeededRandom"],
      path: "Tests/MutationRunner", swiftSettings: checked),
    // What tests of the program share: the real tools, projects, objects.
    .target(
      name: "TestSupport",
      dependencies: [
        "BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
        "HandmadeObjects", "SeededRandom",
      ], path: "Tests/Support",
      swiftSettings: checked),
  ]
    + programTests.map {
      .testTarget(
        name: $0,
        dependencies: [
          "BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
          "HandmadeObjects", "MutationRunner", "SeededRandom", "TestSupport",
        ],
        swiftSettings: checked)
    },
  swiftLanguageModes: [.v6]
)

// `./test` without `--all` compiles no more than it runs, nor do the sanitizers' runs.
switch Context.environment["BPFGEN_TEST_TIER"] {
case "quick": package.targets.removeAll { $0.name == "SlowTests" }
case "modules":
  package.targets.removeAll { $0.name == "TestSupport" || programTests.contains($0.name) }
case "threads":
  package.targets.removeAll {
    $0.name == "TestSupport" || $0.type == .test && !["FilesTests", "IncrTests", "GenGraphTests"].contains($0.name)
  }
default: break
}

// Coverage-guided fuzzing, by `Fuzz/run` alone: libFuzzer has the main function, and the command line is a library.
if Context.environment["BPFGEN_FUZZ"] != nil {
  package.products = []
  package.targets.removeAll { $0.type == .test || $0.type == .executable }
  package.targets += [
    .target(
      name: "bpfgen",
      dependencies: [
        "BPF", "BTF", "Bytes", "CLinux", "CVersion", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
      ],
      exclude: ["main.swift"], swiftSettings: strict),
    .target(
      name: "MutationRunner", dependencies: ["BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "SeededRandom"],
      path: "Tests/MutationRunner", exclude: ["main.swift"], swiftSettings: checked),
    .target(
      name: "TextBuild", dependencies: ["Bytes", "Files", "Incr"], path: "Tests/IncrTests",
      sources: ["TextBuild.swift"],
      swiftSettings: checked),
    .target(
      name: "HandmadeBuild", dependencies: ["GenGraph", "HandmadeObjects", "Incr"], path: "Tests/GenGraphTests",
      sources: ["HandmadeProject.swift"], swiftSettings: checked),
    .target(
      name: "FuzzSupport", dependencies: ["BTF", "Bytes", "ELF", "MutationRunner", "SeededRandom"],
      path: "Fuzz/Support",
      swiftSettings: checked),
  ]
  package.targets += ["Object", "Link", "Types", "Graph", "Depfile", "State", "BPFTool", "Worker"].map { name in
    .executableTarget(
      name: "Fuzz\(name)",
      dependencies: [
        "BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
        "FuzzSupport", "HandmadeBuild", "HandmadeObjects", "MutationRunner", "SeededRandom", "TextBuild", "bpfgen",
      ],
      path: "Fuzz", sources: ["\(name).swift"], swiftSettings: checked)
  }
}
