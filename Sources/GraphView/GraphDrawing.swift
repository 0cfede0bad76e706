public import Incr

/// A project's graph as people think of it: objects, what is linked of them, what is made for them, and checks.
///
/// `inspect` and `needs` are no nodes of their own. They read the layout and the contract off one object, and what its CO-RE
/// relocations ask for, and belong to the node that stands for the object; what they found is on the edges, as what these
/// carry.
public struct GraphDrawing: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case object
    /// A source that the graph file does not name, as a payload's `like`.
    case file
    case library, final, skeleton, subskeleton, payload, check
    /// The part of a kernel's BTF that objects need.
    case btf
  }

  /// What of a node another one consumes. What consumes the content consumes the layout with it.
  public enum Carried: String, Sendable, CaseIterable {
    case content, layout, contract, needs
  }

  /// One task of the engine, by the names that `bpfgen build --verbose` prints.
  public struct Step: Hashable, Sendable {
    public let rule: String
    public let name: String
    /// `nil` when the last build did not come to it, or none is on record.
    public let outcome: Outcome?
  }

  public struct Node: Hashable, Sendable {
    public let kind: Kind
    /// A name of the graph file; for headers, payloads and other files the path, for a check both names.
    public let name: String
    /// More names of the graph files for the same file.
    public internal(set) var aliases: [String] = []
    /// `nil` for a check, which writes no file.
    public let path: String?
    /// What a build does for it, in order; nothing for an object that is linked and not looked at.
    public internal(set) var steps: [Step] = []

    /// The gravest outcome of its steps: a library that was linked and then failed to be read failed.
    public var outcome: Outcome? {
      let gravest: [Outcome] = [.failed, .skipped, .ran, .kept]
      return gravest.first { outcome in steps.contains { $0.outcome == outcome } }
    }
  }

  public struct Edge: Hashable, Sendable {
    /// Indices of nodes.
    public let from: Int
    public let to: Int
    public let carried: Carried
  }

  /// Each after those that feed it.
  public let nodes: [Node]
  /// In the order of the nodes that they lead to; one at most between two nodes.
  public let edges: [Edge]
  /// Whether the outcome of any task is known.
  public let isBuilt: Bool
}
