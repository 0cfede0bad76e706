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
  let type: UInt32
  let kind: Kind
  /// For a field: the index that the root is taken at, then members and elements; for an enumerator its index.
  let path: [UInt32]

  /// The relocations of an object, each once. The section was checked by `BTFExtension`. O(bytes).
  static func all(in elf: ELFFile, _ btf: BTF) throws(ObjectError) -> Set<CoreRelocation> {
    guard let section = elf.section(named: ".BTF.ext") else { return [] }
    let reader = elf.reader
    func word(_ at: Int) -> UInt32 { reader.load(UInt32.self, at: at)! }
    let headerLength = Int(word(section.offset + 4))
    guard headerLength >= 32 else { return [] }
    let start = section.offset + headerLength + Int(word(section.offset + 24))
    let end = start + Int(word(section.offset + 28))
    guard end > start else { return [] }
    let recordSize = Int(word(start))
    var found: Set<CoreRelocation> = []
    var at = start + 4
    while at < end {
      let records = Int(word(at + 4))
      at += 8
      for _ in 0..<records {
        found.insert(try CoreRelocation(type: word(at + 4), access: word(at + 8), kind: word(at + 12), btf))
        at += recordSize
      }
    }
    return found
  }

  private init(type: UInt32, access: UInt32, kind: UInt32, _ btf: BTF) throws(ObjectError) {
    let text = btf.string(at: access)
    let path = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
    guard let kind = Kind(rawValue: kind), !path.contains(nil), path.count <= CoreRelocation.maximumDepth else {
      throw .damagedBTF(.relocation(type: type, kind: kind, access: text))
    }
    self.type = type
    self.kind = kind
    self.path = path.map { $0! }
  }

  /// libbpf takes no longer ones. Source: `BPF_CORE_SPEC_MAX_LEN`.
  private static let maximumDepth = 64
}
