import Foundation

@testable import TestSupport

/// A suite as its source declares it: read as text, so that the suites of all targets can be seen from one.
///
/// swift-format puts each top-level declaration, and nothing else, at the begin of a line. The reader relies on that.
struct TestSuite {
  let target: String
  let name: String
  /// What is before `struct`: `@Suite(...)`; empty when only extensions of the type were found.
  fileprivate(set) var attributes = ""
  /// `@Test(...)` of each test, by the name of its function.
  fileprivate(set) var tests: [String: String] = [:]

  /// Whether its tests run on threads for tests that wait for processes.
  var hasRunsTools: Bool { attributes.hasPrefix("@Suite") && attributes.contains(".runsTools") }

  /// All suites of `Tests/TARGET` for each of these targets, by `TARGET/SUITE`.
  static func all(of targets: [String]) throws -> [String: TestSuite] {
    var suites: [String: TestSuite] = [:]
    for target in targets {
      let folder = "\(Toolchain.root)/Tests/\(target)"
      for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
        read(try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8), of: target, into: &suites)
      }
    }
    return suites.filter { !$1.tests.isEmpty }
  }

  /// The suites of one file.
  static func all(in text: String, of target: String) -> [String: TestSuite] {
    var suites: [String: TestSuite] = [:]
    read(text, of: target, into: &suites)
    return suites.filter { !$1.tests.isEmpty }
  }

  private static let typeWords: Set<Substring> = ["actor", "class", "enum", "extension", "struct"]

  private static func read(_ text: String, of target: String, into suites: inout [String: TestSuite]) {
    var (attributes, isInAttributes) = ("", false)
    // A test outside of any type is in a suite without a name, which has no traits.
    var current = ""
    var test: String?
    for line in text.split(separator: "\n") {
      if line.first == " " || line.first == ")" {
        if isInAttributes { attributes += "\n" + line }
        test = readTest(line, test, of: target, current, into: &suites)
        continue
      }
      isInAttributes = line.first == "@" && !line.hasPrefix("@testable")
      if isInAttributes {
        attributes += line
        test = line.hasPrefix("@Test") ? "" : nil
        continue
      }
      // Comments have words of types too.
      let words = line.first?.isLetter == true ? line.split { " :<{".contains($0) } : []
      if let index = words.firstIndex(where: typeWords.contains), index + 1 < words.count {
        current = String(words[index + 1])
        if words[index] != "extension" {
          suites["\(target)/\(current)", default: TestSuite(target: target, name: current)].attributes = attributes
        }
      } else if line.hasPrefix("func ") {
        current = ""
        test = readTest(line, test, of: target, current, into: &suites)
      }
      attributes = ""
    }
  }

  /// Takes up a line within a type.
  /// - Returns: the text of the `@Test` whose function is still to come.
  private static func readTest(
    _ line: Substring, _ begun: String?, of target: String, _ suite: String, into suites: inout [String: TestSuite]
  ) -> String? {
    let code = line.drop { $0 == " " }
    var text = begun
    if code.hasPrefix("@Test") { text = "" }
    guard let text else { return nil }
    guard code.hasPrefix("func ") else { return text + code + "\n" }
    let function = String(code.dropFirst("func ".count).prefix { !"(<".contains($0) })
    suites["\(target)/\(suite)", default: TestSuite(target: target, name: suite)].tests[function] = text
    return nil
  }
}
