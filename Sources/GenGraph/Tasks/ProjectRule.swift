internal import Emit
internal import Files
package import Incr

/// The kinds of tasks of a project, by the names that graphs, states and messages have for them.
package enum ProjectRule: String, Hashable, Sendable, CaseIterable {
  case link, inspect, header, payload, check, needs
  case minimalBTF = "min-core-btf"

  /// Goes up when what the rule writes for the same inputs changes, and runs each of its tasks again. An unrelated release
  /// of the program runs nothing.
  private var version: UInt32 {
    switch self {
    case .link: 1
    case .inspect: 1000 * UInt32(emitterVersion) + 2
    case .header: 1000 * UInt32(emitterVersion) + 1
    case .payload: 3
    case .check: 1
    case .needs: 1
    case .minimalBTF: 1
    }
  }

  package var rule: Rule { Rule(name: rawValue, version: version) }

  /// - Returns: `nil` for a rule of another version of the program, and for what is not a rule of a project.
  package init?(_ rule: Rule) {
    guard let known = ProjectRule(rawValue: rule.name), known.version == rule.version else { return nil }
    self = known
  }

  /// What a file must be for an output of the rule to replace it; `nil` for a rule without outputs.
  func mark(at output: String) -> FileMark? {
    switch self {
    case .link: .relocatable
    case .header: .header
    case .payload: .payload(at: output)
    case .minimalBTF: .btf
    case .inspect, .check, .needs: nil
    }
  }
}
