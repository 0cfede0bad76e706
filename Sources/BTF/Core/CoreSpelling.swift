extension CoreRelocation {
  /// The target of the relocation as C spells it: `task_struct.thread.fpu`, `struct task_struct`, `BPF_MAP_TYPE_ARENA`.
  package func spelling(in btf: BTFSpec) -> String {
    guard let path = try? CoreFieldPath(self, btf) else { return btf.keywordAndName(type) }
    switch kind {
    case .localTypeID, .targetTypeID, .typeExists, .typeSize, .typeMatches: return btf.keywordAndName(type)
    case .enumeratorExists, .enumeratorValue:
      return CoreMatcher.essential(btf.string(at: path.accessors[0].name!))
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift:
      var text = CoreMatcher.essential(btf.name(type))
      for (number, accessor) in path.accessors.enumerated() where number > 0 || accessor.index > 0 {
        text += accessor.name.map { "." + btf.string(at: $0) } ?? "[\(accessor.index)]"
      }
      return text
    }
  }
}

extension BTFSpec {
  /// A type's name without its flavor, after `struct`, `union` or `enum`.
  package func keywordAndName(_ type: TypeID) -> String {
    let name = CoreMatcher.essential(name(type))
    switch kind(type) {
    case .structure: return "struct \(name)"
    case .union: return "union \(name)"
    case .enumeration, .enumeration64: return "enum \(name)"
    case .forward: return (kindFlag(type) ? "union " : "struct ") + name
    case .void, .int, .pointer, .array, .typedef, .volatile, .const, .restrict, .function, .functionPrototype,
      .variable,
      .dataSection, .float, .declarationTag, .typeTag:
      return name
    }
  }
}

extension BTFSpec {
  /// A short C spelling of a type, for messages.
  package func spelling(of type: TypeID, depth: Int = 0) -> String {
    guard depth < 8 else { return "…" }
    switch kind(type) {
    case .void: return "void"
    case .pointer: return spelling(of: target(type), depth: depth + 1) + " *"
    case .const: return "const " + spelling(of: target(type), depth: depth + 1)
    case .volatile, .restrict, .typeTag, .function, .variable, .declarationTag:
      return spelling(of: target(type), depth: depth + 1)
    case .array: return spelling(of: element(type), depth: depth + 1) + "[\(elementCount(type))]"
    case .functionPrototype:
      let parameters = (0..<vlen(type)).map { spelling(of: parameter(type, $0).type, depth: depth + 1) }
      return spelling(of: target(type), depth: depth + 1) + " (" + parameters.joined(separator: ", ") + ")"
    case .int, .structure, .union, .enumeration, .forward, .typedef, .dataSection, .float, .enumeration64:
      return keywordAndName(type)
    }
  }
}
