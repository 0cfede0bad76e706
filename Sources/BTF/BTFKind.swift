/// The kinds of a BTF type. Source: the kernel's include/uapi/linux/btf.h.
package enum BTFKind: UInt8, CaseIterable, Hashable, Sendable {
  case void = 0
  case int, pointer, array, structure, union, enumeration, forward, typedef, volatile, const, restrict, function
  case functionPrototype, variable, dataSection, float, declarationTag, typeTag, enumeration64

  /// Whether a value of this kind is in memory what a value of its target is.
  package var isTransparent: Bool {
    switch self {
    case .volatile, .const, .restrict, .typeTag, .typedef: true
    case .void, .int, .pointer, .array, .structure, .union, .enumeration, .forward, .function, .functionPrototype,
      .variable, .dataSection, .float, .declarationTag, .enumeration64:
      false
    }
  }

  /// `const`, `volatile`, `restrict` and type tags: they restrict the use of a value, and have no name.
  var isModifier: Bool { isTransparent && self != .typedef }

  package var isComposite: Bool { self == .structure || self == .union }
  var isEnumeration: Bool { self == .enumeration || self == .enumeration64 }
}
