/// The kinds of a BTF type. Source: the kernel's include/uapi/linux/btf.h.
package enum BTFKind: UInt8, CaseIterable, Hashable, Sendable {
  case void = 0
  case int, pointer, array, structure, union, enumeration, forward, typedef, volatile, const, restrict, function
  case functionPrototype, variable, dataSection, float, declarationTag, typeTag, enumeration64

  /// `const`, `volatile`, `restrict` and type tags: they say how a value may be used, not how it lies in memory.
  var isModifier: Bool {
    switch self {
    case .volatile, .const, .restrict, .typeTag: true
    case .void, .int, .pointer, .array, .structure, .union, .enumeration, .forward, .typedef, .function,
      .functionPrototype, .variable, .dataSection, .float, .declarationTag, .enumeration64:
      false
    }
  }

  package var isComposite: Bool { self == .structure || self == .union }
  var isEnumeration: Bool { self == .enumeration || self == .enumeration64 }
}
