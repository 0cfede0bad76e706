internal import BTF
internal import Bytes
internal import ELF

extension ObjectLinker {
  mutating func addTypes(
    of btf: BTFSpec, _ globals: [Int?], _ input: LinkInput, _ placements: [LinkedSections.Placement?]
  ) -> LinkedTypes.Placement {
    let shared = input.typesInSharedSections(placements)
    var ids: [TypeID?] = [.void]
    ids.reserveCapacity(btf.count)
    var next = TypeID(index: types.count)
    for id in btf.ids {
      if let global = globals[id.index] {
        if let known = symbols[global: global].type {
          ids.append(known)
          continue
        }
        symbols[global: global].type = next
      } else if btf.kind(id) == .dataSection || shared.contains(id) {
        ids.append(nil)
        continue
      }
      ids.append(next)
      next = next.advanced(by: 1)
    }
    var placement = LinkedTypes.Placement(btf, ids: ids)
    for redefinition in redefined where redefinition.kind == .function {
      types.nameParameters(of: redefinition.type, as: redefinition.definition, &placement)
    }
    types.append(&placement)
    for redefinition in redefined {
      if let target = ids[btf.target(redefinition.definition).index] { types.define(redefinition.type, as: target) }
    }
    redefined = []
    return placement
  }

  /// The global symbol for each type of an input's BTF; `nil` for all but variables and functions.
  func globals(of btf: BTFSpec) -> [Int?] {
    (TypeID.void..<TypeID(index: btf.count)).map { id in
      guard btf.isGlobal(id), let index = symbols.global(named: btf.byteName(id)) else { return nil }
      return symbols[global: index].kind == (btf.kind(id) == .function ? .function : .variable) ? index : nil
    }
  }

  /// Adds the input's variables to the lists of the linked object's sections.
  mutating func addVariables(
    of btf: BTFSpec, _ globals: [Int?], _ input: LinkInput, _ placements: [LinkedSections.Placement?], _ ids: [TypeID?]
  ) throws(ObjectError) {
    for id in btf.ids(of: .dataSection) where btf.name(id) != ELFFormat.plainExterns {
      let name = btf.name(id)
      let section = sections.index(of: name)!
      let own = input.section(named: name)
      let placement = own.flatMap { placements[$0] }
      if placement?.isDuplicate ?? false { continue }
      sections[section].isTyped = true
      for index in 0..<btf.vlen(id) {
        let entry = btf.sectionVariable(id, index)
        guard let type = ids[entry.variable.index] else { continue }
        let base = UInt32(placement?.offset ?? 0)
        guard let global = globals[entry.variable.index] else {
          guard btf.linkage(of: entry.variable) != .global else {
            throw fault(.missingSymbol(variable: btf.name(entry.variable), section: name))
          }
          let offset = btf.isGlobal(entry.variable) ? 0 : base &+ entry.offset
          list(LinkedTypes.Entry(type: type, offset: offset, size: entry.size, global: nil), in: section)
          continue
        }
        guard let offset = offsetToList(global, in: section, input) else { continue }
        symbols[global: global].entry = (section, sections[section].variables.count)
        list(LinkedTypes.Entry(type: type, offset: offset, size: entry.size, global: global), in: section)
      }
    }
  }

  private mutating func list(_ entry: LinkedTypes.Entry, in section: Int) { sections[section].variables.append(entry) }

  /// The offset for a symbol in a section's list, for the input that defines it or declares it first; `nil` for all
  /// others.
  private func offsetToList(_ index: Int, in section: Int, _ input: LinkInput) -> UInt32? {
    let global = symbols[global: index]
    guard global.definition != nil else { return global.entry == nil ? 0 : nil }
    guard global.origin == input.number, global.section == section else { return nil }
    return UInt32(truncatingIfNeeded: symbols.all[global.symbol].value)
  }

  mutating func addRecords(
    of input: LinkInput, _ placements: [LinkedSections.Placement?], _ placed: inout LinkedTypes.Placement
  ) throws(ObjectError) {
    guard let section = input.elf.section(named: ".BTF.ext") else { return }
    for group in BTFExtension.groups(of: section, in: input.elf) {
      if let origin = recordSizes.add(group.recordWords, of: group.part, from: input.number) {
        throw fault(.recordSizes(other: paths[origin]))
      }
      let name = input.btf!.string(at: group.sectionName)
      guard let own = input.section(named: name) else {
        throw .btf(
          .damaged(.extensionRecord(part: group.part.name, offsetBytes: group.records.lowerBound)))
      }
      guard let placement = placements[own] else { continue }
      append(group, of: input, placement, &placed)
    }
  }

  private mutating func append(
    _ group: BTFExtension.Group, of input: LinkInput, _ placement: LinkedSections.Placement,
    _ placed: inout LinkedTypes.Placement
  ) {
    // Word 1 is a type id or a string offset; word 2 may be a string offset.
    let (isFirstString, isSecondString) =
      switch group.part {
      case .functions: (false, false)
      case .lines: (true, true)
      case .relocations: (false, true)
      }
    var words = input.elf.reader.words(group.records)
    for record in stride(from: 0, to: words.count, by: group.recordWords) {
      words[record] &+= UInt32(placement.offset)
      if isFirstString {
        words[record + 1] = types.string(StringOffset(words[record + 1]), &placed).rawValue
      } else {
        words[record + 1] = (placed.ids[Int(words[record + 1])] ?? .void).rawValue
      }
      if isSecondString { words[record + 2] = types.string(StringOffset(words[record + 2]), &placed).rawValue }
    }
    sections[placement.section].records[group.part] += words
  }
}
