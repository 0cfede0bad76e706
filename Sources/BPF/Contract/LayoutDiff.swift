internal import BTF

/// A difference between two objects that their users can notice.
package struct LayoutChange: Hashable, Sendable {
  package enum Subject: String, Hashable, Sendable {
    case section, variable, map, program
  }

  package enum Kind: Hashable, Sendable {
    case added, removed
    /// Another offset in the section, or another position among maps or programs.
    case moved
    case resized
    /// Another type, or a type of the same name and size that differs inside. `member` is the path to the member that
    /// differs, as written in C; `nil` for the type itself.
    case retyped(member: String?)
    case changed(Property)
  }

  /// A property other than offset, size and type. The raw values are shown to users.
  package enum Property: String, CaseIterable, Hashable, Sendable {
    /// Whether a variable is weak.
    case binding
    /// The ELF section of a program, or of a variable that a library and its final have in different ones.
    case section
    /// The type of a map.
    case mapType = "type"
    case keySize = "key size"
    case valueSize = "value size"
    case maximumEntries = "max_entries"
    case mapFlags = "flags"
  }

  package var subject: Subject
  /// The data section of a variable.
  package var section: String?
  package var name: String
  package var kind: Kind
  package var old: String?
  package var new: String?
}

extension LayoutChange {
  /// The kind of change, as shown to users.
  package var kindName: String {
    switch kind {
    case .added: "added"
    case .removed: "removed"
    case .moved: "moved"
    case .resized: "resized"
    case .retyped: "retyped"
    case .changed: "changed"
    }
  }

  /// The property that `old` and `new` are values of, as shown to users; `nil` for the subject itself.
  package var propertyName: String? {
    switch kind {
    case .added, .removed: nil
    case .moved: subject == .variable ? "offset" : "position"
    case .resized: "size"
    case .retyped(let member): member
    case .changed(let property): property.rawValue
    }
  }

  /// Whether both changes are of one section, variable, map or program.
  package func isOfSameDeclaration(as other: LayoutChange) -> Bool {
    (subject, section, name) == (other.subject, other.section, other.name)
  }
}

