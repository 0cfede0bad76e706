import Foundation

@testable import TestSupport

/// The targets of Package.swift, read as text: SwiftPM itself would take seconds, and its lock.
struct PackageManifest {
  struct Target {
    let name: String
    /// From the root of the repository.
    let folder: String
    let dependencies: Set<String>
    /// Whether it has only some files of its folder.
    let hasSources: Bool
  }

  let targets: [Target]
  /// The targets that share one declaration, `$0`.
  let programTests: Set<String>

  static func read() throws -> PackageManifest {
    PackageManifest(try String(contentsOfFile: "\(Toolchain.root)/Package.swift", encoding: .utf8))
  }

  init(_ text: String) {
    let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
    let programTests = code.firstMatch(of: /let programTests = \[([^\]]*)\]/).map { Self.texts(in: $0.1) } ?? []
    let calls = code.matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(/)
    targets = calls.flatMap { call in
      let words = Self.arguments(of: code[call.range.upperBound...])
      let names = words.firstMatch(of: /name: "([^"]+)"/).map { [String($0.1)] } ?? programTests
      let path = words.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
      let dependencies = words.firstMatch(of: /dependencies: \[([^\]]*)\]/).map { Self.texts(in: $0.1) } ?? []
      let parent = call.1 == "testTarget" ? "Tests" : "Sources"
      return names.map { name in
        Target(
          name: name, folder: path ?? "\(parent)/\(name)", dependencies: Set(dependencies),
          hasSources: words.contains("sources: "))
      }
    }
    self.programTests = Set(programTests)
  }

  /// The target that a Swift file is compiled in; `nil` when there is none.
  func owner(of file: String) -> Target? {
    targets.filter { file.hasPrefix($0.folder + "/") }.max { left, right in
      (left.folder.count, left.hasSources ? 0 : 1) < (right.folder.count, right.hasSources ? 0 : 1)
    }
  }

  /// Up to the parenthesis that ends the call.
  private static func arguments(of code: Substring) -> Substring {
    var depth = 1
    return code.prefix { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth > 0
    }
  }

  private static func texts(in list: Substring) -> [String] { list.matches(of: /"([^"]*)"/).map { String($0.1) } }
}
