/// What a kernel has instead of a missing field.
package enum CoreAlternative: Hashable, Sendable {
  /// The kernel has no type with this name.
  case noType
  /// A field with the same name elsewhere in the type.
  case moved(to: String)
  /// Fields with a similar name, or the only one of the same struct type.
  case renamed(to: [String])
  /// A field with the same name and another kind.
  case otherKind(field: String)
  /// The array is shorter.
  case shorterArray(field: String, count: UInt32)
}

extension CoreResolver {
  /// What the kernel has instead of the target of a relocation; `nil` if there is nothing to suggest.
  package func alternative(to relocation: CoreRelocation) -> CoreAlternative? {
    let candidates = candidates(of: relocation.type)
    guard let candidate = candidates.first else { return .noType }
    guard let path = try? CoreFieldPath(relocation, local), relocation.kind.isOfField else { return nil }
    var type = target.skippingModifiersAndTypedefs(candidate)
    var text = CoreMatcher.essential(local.name(relocation.type))
    for accessor in path.accessors.dropFirst() {
      type = target.skippingModifiersAndTypedefs(type)
      guard let offset = accessor.name else {
        guard target.kind(type) == .array else { return .otherKind(field: text) }
        if accessor.index >= target.elementCount(type) {
          return .shorterArray(field: text, count: target.elementCount(type))
        }
        text += "[\(accessor.index)]"
        type = target.element(type)
        continue
      }
      guard target.kind(type).isComposite else { return .otherKind(field: text) }
      let name = local.string(at: offset)
      let members = target.allMembers(of: type)
      if let member = members.first(where: { $0.path == name }) {
        text += "." + name
        if local.bareKind(local.member(accessor.type, Int(accessor.index)).type) != target.bareKind(member.type) {
          return .otherKind(field: text)
        }
        type = member.type
        continue
      }
      return alternative(
        to: name, of: local.member(accessor.type, Int(accessor.index)).type, in: type, members, spelled: text)
    }
    return nil
  }
}

extension CoreResolver {
  /// What may have replaced a member of a struct, by the best reason that there is: the same name but for underscores, the
  /// same name and type in a member, a longer or shorter name, a similar one, or the only member of the same struct type.
  private func alternative(
    to name: String, of ours: TypeID, in type: TypeID, _ members: [BTFSpec.NamedMember], spelled text: String
  ) -> CoreAlternative? {
    func isLike(_ theirs: TypeID) -> Bool { local.likeness(ours) == target.likeness(theirs) }
    func isSame(_ theirs: TypeID) -> Bool {
      isLike(theirs) && local.sizeBytes(ours) == target.sizeBytes(theirs)
    }
    func renamed(_ found: [BTFSpec.NamedMember]) -> CoreAlternative? {
      found.isEmpty ? nil : .renamed(to: found.prefix(3).map { "\(text).\($0.path)" })
    }
    let core = MemberName.core(name)
    if let found = renamed(members.filter { MemberName.core($0.path) == core && isLike($0.type) }) { return found }
    if let moved = target.path(to: name, in: type, where: isSame) { return .moved(to: "\(text).\(moved)") }
    let same = members.filter { isSame($0.type) }
    if let found = renamed(same.filter { MemberName.isPart(core, MemberName.core($0.path)) }) { return found }
    let close = same.map { (member: $0, distance: MemberName.distance(core, MemberName.core($0.path))) }
      .filter { $0.distance <= max(1, core.count / 4) && core.count >= 4 }
    let least = close.map(\.distance).min()
    if let found = renamed(close.filter { $0.distance == least }.map(\.member)) { return found }
    // Other types are shared by unrelated members.
    guard local.likeness(ours).isNamedStruct, same.count == 1 else { return nil }
    return renamed(same)
  }
}

/// How the names of members are compared.
private enum MemberName {
  /// Without the underscores around it.
  static func core(_ name: String) -> [UInt8] {
    let underscore = UInt8(ascii: "_")
    let begin = name.utf8.drop { $0 == underscore }
    return begin.reversed().drop { $0 == underscore }.reversed()
  }

