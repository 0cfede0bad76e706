/// Finds in a kernel's BTF what a program's relocations lead to, by names as libbpf does.
///
/// Where libbpf would refuse a candidate for a reason that is costly to look at, the candidate counts: it is then in the
/// minimal BTF, and refused there for the same reason.
///
/// Source: the rules of CO-RE as Documentation/bpf/btf.rst and libbpf's headers tell them; what they leave open was tried.
package struct CoreMatcher {
  private let local: BTFSpec
  private let target: BTFSpec

  init(local: BTFSpec, target: BTFSpec) {
    self.local = local
    self.target = target
  }

  /// A member of a composite, or an enumerator.
  struct Part: Hashable {
    let type: TypeID
    let index: Int
  }

  /// One step from a type to a part of it.
  enum Step {
    case member(name: String, type: TypeID)
    case element
  }

  /// Whether a type of the target is what a local type of the same essential name may stand for.
  func isCandidate(_ candidate: TypeID, for type: TypeID) -> Bool {
    let (ours, theirs) = (local.kind(type), target.kind(candidate))
    return ours == theirs || ours.isEnumeration && theirs.isEnumeration
  }

  // MARK: Fields

  /// The members on the way to a field of the candidate, and the types that lie on it; `nil` when there is no such field.
  func field(_ relocation: CoreRelocation, of candidate: TypeID) -> (parts: [Part], types: [TypeID])? {
    guard let steps = steps(relocation) else { return nil }
    var parts: [Part] = []
    var types = [candidate]
    var type = candidate
    for step in steps {
      type = target.skippingModifiersAndTypedefs(type)
      switch step {
      case .member(let name, let ours):
        var without: Set<TypeID> = []
        guard let way = member(name, of: type, &without), let last = way.last else { return nil }
        parts += way
        type = target.member(last.type, last.index).type
        guard mayBeSame(ours, type) else { return nil }
        types += way.map { target.member($0.type, $0.index).type }
      case .element:
        guard target.kind(type) == .array else { return nil }
        type = target.element(type)
        types.append(type)
      }
    }
    return (parts, types)
  }

  /// The program's way to the field: members without a name are walked through and not looked for.
  func steps(_ relocation: CoreRelocation) -> [Step]? {
    guard !relocation.path.isEmpty else { return nil }
    var steps: [Step] = []
    var type = relocation.type
    for index in relocation.path.dropFirst() {
      type = local.skippingModifiersAndTypedefs(type)
      switch local.kind(type) {
      case .structure, .union:
        guard index < local.vlen(type) else { return nil }
        let member = local.member(type, Int(index))
        let name = local.string(at: member.nameOffset)
        if !name.isEmpty { steps.append(.member(name: name, type: member.type)) }
        type = member.type
      case .array:
        steps.append(.element)
        type = local.element(type)
      case .void, .int, .pointer, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .function,
        .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag, .enumeration64:
        return nil
      }
    }
    return steps
  }

  /// The members that lead to one of a name, through those without names; BTF's nesting bounds the depth.
  ///
  /// - Parameter without: types that were searched in vain. One type can be reached over more ways than anybody could walk.
  private func member(_ name: String, of type: TypeID, _ without: inout Set<TypeID>) -> [Part]? {
    guard target.kind(type).isComposite, !without.contains(type) else { return nil }
    for index in 0..<target.vlen(type) {
      let member = target.member(type, index)
      if target.hasText(at: member.nameOffset) {
        if target.isString(at: member.nameOffset, name) { return [Part(type: type, index: index)] }
      } else {
        let inner = target.skippingModifiersAndTypedefs(member.type)
        if let way = self.member(name, of: inner, &without) { return [Part(type: type, index: index)] + way }
      }
    }
    without.insert(type)
    return nil
  }

  /// Whether a field of one type may be read as one of the other. Sizes may differ, kinds not.
  private func mayBeSame(_ ours: TypeID, _ theirs: TypeID) -> Bool {
    var (ours, theirs) = (ours, theirs)
    while true {
      ours = local.skippingModifiersAndTypedefs(ours)
      theirs = target.skippingModifiersAndTypedefs(theirs)
      let kinds = (local.kind(ours), target.kind(theirs))
      if kinds.0.isComposite && kinds.1.isComposite { return true }
      if kinds.0.isEnumeration && kinds.1.isEnumeration { return true }
      guard kinds.0 == kinds.1 else { return false }
      guard kinds.0 == .array else { return true }
      (ours, theirs) = (local.element(ours), target.element(theirs))
    }
  }

  // MARK: Enumerators

  /// The candidate's enumerator that the relocation names.
  func enumerator(_ relocation: CoreRelocation, of candidate: TypeID) -> Part? {
    let theirs = target.skippingModifiersAndTypedefs(candidate)
    guard target.kind(theirs).isEnumeration, let name = enumeratorName(relocation) else { return nil }
    return (0..<target.vlen(theirs)).first {
      CoreMatcher.essential(target.string(at: target.enumerator(theirs, $0).nameOffset)) == name
    }.map { Part(type: theirs, index: $0) }
  }

  /// What the program calls the enumerator, without a flavor; `nil` when it has none there.
  func enumeratorName(_ relocation: CoreRelocation) -> String? {
    let type = local.skippingModifiersAndTypedefs(relocation.type)
    guard local.kind(type).isEnumeration, let index = relocation.path.first, index < local.vlen(type) else {
      return nil
    }
    return CoreMatcher.essential(local.string(at: local.enumerator(type, Int(index)).nameOffset))
  }

  // MARK: Whole types

  /// Whether the candidate has a part for each of the local type's, by their names: without, the two do not match. Of what
  /// types the parts are is not looked at.
  func mayMatch(_ type: TypeID, _ candidate: TypeID) -> Bool {
    let ours = local.skippingModifiersAndTypedefs(type)
    let theirs = target.skippingModifiersAndTypedefs(candidate)
    return CoreMatcher.partNames(ours, of: local).isSubset(of: CoreMatcher.partNames(theirs, of: target))
  }

  /// The names of members or enumerators.
  static func partNames(_ type: TypeID, of btf: BTFSpec) -> Set<String> {
    let parts = 0..<btf.vlen(type)
    switch btf.kind(type) {
    case .structure, .union: return Set(parts.map { essential(btf.string(at: btf.member(type, $0).nameOffset)) })
    case .enumeration, .enumeration64:
      return Set(parts.map { essential(btf.string(at: btf.enumerator(type, $0).nameOffset)) })
    case .void, .int, .pointer, .array, .forward, .typedef, .volatile, .const, .restrict, .function, .functionPrototype,
      .variable, .dataSection, .float, .declarationTag, .typeTag:
      return []
    }
  }

  // MARK: Names

  /// A name without its flavor: `task_struct___old` is another view of `task_struct`. The last separator counts: three
  /// underscores between two other characters.
  package static func essential(_ name: String) -> String {
    let bytes = Array(name.utf8)
    let underscore = UInt8(ascii: "_")
    guard bytes.count > 4 else { return name }
    for at in stride(from: bytes.count - 5, through: 0, by: -1)
    where bytes[at] != underscore && bytes[at + 4] != underscore
      && bytes[at + 1...at + 3].allSatisfy({ $0 == underscore })
    {
      return String(decoding: bytes[...at], as: UTF8.self)
    }
    return name
  }
}
