package import Incr

/// A project's graph as people think of it: objects, what is linked of them, what is made for them, and checks.
///
/// `inspect` and `needs` are no nodes of their own. They read the layout and the contract off one object, and what its CO-RE
/// relocations ask for, and belong to the node that stands for the object; what they found is on the edges, as what these
/// carry.
package struct GraphDrawing: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case object
    /// A source that the graph file does not name, as a payload's `like`.
    case file
    case library, final, skeleton, subskeleton, payload, check
    /// The part of a kernel's BTF that objects need.
    case btf
  }

  /// What of a node another one consumes. What consumes the content consumes the layout with it.
  package enum Carried: String, Sendable, CaseIterable {
    case content, layout, contract, needs
  }

  /// One task of the engine, by the names that `bpfgen build --verbose` prints.
  package struct Step: Hashable, Sendable {
    package let rule: String
    package let name: String
    /// `nil` when the last build did not come to it, or none is on record.
    package let outcome: Outcome?
  }

  package struct Node: Hashable, Sendable {
    package let kind: Kind
    /// A name of the graph file; for headers, payloads and other files the path, for a check both names.
    package let name: String
    /// More names of the graph files for the same file.
    package internal(set) var aliases: [String] = []
    /// `nil` for a check, which writes no file.
    package let path: String?
    /// What a build does for it, in order; nothing for an object that is linked and not looked at.
    package internal(set) var steps: [Step] = []

    /// The gravest outcome of its steps: a library that was linked and then failed to be read failed.
    package var outcome: Outcome? {
      let gravest: [Outcome] = [.failed, .skipped, .ran, .kept]
      return gravest.first { outcome in steps.contains { $0.outcome == outcome } }
    }
  }

  package struct Edge: Hashable, Sendable {
    /// Indices of nodes.
    package let from: Int
    package let to: Int
    package let carried: Carried
  }

  /// Each after those that feed it.
  package let nodes: [Node]
  /// In the order of the nodes that they lead to; one at most between two nodes.
  package let edges: [Edge]
  /// Whether the outcome of any task is known.
  package let isBuilt: Bool
}
