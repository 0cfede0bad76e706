/// The layout of one kind's record in 32-bit words.
///
/// A record is {name, info, `third`}, then `fixed`, then `part` once for each of the type's members, enumerators,
/// parameters or variables. To add a kind, add a case to `BTFKind` and a row to `row(of:)`; the compiler reports
/// everything else that must handle it. Source: the kernel's Documentation/bpf/btf.rst.
///
/// The other properties are computed from the row, so that the loops over a kernel's types do not branch on the kind,
/// which no branch predictor can predict.
package struct BTFShape {
  enum Word: UInt32 {
    /// A size, an offset, a value.
    case number
    /// The id of another type.
    case type
    /// The offset of a string.
    case name
    /// A word without a meaning; compilers write any number.
    case unused
  }

  /// `void` for undefined numbers.
  package let kind: BTFKind
  let third: Word
  let fixed: BTFWords
  let part: BTFWords
  /// The kinds that it may refer to.
  let targets: BTFKindSet
  let needsName: Bool
  /// Whether `BTFSpec.checkTypes` must check its numbers.
  let hasNumbers: Bool
  /// A larger vlen is an error. The vlen of a function is its linkage.
  let largestVlen: Int

  /// The number of words of a part.
  package let stride: Int
  /// Whether each part begins with a name.
  let hasNames: Bool
  /// The number of words after the first three that do not belong to a part.
  let extra: Int
  /// The word with the first reference to another type: an array's element before its index, a function's result before
  /// its parameters. Further references are a stride apart.
  package let firstReference: Int
  let ownReferences: Int
  let referencesOfPart: Int

  private init(
    _ kind: BTFKind, third: Word = .number, fixed: BTFWords = [], part: BTFWords = [], targets: BTFKindSet = [],
    needsName: Bool = false, hasNumbers: Bool = false, largestVlen: Int = BTFSpec.maximumParts
  ) {
    self.kind = kind
    self.third = third
    self.fixed = fixed
    self.part = part
    self.targets = targets
    self.needsName = needsName
    self.hasNumbers = hasNumbers
    self.largestVlen = largestVlen
    stride = max(1, part.count)
    hasNames = part.count > 0 && part[0] == .name
    extra = fixed.count
    var (own, inPart, first) = (third == .type ? 1 : 0, 0, third == .type ? 2 : 0)
    for index in 0..<fixed.count where fixed[index] == .type {
      if first == 0 { first = 3 + index }
      own += 1
    }
    for index in 0..<part.count where part[index] == .type {
      if first == 0 { first = 3 + fixed.count + index }
      inPart += 1
    }
    (firstReference, ownReferences, referencesOfPart) = (first, own, inPart)
  }

  private static func row(of kind: BTFKind) -> BTFShape {
    switch kind {
    case .void: BTFShape(.void, third: .unused)
    case .int: BTFShape(.int, fixed: [.number], needsName: true, hasNumbers: true)
    case .pointer: BTFShape(.pointer, third: .type, targets: .referable)
    case .array: BTFShape(.array, third: .unused, fixed: [.type, .type, .number], targets: .inMemory)
    case .structure: BTFShape(.structure, part: [.name, .type, .number], targets: .inMemory)
    case .union: BTFShape(.union, part: [.name, .type, .number], targets: .inMemory)
    case .enumeration: BTFShape(.enumeration, part: [.name, .number], hasNumbers: true)
    case .forward: BTFShape(.forward, third: .unused, needsName: true)
    case .typedef: BTFShape(.typedef, third: .type, targets: .referable, needsName: true)
    case .volatile: BTFShape(.volatile, third: .type, targets: .referable)
    case .const: BTFShape(.const, third: .type, targets: .referable)
    case .restrict: BTFShape(.restrict, third: .type, targets: .referable)
    // It needs no name: gcc 12 writes a nameless one for each function type that is only used through pointers.
    case .function:
      BTFShape(.function, third: .type, targets: [.functionPrototype], largestVlen: Int(Linkage.extern.rawValue))
    case .functionPrototype: BTFShape(.functionPrototype, third: .type, part: [.name, .type], targets: .valueOrVoid)
    // `extern const void symbol __ksym` declares a variable of type void.
    case .variable:
      BTFShape(.variable, third: .type, fixed: [.number], targets: .valueOrVoid, needsName: true, hasNumbers: true)
    // A section of externs also lists functions (.ksyms).
    case .dataSection:
      BTFShape(.dataSection, part: [.type, .number, .number], targets: [.variable, .function], needsName: true)
    case .float: BTFShape(.float, needsName: true)
    case .declarationTag: BTFShape(.declarationTag, third: .type, fixed: [.number], targets: .tagged, needsName: true)
    case .typeTag: BTFShape(.typeTag, third: .type, targets: .referable, needsName: true)
    case .enumeration64: BTFShape(.enumeration64, part: [.name, .number, .number], hasNumbers: true)
    }
  }

  /// Indexed by the kind's number.
  package static let ofKind: [BTFShape] = (0..<32).map { number in row(of: BTFKind(rawValue: number) ?? .void) }

  package static func of(_ kind: BTFKind) -> BTFShape { ofKind[Int(kind.rawValue)] }

  package func references(_ vlen: Int) -> Int { ownReferences + referencesOfPart * vlen }

  /// The number of words after a type's first three.
  package func moreWords(_ vlen: Int) -> Int { extra + part.count * vlen }

  /// The indices of the words with the names of a type's parts; the type's own name is word 0.
  package func partNames(_ vlen: Int) -> StrideTo<Int> {
    Swift.stride(from: 3 + extra, to: hasNames ? 3 + extra + stride * vlen : 3 + extra, by: stride)
  }

  /// The index of the first word of a part.
  package func start(ofPart index: Int) -> Int { 3 + extra + stride * index }
}

