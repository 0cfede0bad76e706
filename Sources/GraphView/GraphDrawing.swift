package import Incr

/// A project's graph as users think of it: objects, finals and libraries, headers, and checks.
///
/// `inspect`, `needs`, `kernel-needs` and `kernel` have no nodes of their own. They read the layout and the contract of one
/// object, what it asks of kernels, or what one kernel answers, and belong to the node of the object or the
/// kernel's file; what they found is on the edges, as what these carry.
package struct GraphDrawing: Hashable, Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case object
    /// A source without a name in the graph file, such as a payload's `like`.
    case file
    case library, final, skeleton, subskeleton, payload, check
    /// Minimal BTF.
    case btf
  }

  /// The part of a node that another node consumes. The content includes the layout.
  package enum Carried: String, Sendable, CaseIterable {
    case content, layout, contract, needs
    /// What a kernel answers to what an object asks of it.
    case answers
  }

  /// A task of the engine, by the names that `bpfgen build --verbose` prints.
  package struct Step: Hashable, Sendable {
    package let rule: String
    package let name: String
    /// `nil` if the last build did not reach it, or if there are no records.
    package let outcome: Outcome?
  }

  package struct Node: Hashable, Sendable {
    package let kind: Kind
    /// A name in the graph file; for headers, payloads and other files the path, for a check both names.
    package let name: String
    /// Further names of the same file in the graph files.
    package internal(set) var aliases: [String] = []
    /// `nil` for a check, which writes no file.
    package let path: String?
    /// What a build runs for it, in order; empty for an object that is linked without an inspection.
    package internal(set) var steps: [Step] = []

    /// The most severe outcome of its steps: a library that was linked but could not be read has failed.
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

  /// Each after the nodes that it depends on.
  package let nodes: [Node]
  /// In the order of their target nodes; at most one between two nodes.
  package let edges: [Edge]
  /// Whether there is a record of any task.
  package let isBuilt: Bool
}
