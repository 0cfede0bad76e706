/// What a kernel has instead of a missing field.
package enum CoreAlternative: Hashable, Sendable {
  /// The kernel has no type with this name.
  case noType
  /// A field with the same name elsewhere in the type.
  case moved(to: String)
  /// Fields with a similar name, or of the same kind at the same offset.
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
      if let moved = target.path(to: name, in: type) { return .moved(to: "\(text).\(moved)") }
      let ours = local.member(accessor.type, Int(accessor.index))
      let kind = local.bareKind(ours.type)
      let similar = members.filter { CoreAlternative.isSimilar(name, $0.path) && target.bareKind($0.type) == kind }
      let inPlace = members.filter { $0.offsetBits == ours.offsetBits && target.bareKind($0.type) == kind }
      let named = (similar.isEmpty ? inPlace : similar).prefix(3).map { "\(text).\($0.path)" }
      return named.isEmpty ? nil : .renamed(to: named)
    }
    return nil
  }
}

extension CoreAlternative {
  /// Whether one name may have replaced the other: `state` and `__state`, `nr_hugepages` and `nr_hugepages_max`.
  fileprivate static func isSimilar(_ name: String, _ other: String) -> Bool {
    func core(_ name: String) -> [UInt8] { Array(name.utf8.drop { $0 == UInt8(ascii: "_") }) }
    let (left, right) = (core(name), core(other))
    let (short, long) = left.count < right.count ? (left, right) : (right, left)
    return short.count >= 3 && (long.starts(with: short) || long.reversed().starts(with: short.reversed()))
  }
}

extension CoreRelocation.Kind {
  fileprivate var isOfField: Bool { rawValue <= CoreRelocation.Kind.fieldRightShift.rawValue }
}

extension BTFSpec {
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
  fileprivate func path(to name: String, in type: TypeID) -> String? {
    var level = [(path: "", type: type)]
    var visited = TypeSet()
    for _ in 0..<4 {
      var next: [(path: String, type: TypeID)] = []
      for composite in level where visited.insert(composite.type) {
        for member in allMembers(of: composite.type) {
          if member.path == name { return composite.path + name }
          let inner = skippingModifiersAndTypedefs(member.type)
          if kind(inner).isComposite { next.append((composite.path + member.path + ".", inner)) }
        }
      }
      level = next
    }
    return nil
  }
}
