internal import BTF

extension BPFObject {
  /// What this object and those that it is linked with must agree on. O(types that its variables and maps reach).
  package func contract() -> Contract {
    var ids = TypeIDs(btf)
    var variables: [Contract.Variable] = []
    for section in layout.sections {
      var entries = facts.sections.first { $0.name == section.name }!.variables[...]
      for variable in section.variables {
        // Both are in ascending order of offset; static variables lie between.
        let index = entries.firstIndex {
          $0.offset == variable.offsetBytes && btf.name($0.variable) == variable.name
        }!
        let type = btf.target(entries[index].variable)
        entries = entries[(index + 1)...]
        variables.append(
          Contract.Variable(
            section: section.name, name: variable.name, declaration: variable.declaration.named(variable.name),
            sizeBytes: variable.sizeBytes, typeID: ids.id(type), isWeak: variable.isWeak, type: type))
      }
    }
    let maps = facts.maps.filter { !$0.isInternal }.map { map in
      Contract.Map(
        name: map.name, type: map.type, keySizeBytes: map.keySize, valueSizeBytes: map.valueSize,
        maximumEntries: map.maximumEntries, flags: map.flags,
        keyTypeID: map.keyType > 0 && map.keyType < btf.count ? ids.id(map.keyType) : nil,
        valueTypeID: map.valueType > 0 && map.valueType < btf.count ? ids.id(map.valueType) : nil,
        keyType: map.keyType, valueType: map.valueType)
    }
    let programs = facts.programs.map {
      Contract.Program(name: $0.name, section: $0.section)
    }
    return Contract(variables: variables, maps: maps, programs: programs)
  }
}
