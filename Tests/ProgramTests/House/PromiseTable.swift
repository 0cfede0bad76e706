import Foundation

/// docs/promises.md: what each promise claims, and which tests hold it.
struct PromiseTable {
  enum Reference: Equatable, CustomStringConvertible {
    /// `suite` is `TARGET/SUITE`.
    case test(suite: String, function: String)
    case benchmark(String)

    var description: String {
      switch self {
      case .test(let suite, let function): "\(suite).\(function)"
      case .benchmark(let name): "Benchmarks/\(name)"
      }
    }

    init?(_ text: Substring) {
      let folder = "Benchmarks/"
      if text.hasPrefix(folder) {
        self = .benchmark(String(text.dropFirst(folder.count)))
      } else if let match = text.wholeMatch(of: /(\w+\/\w+)\.(\w+)/) {
        self = .test(suite: String(match.1), function: String(match.2))
      } else {
        return nil
      }
    }
  }

  struct Row {
    let promise: String
    let claim: String
    /// What holds the claim in `./test`; empty for `none`.
    let quick: [Reference]
    /// What holds it in `./test --all`.
    let full: [Reference]
  }

  struct Unreadable: Error, CustomStringConvertible {
    let line: String
    var description: String { "not a row of 'claim | tests | tests': \(line)" }
  }

  /// The promises, each a section, and the section with the rows of the README's table.
  static let promises = [
    "Never stale", "Never needless", "Never silent", "Drop-in", "Fast", "At home in the build",
  ]
  static let comparison = "Compared with bpftool"

  private(set) var rows: [Row] = []

  /// - Parameter text: Markdown, with a table below each heading of the second level.
  init(_ text: String) throws(Unreadable) {
    for (promise, line) in Self.tableLines(of: text) {
      let cells = Self.cells(of: line)
      guard cells.count == 3, let quick = Self.references(cells[1]), let full = Self.references(cells[2]) else {
        throw Unreadable(line: String(line))
      }
      rows.append(Row(promise: promise, claim: cells[0], quick: quick, full: full))
    }
  }

  /// The first cells of the rows of the table that compares bpfgen with bpftool.
  static func comparisonRows(ofReadme text: String) -> [String] {
    tableLines(of: text).filter { $0.section == comparison }.map { cells(of: $0.line)[0] }
  }

  /// The lines of tables, without their heads, each with the heading that it is below.
  private static func tableLines(of text: String) -> [(section: String, line: Substring)] {
    var section = ""
    var lines: [(section: String, line: Substring)] = []
    var isBody = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
      if isBody, line.hasPrefix("|") { lines.append((section, line)) }
      isBody = line.hasPrefix("|---") || isBody && line.hasPrefix("|")
    }
    return lines
  }

  private static func cells(of line: Substring) -> [String] {
    line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  /// `none`, or names in backquotes between commas.
  private static func references(_ cell: String) -> [Reference]? {
    if cell == "none" { return [] }
    let names = cell.components(separatedBy: ", ")
    let found = names.compactMap { name in
      name.wholeMatch(of: /`([^`]+)`/).flatMap { Reference($0.1) }
    }
    return found.count == names.count ? found : nil
  }
}

// MARK: - What is wrong with it

extension PromiseTable {
  /// What `./test` installs, as a requirement of a test; `Test.needs` of anything else skips a test there.
  private static let quickTools: Set<Substring> = ["clang", "clangxx", "gcc", "gxx", "bpftool", "man"]
  private static let otherRequirements = [".multilib", ".newerLibbpf", ".otherKernel", ".guestKernel"]

  /// A text for each fault.
  /// - Parameters:
  ///   - readmeRows: the rows that the README's table has.
  ///   - suites: all suites, by `TARGET/SUITE`.
  ///   - benchmarks: the names of all benchmarks.
  func problems(readmeRows: [String], suites: [String: TestSuite], benchmarks: Set<String>) -> [String] {
    var problems: [String] = []
    for section in Self.promises where !rows.contains(where: { $0.promise == section }) {
      problems.append("no claim of '\(section)'")
    }
    for section in Set(rows.map(\.promise)).subtracting(Self.promises + [Self.comparison]).sorted() {
      problems.append("'\(section)' is not a promise")
    }
    let compared = rows.filter { $0.promise == Self.comparison }.map(\.claim)
    for row in readmeRows where !compared.contains(row) { problems.append("no row for the README's '\(row)'") }
    for row in compared where !readmeRows.contains(row) { problems.append("the README has no row '\(row)'") }
    for row in rows {
      if row.full.isEmpty, !row.quick.isEmpty { problems.append("'\(row.claim)' has only a quick test") }
      for reference in row.quick + row.full {
        if let fault = Self.fault(of: reference, suites, benchmarks) { problems.append("'\(row.claim)': \(fault)") }
      }
      for reference in row.quick {
        if let fault = Self.quickFault(of: reference, suites) { problems.append("'\(row.claim)': \(fault)") }
      }
    }
    return problems
  }

  private static func fault(
    of reference: Reference, _ suites: [String: TestSuite], _ benchmarks: Set<String>
  ) -> String? {
    switch reference {
    case .benchmark(let name): benchmarks.contains(name) ? nil : "there is no \(reference)"
    case .test(let suite, let function):
      suites[suite]?.tests[function] == nil ? "there is no test \(reference)" : nil
    }
  }

  private static func quickFault(of reference: Reference, _ suites: [String: TestSuite]) -> String? {
    guard case .test(let name, let function) = reference else { return "\(reference) is not a quick test" }
    if name.hasPrefix("SlowTests/") { return "\(reference) is not in the quick tier" }
    guard let suite = suites[name], let test = suite.tests[function] else { return nil }
    let traits = suite.attributes + test
    let tools = traits.matches(of: /\.tool\(\.(\w+)\)/).map(\.1).filter { !quickTools.contains($0) }
    let others = otherRequirements.filter { traits.contains($0) }
    guard let lacking = tools.first.map(String.init) ?? others.first else { return nil }
    return "\(reference) needs \(lacking), which the quick tier does not install"
  }
}
