/// Where the types of one kind have the ids of others, and the names of their parts.
///
/// A table, so that the loops over a kernel's types branch for no kind: which one comes next, no processor can predict.
package struct BTFShape {
  /// `void` for numbers that are no kind's.
  package let kind: BTFKind
  /// The words between two parts: members, enumerators, parameters or variables.
  package let stride: Int
  /// Whether each part begins with a name.
  let hasNames: Bool
  /// The words behind a type's first three that are no part's.
  let extra: Int
  /// The word with the first id of another type: an array's element before its index, what a function returns before what
  /// it takes. Further ids are a stride apart.
  package let firstReference: Int
  let ownReferences: Int
  let referencesOfPart: Int
  /// What those that it refers to may be.
  let targets: BTFKindSet
  let needsName: Bool
  /// Whether it says something of itself in numbers.
  let hasNumbers: Bool

  package func references(_ vlen: Int) -> Int { ownReferences + referencesOfPart * vlen }

  /// The words that follow a type's first three.
  package func moreWords(_ vlen: Int) -> Int { extra + (stride > 1 ? stride * vlen : 0) }

  /// The indices of a type's words that are the names of its parts; the type's own name is word 0.
  package func partNames(_ vlen: Int) -> StrideTo<Int> {
    Swift.stride(from: 3, to: hasNames ? 3 + stride * vlen : 3, by: stride)
  }

  /// By the kind's number.
  package static let ofKind: [BTFShape] = (0..<32).map { number in
    BTFKind(rawValue: number).map(BTFShape.init) ?? BTFShape(.void)
  }

  private init(_ kind: BTFKind) {
    self.kind = kind
    switch kind {
    case .structure, .union, .dataSection, .enumeration64: stride = 3
    case .enumeration, .functionPrototype: stride = 2
    default: stride = 1
    }
    switch kind {
    case .structure, .union, .enumeration, .enumeration64, .functionPrototype: hasNames = true
    default: hasNames = false
    }
    switch kind {
    case .int, .variable, .declarationTag: extra = 1
    case .array: extra = 3
    default: extra = 0
    }
    switch kind {
    case .pointer, .typedef, .const, .volatile, .restrict, .typeTag, .variable, .function, .declarationTag:
      (firstReference, ownReferences, referencesOfPart) = (2, 1, 0)
    case .functionPrototype: (firstReference, ownReferences, referencesOfPart) = (2, 1, 1)
    case .array: (firstReference, ownReferences, referencesOfPart) = (3, 2, 0)
    case .dataSection: (firstReference, ownReferences, referencesOfPart) = (3, 0, 1)
    case .structure, .union: (firstReference, ownReferences, referencesOfPart) = (4, 0, 1)
    case .void, .int, .enumeration, .enumeration64, .forward, .float:
      (firstReference, ownReferences, referencesOfPart) = (0, 0, 0)
    }
    switch kind {
    case .pointer, .typedef, .const, .volatile, .restrict, .typeTag:
      targets = .inMemory.union([.void, .functionPrototype])
    // `extern const void symbol __ksym` declares a variable of no type.
    case .variable, .functionPrototype: targets = .inMemory.union([.void])
    case .function: targets = [.functionPrototype]
    // A section of externs lists functions as well (.ksyms).
    case .dataSection: targets = [.variable, .function]
    case .declarationTag:
      targets = .inMemory.union([.variable, .function, .functionPrototype, .dataSection, .declarationTag])
    default: targets = .inMemory
    }
    switch kind {
    // A function needs none: gcc 12 makes one, nameless, of each type of function that is only pointed at.
    case .int, .float, .forward, .typedef, .variable, .dataSection, .declarationTag, .typeTag:
      needsName = true
    default: needsName = false
    }
    hasNumbers = kind == .int || kind == .variable || kind.isEnumeration
  }
}

/// Some kinds: a bit each.
struct BTFKindSet: ExpressibleByArrayLiteral {
  private var bits: UInt32 = 0

  init(arrayLiteral kinds: BTFKind...) { for kind in kinds { bits |= 1 << kind.rawValue } }

  func contains(_ kind: BTFKind) -> Bool { bits >> kind.rawValue & 1 == 1 }

  func union(_ other: BTFKindSet) -> BTFKindSet {
    var all = self
    all.bits |= other.bits
    return all
  }

  /// What a member or an array's element may be.
  static let inMemory: BTFKindSet = [
    .int, .pointer, .array, .structure, .union, .enumeration, .forward, .typedef, .volatile, .const, .restrict, .float,
    .typeTag, .enumeration64,
  ]
}
