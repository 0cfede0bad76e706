internal import BTF

/// One difference between two objects, as far as their users can notice it.
package struct LayoutChange: Hashable, Sendable {
  package enum Subject: String, Hashable, Sendable {
    case section, variable, map, program
  }

  package enum Kind: String, Hashable, Sendable {
    case added, removed
    /// Another offset in the section, or another place in the order of maps or programs.
    case moved
    case resized
    /// Another type, or a type of the same name and size with another inside.
    case retyped
    /// A property other than size and type: `property` names it.
    case changed
  }

  package var subject: Subject
  /// The data section, for variables.
  package var section: String?
  package var name: String
  package var kind: Kind
  /// For `retyped` the path of members down to what differs; for `changed` the property.
  package var property: String?
  package var old: String?
  package var new: String?
}

/// What changed between two objects' exported layouts and contracts.
package enum LayoutDiff {
  /// The changes, section by section in the order of the new object, then maps, then programs. Empty when users of the
  /// one can use the other unchanged.
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
      func change(
        _ variable: String, _ kind: LayoutChange.Kind, _ old: String?, _ new: String?, _ property: String? = nil
      ) {
        changes.append(
          LayoutChange(
            subject: .variable, section: name, name: variable, kind: kind, property: property, old: old, new: new))
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
          change(variable.name, .moved, "\(offsets.old[variable.name]!)", "\(offsets.new[variable.name]!)", "offset")
        }
        if former.sizeBytes != variable.sizeBytes {
          change(variable.name, .resized, "\(former.sizeBytes)", "\(variable.sizeBytes)", "size")
        }
        for difference in types.differences(former.type, variable.type) {
          change(variable.name, .retyped, difference.old, difference.new, difference.path)
        }
        if former.isWeak != variable.isWeak {
          change(
            variable.name, .changed, former.isWeak ? "weak" : "strong", variable.isWeak ? "weak" : "strong", "binding")
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
      let properties: [(String, UInt32, UInt32)] = [
        ("type", former.type, map.type), ("key size", former.keySizeBytes, map.keySizeBytes),
        ("value size", former.valueSizeBytes, map.valueSizeBytes),
        ("max_entries", former.maximumEntries, map.maximumEntries), ("flags", former.flags, map.flags),
      ]
      for (property, before, after) in properties where before != after {
        changes.append(
          LayoutChange(
            subject: .map, name: map.name, kind: .changed, property: property, old: "\(before)", new: "\(after)"))
      }
      for (label, ids, before, after) in [
        ("key", (former.keyTypeID, map.keyTypeID), former.keyType, map.keyType),
        ("value", (former.valueTypeID, map.valueTypeID), former.valueType, map.valueType),
      ] where ids.0 != ids.1 {
        for difference in types.differences(before, after) {
          let path = difference.path.map { label + "." + $0 } ?? label
          changes.append(
            LayoutChange(
              subject: .map, name: map.name, kind: .retyped, property: path, old: difference.old, new: difference.new))
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
            subject: .program, name: program.name, kind: .changed, property: "section", old: former.section,
            new: program.section))
      }
    }
    return changes
  }

  /// What came, what went, and what stands elsewhere among those that stayed.
  private static func order(_ subject: LayoutChange.Subject, _ old: [String], _ new: [String]) -> [LayoutChange] {
    let (before, after) = (Set(old), Set(new))
    var changes = old.filter { !after.contains($0) }.map { LayoutChange(subject: subject, name: $0, kind: .removed) }
    changes += new.filter { !before.contains($0) }.map { LayoutChange(subject: subject, name: $0, kind: .added) }
    let stayed = (old: old.filter(after.contains), new: new.filter(before.contains))
    let places = Dictionary(zip(stayed.old, stayed.old.indices)) { first, _ in first }
    for (index, name) in stayed.new.enumerated() where index < stayed.old.count && stayed.old[index] != name {
      let former = places[name]!
      changes.append(
        LayoutChange(
          subject: subject, name: name, kind: .moved, property: "position", old: "\(former)", new: "\(index)"))
    }
    return changes
  }
}
