internal import Bytes
internal import ELF

/// One CO-RE relocation: what a BPF program wants to know of a type of the kernel that it will run on.
///
/// Source: `struct bpf_core_relo` and `enum bpf_core_relo_kind` of the kernel's include/uapi/linux/bpf.h.
struct CoreRelocation: Hashable {
  enum Kind: UInt32 {
    case fieldOffset, fieldSize, fieldExists, fieldSigned, fieldLeftShift, fieldRightShift
    case localTypeID, targetTypeID, typeExists, typeSize
    case enumeratorExists, enumeratorValue
    case typeMatches
  }

  /// In the program's own BTF.
  let type: TypeID
  let kind: Kind
  /// For a field: the index that the root is taken at, then members and elements; for an enumerator its index.
  let path: [UInt32]

  /// The relocations of an object, each once. The section was checked by `BTFExtension`. O(bytes).
  static func all(in elf: ELFFile, _ btf: BTFSpec) throws(BTFError) -> Set<CoreRelocation> {
    guard let section = elf.section(named: ".BTF.ext") else { return [] }
    func word(_ at: Int) -> UInt32 { elf.reader.load(UInt32.self, at: at)! }
    var found: Set<CoreRelocation> = []
    try BTFExtension.forEachRelocation(in: section, of: elf, btf) { at throws(BTFError) in
      found.insert(
        try CoreRelocation(
          type: TypeID(word(at + BTFExtension.RelocationRecord.type)),
          access: StringOffset(word(at + BTFExtension.RelocationRecord.access)),
          kind: word(at + BTFExtension.RelocationRecord.kind), btf))
    }
    return found
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

  /// libbpf takes no longer ones. Source: `BPF_CORE_SPEC_MAX_LEN`.
  private static let maximumDepth = 64
  /// As many numbers of ten digits.
  static let maximumAccessBytes = 11 * maximumDepth
}