/// The differences between two objects' exported layouts and contracts.
package enum LayoutDiff {
  /// The changes: sections in the order of the new object, then maps, then programs. Empty if users of one object can
  /// use the other unchanged.
  package static func changes(from old: BPFObject, to new: BPFObject) -> [LayoutChange] {
    let contracts = (old: old.contract(), new: new.contract())
    var types = TypeDiff(old: old.btf, new: new.btf)
    return sections(old.layout, new.layout, contracts, &types)
      + maps(old.layout, new.layout, contracts, &types)
      + programs(old.layout, new.layout, contracts)
  }

  private static func sections(
    _ old: ExportedLayout, _ new: ExportedLayout, _ contracts: (old: Contract, new: Contract), _ types: inout TypeDiff
  ) -> [LayoutChange] {
    let names =
      new.sections.map(\.name) + old.sections.map(\.name).filter { name in !new.sections.contains { $0.name == name } }
    let variables = (
      old: Dictionary(grouping: contracts.old.variables, by: \.section),
      new: Dictionary(grouping: contracts.new.variables, by: \.section)
    )
    var changes: [LayoutChange] = []
    for name in names {
      let before = old.sections.first { $0.name == name }
      let after = new.sections.first { $0.name == name }
      if before == nil { changes.append(LayoutChange(subject: .section, name: name, kind: .added)) }
      if after == nil { changes.append(LayoutChange(subject: .section, name: name, kind: .removed)) }
      let (olds, news) = (variables.old[name] ?? [], variables.new[name] ?? [])
      let formers = Dictionary(olds.map { ($0.name, $0) }) { first, _ in first }
      let offsets = (
        old: Dictionary((before?.variables ?? []).map { ($0.name, $0.offsetBytes) }) { first, _ in first },
        new: Dictionary((after?.variables ?? []).map { ($0.name, $0.offsetBytes) }) { first, _ in first }
      )
      func change(_ variable: String, _ kind: LayoutChange.Kind, _ old: String?, _ new: String?) {
        changes.append(
          LayoutChange(subject: .variable, section: name, name: variable, kind: kind, old: old, new: new))
      }
      for variable in olds where offsets.new[variable.name] == nil {
        change(variable.name, .removed, variable.declaration, nil)
      }
      for variable in news {
        guard let former = formers[variable.name] else {
          change(variable.name, .added, nil, variable.declaration)
          continue
        }
        if offsets.old[variable.name]! != offsets.new[variable.name]! {
          change(variable.name, .moved, "\(offsets.old[variable.name]!)", "\(offsets.new[variable.name]!)")
        }
        if former.sizeBytes != variable.sizeBytes {
          change(variable.name, .resized, "\(former.sizeBytes)", "\(variable.sizeBytes)")
        }
        for difference in types.differences(former.type, variable.type) {
          change(variable.name, .retyped(member: difference.path), difference.old, difference.new)
        }
        if former.isWeak != variable.isWeak {
          change(
            variable.name, .changed(.binding), former.isWeak ? "weak" : "strong", variable.isWeak ? "weak" : "strong")
        }
      }
    }
    return changes
  }

  private static func maps(
    _ old: ExportedLayout, _ new: ExportedLayout, _ contracts: (old: Contract, new: Contract), _ types: inout TypeDiff
  ) -> [LayoutChange] {
    // Maps of data sections are reported with their sections.
    let sections = Set((old.sections + new.sections).map(\.name))
    func shown(_ layout: ExportedLayout) -> [String] { layout.maps.map(\.name).filter { !sections.contains($0) } }
    var changes = order(.map, shown(old), shown(new))
    let formers = Dictionary(contracts.old.maps.map { ($0.name, $0) }) { first, _ in first }
    for map in contracts.new.maps {
      guard let former = formers[map.name] else { continue }
      let properties: [(LayoutChange.Property, UInt32, UInt32)] = [
        (.mapType, former.type, map.type), (.keySize, former.keySizeBytes, map.keySizeBytes),
        (.valueSize, former.valueSizeBytes, map.valueSizeBytes),
        (.maximumEntries, former.maximumEntries, map.maximumEntries), (.mapFlags, former.flags, map.flags),
      ]
      for (property, before, after) in properties where before != after {
        changes.append(
          LayoutChange(
            subject: .map, name: map.name, kind: .changed(property), old: "\(before)", new: "\(after)"))
      }
      for (label, ids, before, after) in [
        ("key", (former.keyTypeID, map.keyTypeID), former.keyType, map.keyType),
        ("value", (former.valueTypeID, map.valueTypeID), former.valueType, map.valueType),
      ] where ids.0 != ids.1 {
        for difference in types.differences(before, after) {
          let path = difference.path.map { label + "." + $0 } ?? label
          changes.append(
            LayoutChange(
              subject: .map, name: map.name, kind: .retyped(member: path), old: difference.old, new: difference.new))
        }
      }
    }
    return changes
  }

  private static func programs(
    _ old: ExportedLayout, _ new: ExportedLayout, _ contracts: (old: Contract, new: Contract)
  ) -> [LayoutChange] {
    var changes = order(.program, old.programs.map(\.name), new.programs.map(\.name))
    let formers = Dictionary(contracts.old.programs.map { ($0.name, $0) }) { first, _ in first }
    for program in contracts.new.programs {
      guard let former = formers[program.name] else { continue }
      if former.section != program.section {
        changes.append(
          LayoutChange(
            subject: .program, name: program.name, kind: .changed(.section), old: former.section, new: program.section))
      }
    }
    return changes
  }

  /// What was added, what was removed, and what has another position among the rest.
  private static func order(_ subject: LayoutChange.Subject, _ old: [String], _ new: [String]) -> [LayoutChange] {
    let (before, after) = (Set(old), Set(new))
    var changes = old.filter { !after.contains($0) }.map { LayoutChange(subject: subject, name: $0, kind: .removed) }
    changes += new.filter { !before.contains($0) }.map { LayoutChange(subject: subject, name: $0, kind: .added) }
    let stayed = (old: old.filter(after.contains), new: new.filter(before.contains))
    let positions = Dictionary(zip(stayed.old, stayed.old.indices)) { first, _ in first }
    for (index, name) in stayed.new.enumerated() where index < stayed.old.count && stayed.old[index] != name {
      let former = positions[name]!
      changes.append(
        LayoutChange(subject: subject, name: name, kind: .moved, old: "\(former)", new: "\(index)"))
    }
    return changes
  }
}
