import Foundation

/// The programs of Tests/Fixtures/check-kernels/cases.c, with the results of check-kernels.
enum KernelCases {
  struct Case: Sendable {
    let name: String
    /// `ok`, `guarded`, `may-fail` or `fails`.
    let outcome: String
    /// The same before Linux 6.10.
    let oldOutcome: String
    fileprivate let source: String
  }

  private static let folder = "\(Toolchain.fixtures)/check-kernels"

  static let all: Result<[Case], any Error> = Result {
    let text = try String(contentsOfFile: "\(folder)/cases.c", encoding: .utf8)
    return text.components(separatedBy: "\n//// ").dropFirst().map { part in
      let (title, source) = (part.prefix { $0 != "\n" }, part.drop { $0 != "\n" })
      let words = title.split(separator: " ", maxSplits: 1)
      let outcomes = words[0].split(separator: "/").map(String.init)
      return Case(
        name: String(words[1]), outcome: outcomes[0], oldOutcome: outcomes[outcomes.count - 1], source: String(source))
    }
  }

  /// Compiles a case; the object's path.
  static func compile(_ wanted: Case, number: Int, in scratch: Scratch) throws -> String {
    try compile(wanted.source, named: "case\(number)", in: scratch)
  }

  /// Compiles a program after the prelude.
  static func compile(
    _ source: String, named name: String, in scratch: Scratch, flags: [String] = []
  ) throws -> String {
    try BPFCompiler.compile(
      "#include \"prelude.h\"\n" + source, named: name, in: scratch, includes: [folder], flags: flags)
  }

  /// Compiles the program that loads objects.
  static func compileLoader(to path: String, _ libraries: [String]) throws {
    try Shell.run(
      Tool.gcc.required(), ["-O2", "-Wall", "-Werror", "\(folder)/asked.c", "-o", path] + libraries
    ).checked()
  }
}

/// What `bpfgen check-kernels --format json` writes.
struct KernelCheckReport: Decodable {
  struct Finding: Decodable, Hashable {
    let outcome: String
    let known: Bool?
    let program: String?
    let file: String?
    let line: Int?
    let subject: String
    let problem: String
    let instead: String?
    let variable: String?
  }

  struct Outcome: Decodable, Hashable {
    let outcome: String
    let known: Bool?
    let kernels: [String]
    let findings: [Finding]
  }

  struct Object: Decodable {
    let object: String
    let needs: String
    let unchecked: [String]
    let outcomes: [Outcome]
  }

  struct Kernel: Decodable {
    let name: String
    let btf: String
    let unreadable: Bool?
  }

  let kernels: [Kernel]
  let objects: [Object]

  /// - Parameter text: a report.
  init(json text: String) throws {
    self = try JSONDecoder().decode(KernelCheckReport.self, from: Data(text.utf8))
  }

  /// By object and kernel the outcome, with its findings.
  var pairs: [String: Outcome] {
    var pairs: [String: Outcome] = [:]
    for object in objects {
      for outcome in object.outcomes {
        for kernel in outcome.kernels {
          pairs["\(object.object) \(kernel)"] = Outcome(
            outcome: outcome.outcome, known: outcome.known, kernels: [], findings: outcome.findings)
        }
      }
    }
    return pairs
  }

  /// - Parameter words: the arguments after the command's name.
  init(_ words: [String]) throws {
    let run = try Shell.run(Toolchain.bpfgen(), ["check-kernels", "--format", "json"] + words).checked()
    self = try JSONDecoder().decode(KernelCheckReport.self, from: Data(run.stdout.utf8))
  }
}
