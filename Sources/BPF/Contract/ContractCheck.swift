/// Compares what a library's users rely on with what the final that it was linked into has.
package enum ContractCheck {
  /// Everything of the library that is missing in the final or another thing there; empty when they agree.
  ///
  /// In each change `old` is the library's side and `new` the final's. That variables lie elsewhere in the final, that it
  /// has more of everything, and that a weak extern is missing are no disagreements. A variable that the final hides is
  /// removed, with `new` saying so: one object that declares it hidden hides it from all.
  package static func violations(library: BPFObject, final: BPFObject) -> [LayoutChange] {
    let weak = Set(library.layout.sections.flatMap(\.variables).filter(\.isWeak).map(\.name))
    return LayoutDiff.changes(from: library, to: final).filter { change in
      switch change.kind {
      case .added, .moved: false
      case .removed: !(change.subject == .variable && weak.contains(change.name)) && change.subject != .section
      case .resized, .retyped: true
      case .changed(let property): property.isAgreed
      }
    }.map { change in
      guard change.kind == .removed, final.facts.hiddenNames.contains(change.name) else { return change }
      var change = change
      change.new = "hidden"
      return change
    }
  }
}

extension LayoutChange.Property {
  /// Whether a library and its final must agree on it.
  fileprivate var isAgreed: Bool {
    switch self {
    case .mapType, .keySize, .valueSize, .section: true
    case .binding, .maximumEntries, .mapFlags: false
    }
  }
}
