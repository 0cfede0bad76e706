internal import BTF
internal import ELF

/// Computes the exported layout from libbpf's facts and the BTF. It decides what a header shows.
struct LayoutBuilder {
  private let btf: BTFSpec
  private let facts: BPFObject.Facts
  private var declarations: DeclarationWriter
  private var layout: ExportedLayout

  init(name: String, btf: BTFSpec, facts: BPFObject.Facts) {
    self.btf = btf
    self.facts = facts
    declarations = DeclarationWriter(btf)
    layout = ExportedLayout(name: name)
  }

  mutating func build(assertMembers: Bool) throws(ObjectError) -> ExportedLayout {
    let identifiers = nameMapsAndPrograms()
    try checkNames("program", layout.programs.map(\.name))
    try checkNames("map", layout.maps.map(\.name))
    for section in facts.sections {
      guard let identifier = identifiers[section.map] else { continue }
      try addSection(section, identifier)
    }
    for (index, map) in facts.maps.enumerated() where map.type == BPFMapType.structOps {
      guard let identifier = identifiers[index], let type = structOpsType(of: map.name) else { continue }
      var shadow = ShadowTypeBuilder(btf: btf)
      layout.structOps.append(try ObjectError.ofBTF(try shadow.build(identifier, type, &declarations)))
    }
    layout.neededTypes = declarations.neededTypes
    if assertMembers {
      var collector = UserTypeCollector(btf: btf)
      layout.userTypes = collector.collect(facts)
    }
    return layout
  }

  /// Refuses duplicate names, because libbpf only finds the first.
  private func checkNames(_ kind: String, _ names: [String]) throws(ObjectError) {
    var known: Set<String> = []
    if let name = names.first(where: { !known.insert($0).inserted }) { throw .duplicateName(name, of: kind) }
  }

  /// Maps and programs in libbpf's order, each with a name that is unique in every struct in which it appears.
  private mutating func nameMapsAndPrograms() -> [Int: CIdentifier] {
    var programScope = CIdentifier.Scope()
    layout.programs = facts.programs.map { program in
      ExportedLayout.Program(name: program.name, identifier: programScope.claim(program.name))
    }
    var mapScope = CIdentifier.Scope()
    var identifiers: [Int: CIdentifier] = [:]
    let shown = facts.maps.indices.filter { !facts.maps[$0].isInternal || facts.maps[$0].hasKnownPrefix }
    // Data sections first: `skel->rodata` is the section, even if a map is called `rodata`.
    for index in shown.filter({ facts.maps[$0].isInternal }) + shown.filter({ !facts.maps[$0].isInternal }) {
      let map = facts.maps[index]
      let name = map.isInternal ? String(map.name.dropFirst()) : map.name
      // A struct_ops map also has a link, among the links of the programs.
      identifiers[index] =
        map.type == BPFMapType.structOps ? mapScope.claim(name, alsoIn: &programScope) : mapScope.claim(name)
    }
    layout.maps = shown.map { index in
      let map = facts.maps[index]
      return ExportedLayout.Map(name: map.name, identifier: identifiers[index]!, kind: map.kind)
    }
    return identifiers
  }

  private mutating func addSection(_ section: BPFObject.Facts.Section, _ map: CIdentifier) throws(ObjectError) {
    let exported = section.variables
    for (before, after) in zip(exported, exported.dropFirst())
    where UInt64(before.offset) + UInt64(before.size) > UInt64(after.offset) && before.size > 0 && after.size > 0 {
      throw .btf(
        .overlappingVariables(
          section: section.name, variable: btf.name(after.variable), other: btf.name(before.variable),
          offsetBytes: after.offset))
    }
    let names = exported.map { btf.name($0.variable) }
    var scope = CIdentifier.Scope()
    var variables: [ExportedLayout.Variable] = []
    var end: UInt32 = 0
    for (entry, name) in zip(exported, names) {
      let type = btf.target(entry.variable)
      if btf.kind(btf.skippingModifiersAndTypedefs(type)) == .void {
        throw .untypedVariable(name, section: section.name)
      }
      guard let size = btf.sizeBytes(type) else { throw .variableTooLarge(name, section: section.name) }
      guard entry.offset >= end else {
        throw .btf(
          .overlappingVariables(
            section: section.name, variable: name, other: variables.last?.name ?? "", offsetBytes: entry.offset))
      }
      let allowed = CompositeLayouts.allowed(CompositeLayouts.largestAlignment, at: entry.offset)
      let declaration = try ObjectError.ofBTF(
        try declarations.declaration(
          of: type, keepModifiers: section.name == ".kconfig", variable: name, allowed: allowed))
      // If padding by alignment gives another offset on some machine, the padding is explicit for all machines.
      var alignment = declarations.layouts.alignment(of: type, allowed: allowed)
      alignment.least = min(4, alignment.least)
      let isNaturallyAligned = alignment.places(at: 8 * UInt64(entry.offset), after: 8 * UInt64(end))
      variables.append(
        ExportedLayout.Variable(
          name: name, identifier: scope.claim(name), declaration: declaration, offsetBytes: entry.offset,
          sizeBytes: size, elementBytes: elementBytes(type), paddingBytes: isNaturallyAligned ? 0 : entry.offset - end,
          isPacked: entry.offset % alignment.most != 0,
          isWeak: btf.linkage(of: entry.variable) == .extern && facts.weakNames.contains(name)))
      let (next, overflow) = entry.offset.addingReportingOverflow(size)
      guard !overflow, next <= UInt32(Int32.max) else {
        throw .variableTooLarge(name, section: section.name)
      }
      end = next
    }
    let identifier = section.name == arenaSection ? CIdentifier("arena") : map
    layout.sections.append(
      ExportedLayout.DataSection(
        name: section.name, identifier: identifier, variables: variables, isTyped: section.isTyped))
  }

  private func elementBytes(_ type: TypeID) -> UInt32 {
    let array = btf.skippingModifiersAndTypedefs(type)
    return btf.kind(array) == .array ? btf.sizeBytes(btf.element(array)) ?? 0 : 0
  }

  /// The struct that is the value of a struct_ops map. libbpf 1.1 does not report it; the variable with the map's name
  /// has it.
  private func structOpsType(of map: String) -> TypeID? {
    for section in btf.ids(of: .dataSection) where ELFFormat.isStructOps(btf.name(section)) {
      for index in 0..<btf.vlen(section) {
        let variable = btf.sectionVariable(section, index).variable
        guard btf.kind(variable) == .variable, btf.name(variable) == map else { continue }
        let type = btf.skippingModifiersAndTypedefs(btf.target(variable))
        return btf.kind(type) == .structure && btf.hasName(type) ? type : nil
      }
    }
    return nil
  }
}
