internal import Bytes
package import ELF

/// A CO-RE relocation: what a BPF program needs to know about a type of the kernel that it runs on.
///
/// Source: `struct bpf_core_relo` and `enum bpf_core_relo_kind` of the kernel's include/uapi/linux/bpf.h.
package struct CoreRelocation: Hashable, Sendable {
  package enum Kind: UInt32, Sendable {
    case fieldOffset, fieldSize, fieldExists, fieldSigned, fieldLeftShift, fieldRightShift
    case localTypeID, targetTypeID, typeExists, typeSize
    case enumeratorExists, enumeratorValue
    case typeMatches
  }

  /// The type in the program's own BTF.
  package let type: TypeID
  package let kind: Kind
  /// For a field: the array index of the root, then members and elements. For an enumerator: its index.
  package let path: [UInt32]

  /// The relocations of an object, without duplicates. The section was checked by `BTFExtension`. O(bytes).
  static func all(in elf: ELFFile, _ btf: BTFSpec) throws(BTFError) -> Set<CoreRelocation> {
    guard let section = elf.section(named: ".BTF.ext") else { return [] }
    var found: Set<CoreRelocation> = []
    try BTFExtension.forEachRelocation(in: section, of: elf, btf) { at throws(BTFError) in
      found.insert(try CoreRelocation(elf, at: at, btf))
    }
    return found
  }

  /// The record at an offset of the file, in a checked section.
  package init(_ elf: ELFFile, at start: Int, _ btf: BTFSpec) throws(BTFError) {
    func word(_ at: Int) -> UInt32 { elf.reader.load(UInt32.self, at: start + at)! }
    try self.init(
      type: TypeID(word(BTFExtension.RelocationRecord.type)),
      access: StringOffset(word(BTFExtension.RelocationRecord.access)),
      kind: word(BTFExtension.RelocationRecord.kind), btf)
  }

  private init(type: TypeID, access: StringOffset, kind: UInt32, _ btf: BTFSpec) throws(BTFError) {
    let text = btf.string(at: access)
    let path = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
    guard let kind = Kind(rawValue: kind), !path.contains(nil), path.count <= CoreRelocation.maximumDepth else {
      throw .damaged(.relocation(type: type, kind: kind, access: text))
    }
    self.type = type
    self.kind = kind
    self.path = path.map { $0! }
  }

  /// libbpf's limit. Source: `BPF_CORE_SPEC_MAX_LEN`.
  private static let maximumDepth = 64
  /// Enough for that many numbers of ten digits.
  static let maximumAccessBytes = 11 * maximumDepth
}
