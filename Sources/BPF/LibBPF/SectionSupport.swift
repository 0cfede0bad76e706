internal import CLibBPF
internal import ELF

/// Sections for which only some versions of libbpf create maps. An older one ignores them, which would give a header
/// without the map, or fails with an unrelated message.
///
/// Source: libbpf, `bpf_object__elf_collect` of the versions 0.8 to 1.8. No version up to 1.8 creates a map for
/// `.percpu`.
enum SectionSupport {
  private static let firstMinor: [String: Int] = [
    ".struct_ops.link": 2, "?.struct_ops": 4, "?.struct_ops.link": 4, ".addr_space.1": 4,
  ]

  /// Refuses an object with a section that libbpf 1.`runningMinor` does not support.
  static func check(_ elf: ELFFile, runningMinor: Int) throws(ObjectError) {
    for section in elf.sections where section.size > 0 {
      guard let needed = firstMinor[section.name], runningMinor < needed else { continue }
      throw .olderLibBPF(section: section.name, needed: "1.\(needed)")
    }
  }

  /// libbpf's version as the minor number of major version 1.
  static var runningMinor: Int {
    libbpf_major_version() > 1 ? Int.max : Int(libbpf_minor_version())
  }
}
