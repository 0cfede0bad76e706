internal import BTF
internal import Bytes
internal import ELF

/// A BPF object that was read: the input of headers, contracts and comparisons.
package struct BPFObject: Sendable {
  package let layout: ExportedLayout
  let btf: BTFSpec
  let facts: Facts

  /// What libbpf reports about the object; everything else is derived from this and the BTF.
  struct Facts: Sendable {
    var maps: [LibBPFHandle.Map]
    var programs: [LibBPFHandle.Program]
    /// The data sections that headers show, in the order of their maps.
    var sections: [Section]
    /// The names of weak symbols in the symbol table.
    var weakNames: Set<String>
    /// The names of global variables with hidden or internal visibility, which other objects cannot use.
    var hiddenNames: Set<String> = []

    struct Section: Sendable {
      let name: String
      /// The index of the section's map.
      let map: Int
      /// The variables that users can access, in ascending order of offset: neither static nor hidden.
      let variables: [BTFSpec.SectionVariable]
      /// Whether the BTF describes it, even if without variables.
      let isTyped: Bool
    }
  }

  /// Reads an object from memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole ELF file.
  ///   - name: the name of the header's struct, a C identifier.
  ///   - assertMembers: whether the layout includes the members of user types that variables hold by value.
  /// - Throws: the first error found. libbpf opens the object only after its ELF and BTF were checked.
  package init(_ bytes: [UInt8], name: String, assertMembers: Bool = false) throws(ObjectError) {
    guard BPFObject.isObjectName(name) else { throw .badObjectName(name) }
    let sound = try SoundObject(bytes)
    btf = sound.btf
    facts = try Facts(try LibBPFHandle(sound.elf, btf), sound.elf, btf)
    var builder = LayoutBuilder(name: name, btf: btf, facts: facts)
    layout = try builder.build(assertMembers: assertMembers)
    if layout.neededTypes.contains(where: { $0.keyword != .typedef && $0.name == name }) { throw .nameIsType(name) }
  }

  /// Whether this can be the name of a header's struct in C.
  package static func isObjectName(_ name: String) -> Bool {
    CIdentifier.isPlain(name) && !Keywords.c.contains(name) && !libbpfStructs.contains(name)
  }

  private static let libbpfStructs: Set<String> = [
    "bpf_object", "bpf_map", "bpf_program", "bpf_link", "bpf_object_skeleton", "bpf_object_subskeleton",
    "bpf_map_skeleton",
    "bpf_prog_skeleton", "bpf_var_skeleton", "bpf_object_open_opts", "btf",
  ]

  /// bpftool's name for the header of an object file: the last path component without `.o`, with all bytes except
  /// letters, digits and `_` replaced, truncated to 63 bytes.
  package static func defaultName(path: String) -> String {
    let bytes = path.utf8.span
    let slash = UInt8(ascii: "/")
    var end = bytes.count
    while end > 0, bytes[end - 1] == slash { end -= 1 }
    var start = end
    while start > 0, bytes[start - 1] != slash { start -= 1 }
    end = min(end, start + 63)
    if end - start >= 2, bytes[end - 2] == UInt8(ascii: "."), bytes[end - 1] == UInt8(ascii: "o") { end -= 2 }
    var name: [UInt8] = []
    name.reserveCapacity(end - start)
    for index in start..<end {
      let byte = bytes[index]
      let isLetter = byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z")
      let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      name.append(isLetter || isDigit ? byte : UInt8(ascii: "_"))
    }
    return String(decoding: name, as: UTF8.self)
  }
}

extension BPFObject.Facts {
  init(_ handle: consuming LibBPFHandle, _ elf: ELFFile, _ btf: BTFSpec) throws(ObjectError) {
    maps = handle.maps()
    // libbpf before 1.4 treats a lone function in .text as a program; linked into a final it is not a program in any
    // version.
    programs = handle.programs().filter { $0.section != ".text" }
    weakNames = elf.weakNames()
    sections = []
    let byName = Dictionary(btf.ids(of: .dataSection).map { (btf.name($0), $0) }) { first, _ in first }
    for (index, map) in maps.enumerated() where map.isMemoryMapped {
      let name = map.type == BPFMapType.arena ? arenaSection : map.name
      if map.type == BPFMapType.arena && byName[name] == nil { continue }
      var variables = byName[name].map { handle.sectionVariables($0) } ?? []
      variables.removeAll { btf.kind($0.variable) != .variable }
      // For when libbpf took a variable's offset from a symbol of the same name in another section.
      if let section = elf.section(named: name) {
        for entry in variables where UInt64(entry.offset) + UInt64(entry.size) > UInt64(section.size) {
          throw .btf(.damaged(.variableOutside(section: name, variable: btf.name(entry.variable))))
        }
      }
      let hidden = variables.filter {
        btf.linkage(of: $0.variable) != .static && handle.isStatic(variable: $0.variable)
      }
      hiddenNames.formUnion(hidden.map { btf.name($0.variable) })
      variables.removeAll { handle.isStatic(variable: $0.variable) }
      // bpftool 7.1 shows a section of static variables as an empty struct, which user code may refer to. Hidden
      // variables are shown by no version, or only with their section's other variables.
      if variables.isEmpty, !hidden.isEmpty, map.type != BPFMapType.arena { continue }
      sections.append(Section(name: name, map: index, variables: variables, isTyped: byName[name] != nil))
    }
  }
}

/// clang's section name for the variables of an arena.
let arenaSection = ".addr_space.1"

/// The map types that headers treat specially. Source: `enum bpf_map_type` of the kernel.
enum BPFMapType {
  static let structOps: UInt32 = 26
  static let arena: UInt32 = 33
}

extension LibBPFHandle.Map {
  /// Whether a header shows a pointer to its content. libbpf 1.1 and newer map a section only if user code can access a
  /// variable in it, older ones always. The header is the same for all; the pointer is NULL if nothing is mapped.
  var isMemoryMapped: Bool { type == BPFMapType.arena || (isInternal && hasKnownPrefix) }

  /// Whether users can access it: libbpf's internal maps other than data sections are private.
  var hasKnownPrefix: Bool { [".data", ".rodata", ".bss", ".kconfig"].contains { name.hasPrefix($0) } }

  var kind: ExportedLayout.Map.Kind {
    if type == BPFMapType.structOps { return .structOps }
    if type == BPFMapType.arena { return .arena }
    guard isInternal else { return .user }
    return name == ".kconfig" ? .kconfig : .data
  }
}

extension ELFFile {
  fileprivate func weakNames() -> Set<String> {
    Set(symbols.lazy.filter { $0.binding == ELFFormat.weakBinding }.map { name(of: $0).text })
  }
}
