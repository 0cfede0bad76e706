/// Finds the targets of a program's relocations in a kernel's BTF, by name as libbpf does.
///
/// A candidate that libbpf would refuse for a reason that is expensive to check counts as a match: it is then in the
/// minimal BTF, and refused there for the same reason.
///
/// Source: the rules of CO-RE in Documentation/bpf/btf.rst and libbpf's headers; what they leave open was determined by
/// experiments.
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

  /// One step from a type to one of its parts.
  enum Step {
    case member(name: String, type: TypeID)
    case element
  }

  /// Whether a type of the target can match a local type with the same essential name.
  func isCandidate(_ candidate: TypeID, for type: TypeID) -> Bool {
    let (ours, theirs) = (local.kind(type), target.kind(candidate))
    return ours == theirs || ours.isEnumeration && theirs.isEnumeration
  }

  // MARK: Fields

  /// The members on the path to a field of the candidate, and the types on that path; `nil` if there is no such field.
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
        guard let path = member(name, of: type, &without), let last = path.last else { return nil }
        parts += path
        type = target.member(last.type, last.index).type
        guard mayBeSame(ours, type) else { return nil }
        types += path.map { target.member($0.type, $0.index).type }
      case .element:
        guard target.kind(type) == .array else { return nil }
        type = target.element(type)
        types.append(type)
      }
    }
    return (parts, types)
  }

  /// The program's path to the field, without nameless members.
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

  /// The path to a named member, including members of nameless members. BTF's nesting limits the recursion.
  ///
  /// - Parameter without: types that were searched without success. One type can be reached over too many paths to
  ///   search it each time.
  private func member(_ name: String, of type: TypeID, _ without: inout Set<TypeID>) -> [Part]? {
    guard target.kind(type).isComposite, !without.contains(type) else { return nil }
    for index in 0..<target.vlen(type) {
      let member = target.member(type, index)
      if target.hasText(at: member.nameOffset) {
        if target.isString(at: member.nameOffset, name) { return [Part(type: type, index: index)] }
      } else {
        let inner = target.skippingModifiersAndTypedefs(member.type)
        if let path = self.member(name, of: inner, &without) { return [Part(type: type, index: index)] + path }
      }
    }
    without.insert(type)
    return nil
  }

  /// Whether a field of one type may be read as the other. Sizes may differ, kinds must not.
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

  /// The candidate's enumerator with the relocation's name.
  func enumerator(_ relocation: CoreRelocation, of candidate: TypeID) -> Part? {
    let theirs = target.skippingModifiersAndTypedefs(candidate)
    guard target.kind(theirs).isEnumeration, let name = enumeratorName(relocation) else { return nil }
    return (0..<target.vlen(theirs)).first {
      CoreMatcher.essential(target.string(at: target.enumerator(theirs, $0).nameOffset)) == name
    }.map { Part(type: theirs, index: $0) }
  }

  /// The program's name for the enumerator, without a flavor; `nil` if there is no such enumerator.
  func enumeratorName(_ relocation: CoreRelocation) -> String? {
    let type = local.skippingModifiersAndTypedefs(relocation.type)
    guard local.kind(type).isEnumeration, let index = relocation.path.first, index < local.vlen(type) else {
      return nil
    }
    return CoreMatcher.essential(local.string(at: local.enumerator(type, Int(index)).nameOffset))
  }

  // MARK: Whole types

  /// Whether the candidate has a part with the name of each of the local type's parts, without which the two do not
  /// match. The types of the parts are not compared.
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

  /// A name without its flavor: `task_struct___old` is another view of `task_struct`. The separator is the last
  /// occurrence of three underscores between two other characters.
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
