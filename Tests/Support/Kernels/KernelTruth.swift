import Foundation

/// How a kernel loads an object: what `asked.c` prints.
struct KernelTruth: Sendable {
  struct Program: Sendable {
    /// `nil` for an object that cannot be opened, or that has no program.
    let name: String?
    let loads: Bool
    /// Whether it is refused for one of its needs that BTF answers.
    let isAsked: Bool
    let reason: String
  }

  private(set) var programs: [Program] = []

  var loads: Bool { programs.allSatisfy(\.loads) }
  var isAsked: Bool { programs.contains(where: \.isAsked) }

  /// By object; objects that the loader did not report are empty.
  static func read(_ text: Substring, objects: Int) -> [KernelTruth] {
    var truths = [KernelTruth](repeating: KernelTruth(), count: objects)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
      guard fields.count == 5, let number = Int(fields[0]), truths.indices.contains(number) else { continue }
      truths[number].programs.append(
        Program(
          name: fields[1] == "*" ? nil : String(fields[1]), loads: fields[2] == "0", isAsked: fields[3] == "asked",
          reason: String(fields[4])))
    }
    return truths
  }

  /// Loads objects into the running kernel.
  static func ofRunningKernel(_ objects: [String], in scratch: Scratch) throws -> [KernelTruth] {
    let program = scratch.file("asked")
    if access(program, X_OK) != 0 { try KernelCases.compileLoader(to: program, ["-lbpf"]) }
    let run = try Shell.run(program, ["2"] + objects, timeoutSeconds: 600).checked()
    return read(run.stdout[...], objects: objects.count)
  }
}

/// What is predicted for the programs of some objects on one kernel, and what the kernel does.
struct KernelComparison {
  /// A program whose prediction and truth differ: `OBJECT PROGRAM`, and how.
  private(set) var disagreements: [String: String] = [:]
  /// How many programs there are of each prediction and truth.
  private(set) var counts: [String: Int] = [:]
  /// Programs that are predicted to fail, and are refused for something else.
  private(set) var otherReasons: [String: String] = [:]

  /// - Parameter name: of the object, in what is reported.
  mutating func add(_ name: String, _ predicted: KernelCheckReport.Object, _ truth: KernelTruth) {
    let programs = Set(truth.programs.compactMap(\.name))
    for program in truth.programs {
      let key = "\(name) \(program.name ?? "*")"
      // Problems in a function that is not a program belong to each program.
      let findings = predicted.outcomes[0].findings.filter { finding in
        guard let owner = finding.program else { return true }
        return owner == program.name || !programs.contains(owner)
      }
      let outcome =
        ["fails", "may-fail", "guarded"].first { outcome in findings.contains { $0.outcome == outcome } } ?? "ok"
      let truth = program.loads ? "loads" : program.isAsked ? "refused for that" : "refused"
      counts["\(outcome), \(truth)", default: 0] += 1
      switch outcome {
      case "fails" where program.loads:
        disagreements[key] = "loads: " + findings.map { "\($0.subject): \($0.problem)" }.joined(separator: "; ")
      case "fails" where !program.isAsked: otherReasons[key] = program.reason
      case "ok", "guarded":
        // What is reported as not checked may be missing.
        let isUnchecked = predicted.unchecked.contains { program.reason.contains($0.prefix { $0 != " " }) }
        if program.isAsked, !isUnchecked {
          disagreements[key] = "is refused: \(program.reason)"
        }
      default: break
      }
    }
    if truth.programs.isEmpty { disagreements["\(name) *"] = "the loader did not report it" }
  }
}
