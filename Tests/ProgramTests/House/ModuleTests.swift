import Foundation
import Testing

@testable import TestSupport

/// The arrows between modules: what imports what.
@Suite("Modules", .runsTools)
struct ModuleTests {
  /// Each folder of Sources, and what it imports of the others. A new module, or a new arrow, is to be added here.
  static let arrows: [String: Set<String>] = [
    "CLinux": [],
    "CXXHash": [],
    "CLibELF": [],
    "CLibBPF": [],
    "CVersion": [],
    "Bytes": ["CXXHash"],
    "Files": ["Bytes", "CLinux"],
    "ELF": ["Bytes", "CXXHash"],
    "BTF": ["Bytes", "ELF"],
    "BPF": ["BTF", "Bytes", "CLibBPF", "CLinux", "ELF"],
    "Emit": ["BPF", "BTF", "Bytes", "CLibELF", "ELF", "Files"],
    "Incr": ["Bytes", "Files"],
    "GenGraph": ["BPF", "BTF", "Bytes", "ELF", "Emit", "Files", "Incr"],
    "GraphView": ["Emit", "Files", "GenGraph", "Incr"],
    "bpfgen": [
      "BPF", "BTF", "Bytes", "CLinux", "CVersion", "ELF", "Emit", "Files", "GenGraph", "GraphView", "Incr",
    ],
  ]

  /// The toolchain's modules in the program. Foundation would double its size: docs/ARCHITECTURE.md, "Decisions".
  private static let systemModules: Set<String> = ["Dispatch", "Glibc", "Synchronization"]
  private static let systemModulesOfTests = systemModules.union(["Foundation", "FoundationXML", "Testing"])

  @Test("every folder of Sources is a target, and its imports are the documented ones")
  func sources() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: "\(Toolchain.root)/Sources")
    #expect(Set(folders) == Set(Self.arrows.keys))
    let targets = try PackageManifest.read().targets.filter { $0.folder.hasPrefix("Sources/") }
    #expect(Set(targets.map(\.folder)) == Set(folders.map { "Sources/\($0)" }))
    for target in targets {
      #expect(target.dependencies == Self.arrows[target.name], "\(target.name) in Package.swift")
    }
  }

  @Test("every module imports exactly the modules that Package.swift gives it")
  func imports() throws {
    let manifest = try PackageManifest.read()
    var imported: [String: Set<String>] = [:]
    for file in try HouseTests.trackedFiles() where file.hasSuffix(".swift") && file != "Package.swift" {
      guard let owner = manifest.owner(of: file) else {
        Issue.record("\(file) is in no target")
        continue
      }
      let isProgram = owner.folder.hasPrefix("Sources/")
      let text = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
      let system = isProgram ? Self.systemModules : Self.systemModulesOfTests
      let modules = Set(text.split(separator: "\n").compactMap(Self.importedModule)).subtracting(system)
      imported[owner.name, default: []].formUnion(modules)
      for module in modules.subtracting(owner.dependencies).sorted() {
        Issue.record("\(file) imports \(module), which Package.swift does not give \(owner.name)")
      }
    }
    for (name, given) in Self.arrows { #expect(imported[name] ?? [] == given, "imports of \(name)") }
  }

  @Test("no type has the name of a module, which would make qualified names ambiguous")
  func names() throws {
    let modules = Set(Self.arrows.keys)
    let declaration = /(struct|enum|class|protocol|typealias|actor) (\w+)/
    for file in try HouseTests.trackedFiles() where file.hasPrefix("Sources/") && file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(Toolchain.root)/\(file)", encoding: .utf8)
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        guard let name = line.firstMatch(of: declaration)?.2 else { continue }
        #expect(!modules.contains(String(name)), "\(file): \(line)")
      }
    }
  }

  private static let lines: [(line: String, module: String?)] = [
    ("import Incr", "Incr"), ("@testable import Incr", "Incr"), ("package import Incr", "Incr"),
    ("@preconcurrency internal import Incr", "Incr"), ("public import struct Incr.Fingerprint", "Incr"),
    ("import Incr.Inner", "Incr"), ("  import Incr", nil), ("// import Incr", nil), ("let important = 1", nil),
  ]

  @Test("an import is recognized in each of its forms", arguments: lines)
  func importForms(_ line: String, _ module: String?) { #expect(Self.importedModule(line[...]) == module) }

  /// The module that a line imports; `nil` for any other line.
  private static func importedModule(_ line: Substring) -> String? {
    guard line.first?.isLetter == true || line.first == "@" else { return nil }
    let words = line.split(separator: " ")
    guard let index = words.firstIndex(of: "import"), index + 1 < words.count, index < 3 else { return nil }
    let kinds: Set<Substring> = ["class", "enum", "func", "let", "protocol", "struct", "typealias", "var"]
    let module = kinds.contains(words[index + 1]) ? words.last : words[index + 1]
    return module.map { String($0.prefix { $0 != "." }) }
  }
}
