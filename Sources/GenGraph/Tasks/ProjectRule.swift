internal import Emit
internal import Files
package import Incr

/// The kinds of tasks of a project, by their names in graphs, states and messages.
package enum ProjectRule: String, Hashable, Sendable, CaseIterable {
  case link, inspect, header, payload, check, needs
  case minimalBTF = "min-core-btf"
  case kernelNeeds = "kernel-needs"
  case kernel
  case kernelCheck = "check-kernels"

  /// Raised when the rule writes something else for the same inputs, which runs each of its tasks again. A release that
  /// changes something else runs nothing.
  private var version: UInt32 {
    switch self {
    case .link: 1
    case .inspect: 1000 * UInt32(emitterVersion) + 2
    case .header: 1000 * UInt32(emitterVersion) + 1
    case .payload: 3
    case .check: 1
    case .needs: 1
    case .minimalBTF: 1
    case .kernelNeeds: 1
    case .kernel: 3
    case .kernelCheck: 3
    }
  }

  package var rule: Rule { Rule(name: rawValue, version: version) }

  /// - Returns: `nil` for a rule of another version of the program, or of something that is not a project.
  package init?(_ rule: Rule) {
    guard let known = ProjectRule(rawValue: rule.name), known.version == rule.version else { return nil }
    self = known
  }

  /// The signature that a file must have before an output of the rule replaces it; `nil` for a rule without outputs.
  func marker(at output: String) -> FileMarker? {
    switch self {
    case .link: .relocatable
    case .header: .header
    case .payload: .payload(at: output)
    case .minimalBTF: .btf
    case .kernelCheck: FileMarker("\"\(KernelCheck.reportKey)\"")
    case .inspect, .check, .needs, .kernelNeeds, .kernel: nil
    }
  }
}
