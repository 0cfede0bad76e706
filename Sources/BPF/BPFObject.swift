internal import BTF
internal import Bytes
internal import ELF

/// One BPF object, read: the values that headers, contracts and comparisons are made of.
package struct BPFObject: Sendable {
  package let layout: ExportedLayout
  let btf: BTFSpec
  let facts: Facts

  /// What libbpf says of the object; everything else is derived from it and the BTF.
  struct Facts: Sendable {
    var maps: [LibBPFHandle.Map]
    var programs: [LibBPFHandle.Program]
    /// The data sections that headers show, in the order of their maps.
    var sections: [Section]
    /// The names that the symbol table has as weak.
    var weakNames: Set<String>
    /// The names of global variables that only their own object sees: of hidden or internal visibility.
    var hiddenNames: Set<String> = []

    struct Section: Sendable {
      let name: String
      /// The map that holds the section.
      let map: Int
      /// The variables that users can name, in ascending order of offset: neither static ones nor hidden ones.
      let variables: [BTFSpec.SectionVariable]
      /// Whether the BTF describes it, even if as empty.
      let isTyped: Bool
    }
  }

  /// Reads an object from memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole ELF file.
  ///   - name: the name of the header's struct, a C identifier.
  ///   - assertMembers: whether the layout carries the members of user types that variables hold by value.
  /// - Throws: the first thing that is wrong; libbpf sees the object only after its ELF and BTF were found sound.
  package init(_ bytes: [UInt8], name: String, assertMembers: Bool = false) throws(ObjectError) {
    guard BPFObject.isObjectName(name) else { throw .badObjectName(name) }
    let sound = try SoundObject(bytes)
    btf = sound.btf
    facts = try Facts(try LibBPFHandle(sound.elf, btf), sound.elf, btf)
    var builder = LayoutBuilder(name: name, btf: btf, facts: facts)
    layout = try builder.build(assertMembers: assertMembers)
    if layout.neededTypes.contains(where: { $0.keyword != .typedef && $0.name == name }) { throw .nameIsType(name) }
  }

  /// Whether a header's struct can have this name, in C.
  package static func isObjectName(_ name: String) -> Bool {
    CIdentifier.isPlain(name) && !Keywords.c.contains(name) && !libbpfStructs.contains(name)
  }

  private static let libbpfStructs: Set<String> = [
    "bpf_object", "bpf_map", "bpf_program", "bpf_link", "bpf_object_skeleton", "bpf_object_subskeleton",
    "bpf_map_skeleton",
    "bpf_prog_skeleton", "bpf_var_skeleton", "bpf_object_open_opts", "btf",
  ]

  /// The name that bpftool gives the header of an object file: its last path component without `.o`, every other byte
  /// than letters, digits and `_` replaced, cut at 63 bytes as bpftool cuts it.
  package static func defaultName(path: String) -> String {
    var base = path.utf8.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
    base = Array(base.prefix(63))
    if base.suffix(2) == [UInt8(ascii: "."), UInt8(ascii: "o")] { base.removeLast(2) }
    return String(
      decoding: base.map { byte in
        let letter = byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z")
        let digit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        return letter || digit ? byte : UInt8(ascii: "_")
      }, as: UTF8.self)
  }
}

extension BPFObject.Facts {
  init(_ handle: consuming LibBPFHandle, _ elf: ELFFile, _ btf: BTFSpec) throws(ObjectError) {
    maps = handle.maps()
    // libbpf before 1.4 takes a lone function in .text for a program; linked into a final it is none for any version.
    programs = handle.programs().filter { $0.section != ".text" }
    weakNames = elf.weakNames()
    sections = []
    let byName = Dictionary(btf.ids(of: .dataSection).map { (btf.name($0), $0) }) { first, _ in first }
    for (index, map) in maps.enumerated() where map.isMemoryMapped {
      let name = map.type == BPFMapType.arena ? arenaSection : map.name
      if map.type == BPFMapType.arena && byName[name] == nil { continue }
      var variables = byName[name].map { handle.sectionVariables($0) } ?? []
      variables.removeAll { btf.kind($0.variable) != .variable }
      // Where libbpf took a variable's place from a symbol of the same name that lies elsewhere.
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
      // bpftool 7.1 shows a section of static variables as an empty struct, which code may name. What is
      // hidden no version shows, or only with its variables.
      if variables.isEmpty, !hidden.isEmpty, map.type != BPFMapType.arena { continue }
      sections.append(Section(name: name, map: index, variables: variables, isTyped: byName[name] != nil))
    }
  }
}

/// clang's name for the variables of an arena.
let arenaSection = ".addr_space.1"

/// The map types that a header treats in a way of their own. Source: `enum bpf_map_type` of the kernel.
enum BPFMapType {
  static let structOps: UInt32 = 26
  static let arena: UInt32 = 33
}

extension LibBPFHandle.Map {
  /// Whether a header shows a pointer to its content. libbpf 1.1 and newer map a section only when user code can name a
  /// variable in it, older ones always: the header is the same for all, and the pointer NULL where nothing is.
  var isMemoryMapped: Bool { type == BPFMapType.arena || (isInternal && hasKnownPrefix) }

  /// Whether users can name it: libbpf's internal maps beyond the data sections stay its own.
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