/// The meaning of several words, two bits each, so that copying a `BTFShape` needs no reference counting.
struct BTFWords: ExpressibleByArrayLiteral {
  private let bits: UInt32
  let count: Int

  init(arrayLiteral words: BTFShape.Word...) {
    var bits: UInt32 = 0
    for (index, word) in words.enumerated() { bits |= word.rawValue << (2 * index) }
    self.bits = bits
    count = words.count
  }

  subscript(index: Int) -> BTFShape.Word { BTFShape.Word(rawValue: bits >> (2 * index) & 3)! }
}

/// A set of kinds, one bit each.
struct BTFKindSet: ExpressibleByArrayLiteral {
  private var bits: UInt32 = 0

  init(arrayLiteral kinds: BTFKind...) { for kind in kinds { bits |= 1 << kind.rawValue } }

  private init(where isIn: (BTFKind) -> Bool) {
    for kind in BTFKind.allCases where isIn(kind) { bits |= 1 << kind.rawValue }
  }

  func contains(_ kind: BTFKind) -> Bool { bits >> kind.rawValue & 1 == 1 }

  func union(_ other: BTFKindSet) -> BTFKindSet {
    var all = self
    all.bits |= other.bits
    return all
  }

  /// The possible types of a member or an array's element.
  static let inMemory = BTFKindSet { kind in
    switch kind {
    case .int, .pointer, .array, .structure, .union, .enumeration, .forward, .typedef, .volatile, .const, .restrict,
      .float, .typeTag, .enumeration64:
      true
    case .void, .function, .functionPrototype, .variable, .dataSection, .declarationTag: false
    }
  }
  /// The possible types of a variable, a function's result and its parameters.
  static let valueOrVoid = inMemory.union([.void])
  /// The possible targets of a pointer, a modifier or a typedef.
  static let referable = inMemory.union([.void, .functionPrototype])
  /// The possible targets of a declaration tag.
  static let tagged = inMemory.union([.variable, .function, .functionPrototype, .dataSection, .declarationTag])
}