  /// Whether one is the other with more words: `nr_hugepages` and `nr_hugepages_max`.
  static func isPart(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let (short, long) = left.count < right.count ? (left, right) : (right, left)
    guard short.count >= 3, short.count < long.count else { return false }
    let underscore = [UInt8(ascii: "_")]
    return long.starts(with: short + underscore) || long.reversed().starts(with: (underscore + short).reversed())
  }

  /// How many bytes are to be changed, inserted or removed. O(bytes squared).
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard abs(left.count - right.count) < 8, right.count < 128 else { return .max }
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for other in right.indices {
        let changed = diagonal + (byte == right[other] ? 0 : 1)
        diagonal = row[other + 1]
        row[other + 1] = min(changed, row[other + 1] + 1, row[other] + 1)
      }
    }
    return row[right.count]
  }
}

extension CoreRelocation.Kind {
  fileprivate var isOfField: Bool { rawValue <= CoreRelocation.Kind.fieldRightShift.rawValue }
}

extension BTFSpec {
  /// What types have in common that may replace one another.
  fileprivate enum Likeness: Equatable {
    case number
    /// By the name of what it points to, if that is a struct.
    case pointer(String?)
    case composite(String)
    case other(BTFKind)

    /// Whether a name of a struct makes it unlikely that another one is meant.
    var isNamedStruct: Bool {
      switch self {
      case .pointer(let name?), .composite(let name): !name.isEmpty
      case .number, .pointer(nil), .other: false
      }
    }
  }

  fileprivate func likeness(_ type: TypeID) -> Likeness {
    let type = skippingModifiersAndTypedefs(type)
    switch kind(type) {
    case .int: return .number
    case .structure, .union: return .composite(CoreMatcher.essential(name(type)))
    case .pointer:
      let pointee = skippingModifiersAndTypedefs(target(type))
      let isStruct = kind(pointee).isComposite || kind(pointee) == .forward
      return .pointer(isStruct ? CoreMatcher.essential(name(pointee)) : nil)
    default: return .other(kind(type))
    }
  }

  fileprivate struct NamedMember {
    let path: String
    let type: TypeID
    let offsetBits: UInt32
  }

  fileprivate func bareKind(_ type: TypeID) -> BTFKind { kind(skippingModifiersAndTypedefs(type)) }

  /// The named members, including those of nameless members. Limited to the number of members of a kernel's largest
  /// struct.
  fileprivate func allMembers(of type: TypeID) -> [NamedMember] {
    var members: [NamedMember] = []
    var pending = [(type: type, offset: UInt32(0))]
    var steps = 0
    while let next = pending.popLast(), members.count < 4096, steps < 4096 {
      steps += 1
      for index in 0..<vlen(next.type) {
        let member = member(next.type, index)
        let offset = next.offset &+ member.offsetBits
        if hasText(at: member.nameOffset) {
          members.append(NamedMember(path: string(at: member.nameOffset), type: member.type, offsetBits: offset))
        } else {
          let inner = skippingModifiersAndTypedefs(member.type)
          if kind(inner).isComposite { pending.append((inner, offset)) }
        }
      }
    }
    return members
  }

  /// The shortest path to a member with this name within named members.
  ///
  /// - Parameter isRight: whether it is of the right type.
  fileprivate func path(to name: String, in type: TypeID, where isRight: (TypeID) -> Bool) -> String? {
    var level = [(path: "", type: type)]
    var visited = TypeSet()
    for _ in 0..<4 {
      var next: [(path: String, type: TypeID)] = []
      for composite in level where visited.insert(composite.type) {
        for member in allMembers(of: composite.type) {
          if member.path == name, isRight(member.type) { return composite.path + name }
          let inner = skippingModifiersAndTypedefs(member.type)
          if kind(inner).isComposite { next.append((composite.path + member.path + ".", inner)) }
        }
      }
      level = next
    }
    return nil
  }
}
