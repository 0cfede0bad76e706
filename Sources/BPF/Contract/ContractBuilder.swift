internal import BTF

extension BPFObject {
  /// What this object and the objects that it is linked with must agree on. O(types reachable from its variables and
  /// maps).
  package func contract() -> Contract {
    var fingerprints = TypeFingerprints(btf)
    var variables: [Contract.Variable] = []
    for section in layout.sections {
      var entries = facts.sections.first { $0.name == section.name }!.variables[...]
      for variable in section.variables {
        // Both are sorted by offset; static variables are in between.
        let index = entries.firstIndex {
          $0.offset == variable.offsetBytes && btf.name($0.variable) == variable.name
        }!
        let type = btf.target(entries[index].variable)
        entries = entries[(index + 1)...]
        variables.append(
          Contract.Variable(
            section: section.name, name: variable.name, declaration: variable.declaration.named(variable.name),
            sizeBytes: variable.sizeBytes, typeID: fingerprints.fingerprint(of: type), isWeak: variable.isWeak,
            type: type))
      }
    }
    let maps = facts.maps.filter { !$0.isInternal }.map { map in
      Contract.Map(
        name: map.name, type: map.type, keySizeBytes: map.keySize, valueSizeBytes: map.valueSize,
        maximumEntries: map.maximumEntries, flags: map.flags,
        keyTypeID: btf.ids.contains(map.keyType) ? fingerprints.fingerprint(of: map.keyType) : nil,
        valueTypeID: btf.ids.contains(map.valueType) ? fingerprints.fingerprint(of: map.valueType) : nil,
        keyType: map.keyType, valueType: map.valueType)
    }
    let programs = facts.programs.map {
      Contract.Program(name: $0.name, section: $0.section)
    }
    return Contract(variables: variables, maps: maps, programs: programs)
  }
}
