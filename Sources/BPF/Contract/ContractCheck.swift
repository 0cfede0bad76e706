/// Compares what a library's users rely on with the final that it was linked into.
package enum ContractCheck {
  /// Everything of the library that is missing or different in the final; empty if they agree.
  ///
  /// In each change, `old` is the library's side and `new` the final's. It is not a violation if variables have other
  /// offsets in the final, if the final has more of everything, or if a weak extern is missing. A variable that the
  /// final hides counts as removed, and `new` says so: if one object declares it hidden, it is hidden in the linked
  /// object. One that the final has in another section has a change of its section.
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
      guard change.kind == .removed else { return change }
      var change = change
      if final.facts.hiddenNames.contains(change.name) {
        change.new = "hidden"
      } else if change.subject == .variable, let section = final.layout.section(of: change.name) {
        (change.kind, change.old, change.new) = (.changed(.section), change.section, section)
        change.section = nil
      }
      return change
    }
  }
}

extension ExportedLayout {
  /// The name of the data section that contains a variable; `nil` if none does.
  fileprivate func section(of variable: String) -> String? {
    sections.first { $0.variables.contains { $0.name == variable } }?.name
  }
}

extension LayoutChange.Property {
  /// Whether a library and its final must agree on this property.
  fileprivate var isAgreed: Bool {
    switch self {
    case .mapType, .keySize, .valueSize, .section: true
    case .binding, .maximumEntries, .mapFlags: false
    }
  }
}
