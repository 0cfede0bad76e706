internal import BTF

/// Finds the structs and unions that user code declares and that variables hold by value, with the offsets of their
/// members.
struct UserTypeCollector {
  let btf: BTFSpec
  /// How many members may still be listed: those of anonymous structs can be reached over too many paths to list them
  /// all.
  private var steps: Int

  init(btf: BTFSpec) {
    self.btf = btf
    steps = 65_536 + btf.words.count
  }

  mutating func collect(_ facts: BPFObject.Facts) -> [ExportedLayout.UserType] {
    var found: [String: ExportedLayout.UserType] = [:]
    var seen = TypeSet()
    var pending: [TypeID] = []
    for section in facts.sections {
      pending += section.variables.map { btf.target($0.variable) }
    }
    while let next = pending.popLast() {
      let id = btf.skippingModifiers(next)
      guard seen.insert(id) else { continue }
      switch btf.kind(id) {
      case .array: pending.append(btf.element(id))
      case .typedef:
        // User code declares the type by this name; it does not matter whether it also has a tag.
        let target = btf.skippingModifiersAndTypedefs(id)
        if btf.kind(target).isComposite {
          add(target, spelling: btf.name(id), to: &found)
          pending += members(of: target)
        } else {
          pending.append(btf.target(id))
        }
      case .structure, .union:
        if btf.hasName(id) {
          add(id, spelling: (btf.kind(id) == .structure ? "struct " : "union ") + btf.name(id), to: &found)
        }
        pending += members(of: id)
      case .void, .int, .pointer, .enumeration, .forward, .volatile, .const, .restrict, .function, .functionPrototype,
        .variable, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
        break
      }
    }
    return found.values.sorted { $0.spelling < $1.spelling }
  }

  private func members(of id: TypeID) -> [TypeID] { (0..<btf.vlen(id)).map { btf.member(id, $0).type } }

  private mutating func add(_ id: TypeID, spelling: String, to found: inout [String: ExportedLayout.UserType]) {
    guard found[spelling] == nil else { return }
    var members: [ExportedLayout.UserType.Member] = []
    addMembers(of: id, prefix: "", at: 0, to: &members)
    found[spelling] = ExportedLayout.UserType(
      spelling: spelling, sizeBytes: btf.statedSize(id), members: members)
  }

  /// Members of anonymous structs are listed for the enclosing struct. Recursion is limited by
  /// `BTFSpec.maximumNesting`.
  private mutating func addMembers(
    of id: TypeID, prefix: String, at base: UInt32, to members: inout [ExportedLayout.UserType.Member]
  ) {
    for index in 0..<btf.vlen(id) {
      steps -= 1
      guard steps > 0 else { return }
      let member = btf.member(id, index)
      guard member.bitfieldBits == 0, member.offsetBits % 8 == 0, members.count < 4096 else { continue }
      let name = btf.string(at: member.nameOffset)
      let offset = base + member.offsetBits / 8
      let type = btf.skippingModifiers(member.type)
      if btf.kind(type).isComposite, !btf.hasName(type) {
        addMembers(of: type, prefix: name.isEmpty ? prefix : prefix + name + ".", at: offset, to: &members)
      }
      guard CIdentifier.isPlain(name), let size = btf.sizeBytes(member.type), size > 0 else { continue }
      members.append(
        ExportedLayout.UserType.Member(name: prefix + name, offsetBytes: offset, sizeBytes: size))
    }
  }
}
