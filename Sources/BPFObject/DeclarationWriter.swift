/// Turns BTF types into C declarations: the part of a header that speaks about the user's types.
///
/// Named types are mentioned, anonymous ones are spelled out. Two different types of one name, as a linked object can
/// have them, are told apart as libbpf's `btf_dump` does: the second is `name___2`.
struct DeclarationWriter {
  let btf: BTF
  private var typeIDs: TypeIDs
  /// For each spelling the structures that it stood for so far, in order.
  private var spellings: [String: [UInt32]] = [:]
  private var needed: [String: NamedType] = [:]
  private var alignments: [UInt32: UInt32] = [:]
  /// How often each enumerator was spelled out so far.
  private var enumerators: [String: Int] = [:]

  /// How much text may still be made: a few bytes of BTF can stand for more than any memory holds. The largest object of
  /// the kernel's own takes 20 KB.
  private var budget: Int

  init(_ btf: BTF) {
    self.btf = btf
    typeIDs = TypeIDs(btf)
    budget = (1 << 20) + 8 * btf.words.count
  }

  /// The types mentioned so far, sorted by spelling.
  var neededTypes: [NamedType] { needed.values.sorted() }

  /// The declaration of a variable of a type.
  ///
  /// - Parameter keepModifiers: whether `const` and `volatile` stay: for `.kconfig` alone, whose values user code may not set.
  mutating func declaration(of type: UInt32, keepModifiers: Bool, variable: String) throws(ObjectError) -> CDeclaration
  {
    do {
      let text = try declarator(type, Context(keepModifiers: keepModifiers, depth: 0, behindPointer: false))
      let bare = btf.skippingModifiersAndTypedefs(type)
      let isFunctionPointer = btf.kind(bare) == .pointer && btf.kind(btf.target(bare)) == .functionPrototype
      return CDeclaration(
        before: text.before, after: text.after, needsTypeof: btf.kind(bare) == .array || isFunctionPointer)
    } catch ObjectError.declarationTooDeep {
      throw .declarationTooDeep(variable: variable)
    } catch ObjectError.declarationTooLong {
      throw .declarationTooLong(variable: variable)
    }
  }

  private struct Context {
    var keepModifiers: Bool
    var depth: Int
    var behindPointer: Bool

    var deeper: Context { Context(keepModifiers: keepModifiers, depth: depth + 1, behindPointer: behindPointer) }
  }

  /// Builds a declarator from the name outwards, as C is read.
  private mutating func declarator(_ type: UInt32, _ context: Context) throws(ObjectError) -> (
    before: String, after: String
  ) {
    guard context.depth < 64 else { throw .declarationTooDeep(variable: "") }
    var context = context
    var id = type
    var before = ""
    var after = ""
    var modifiers: [String] = []
    var steps = 0
    func parenthesize() {
      if before.hasPrefix("*") {
        before = "(" + before
        after += ")"
      }
    }
    while true {
      steps += 1
      guard steps < 512 else { throw .declarationTooDeep(variable: "") }
      switch btf.kind(id) {
      case .const, .volatile, .restrict:
        // Of a value `restrict` says nothing, and it is no C in front of what is no pointer.
        if context.keepModifiers, btf.kind(id) != .restrict { modifiers.append(btf.kind(id).keyword) }
        id = btf.target(id)
      case .typeTag:
        id = btf.target(id)
      case .pointer:
        let words = modifiers.reversed().map { $0 + " " }.joined()
        modifiers = []
        before = "*" + (words.isEmpty ? "" : " " + words) + before
        context.behindPointer = true
        id = btf.target(id)
      case .array:
        parenthesize()
        after += "[\(btf.elementCount(id))]"
        id = btf.element(id)
      case .functionPrototype:
        parenthesize()
        after += try parameters(id, context)
        id = btf.target(id)
      default:
        // What follows a pointer to a struct is only its name; a typedef's name must be known in full all the same.
        var base = try baseType(id, context)
        base = modifiers.reversed().map { $0 + " " }.joined() + base
        budget -= base.utf8.count + before.utf8.count + after.utf8.count
        guard budget > 0 else { throw .declarationTooLong(variable: "") }
        return (before.isEmpty ? base : base + " " + before, after)
      }
    }
  }

  private mutating func parameters(_ prototype: UInt32, _ context: Context) throws(ObjectError) -> String {
    let count = btf.vlen(prototype)
    guard count > 0, !(count == 1 && btf.parameter(prototype, 0) == 0) else { return "(void)" }
    var texts: [String] = []
    for index in 0..<count {
      let parameter = btf.parameter(prototype, index)
      if parameter == 0 {
        texts.append("...")
      } else {
        let text = try declarator(parameter, context.deeper)
        texts.append(text.before + text.after)
      }
    }
    return "(" + texts.joined(separator: ", ") + ")"
  }

  private mutating func baseType(_ id: UInt32, _ context: Context) throws(ObjectError) -> String {
    switch btf.kind(id) {
    case .void: return "void"
    case .int, .float: return try baseName(id)
    case .typedef:
      return try mention(.typedef, id, complete: true)
    case .structure, .union:
      let keyword: NamedType.Keyword = btf.kind(id) == .structure ? .structure : .union
      if btf.hasName(id) { return try mention(keyword, id, complete: !context.behindPointer) }
      return try composite(id, keyword, context)
    case .forward:
      return try mention(btf.kindFlag(id) ? .union : .structure, id, complete: !context.behindPointer)
    case .enumeration, .enumeration64:
      if btf.hasName(id) { return try mention(.enumeration, id, complete: true) }
      return try enumeration(id)
    default:
      throw .damagedBTF(.wrongTarget(id: id, kind: .variable, target: btf.kind(id)))
    }
  }

  /// An integer's name is made of C's own words, or is one identifier that the user declares.
  private mutating func baseName(_ id: UInt32) throws(ObjectError) -> String {
    let name = btf.name(id)
    let words = name.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    if words.allSatisfy(DeclarationWriter.baseWords.contains) {
      return words.map { $0 == "_Bool" ? "bool" : $0 }.joined(separator: " ")
    }
    return try mention(.typedef, id, complete: true)
  }

  private static let baseWords: Set<String> = [
    "_Bool", "bool", "char", "short", "int", "long", "signed", "unsigned", "float", "double", "__int128",
  ]

  private mutating func mention(_ keyword: NamedType.Keyword, _ id: UInt32, complete: Bool) throws(ObjectError)
    -> String
  {
    let name = btf.name(id)
    guard CIdentifier.isPlain(name), !Keywords.c.contains(name) || keyword == .typedef && name == "bool" else {
      throw .unprintableName(name, of: keyword == .typedef ? "typedef" : keyword.rawValue)
    }
    // Structs, unions and enums share one space of names, typedefs have another.
    let space = keyword == .typedef ? "" : "tag "
    let known = spellings[space + name, default: []]
    var number = known.firstIndex { $0 == id } ?? known.firstIndex { typeIDs.sameNamedType($0, id) }
    if number == nil {
      number = known.count
      spellings[space + name, default: []].append(id)
    }
    let spelled = number == 0 ? name : "\(name)___\(number! + 1)"
    let type = NamedType(keyword: keyword, name: spelled, complete: complete)
    if needed[type.spelling]?.complete != true { needed[type.spelling] = type }
    return type.spelling
  }

  private mutating func enumeration(_ id: UInt32) throws(ObjectError) -> String {
    var lines: [String] = []
    let wide = btf.kind(id) == .enumeration64
    for index in 0..<btf.vlen(id) {
      let (name, value) = btf.enumerator(id, index)
      guard CIdentifier.isPlain(name), !Keywords.c.contains(name) else {
        throw .unprintableName(name, of: "enumerator")
      }
      let unsigned = wide && !btf.kindFlag(id)
      let text = unsigned ? "\(UInt64(bitPattern: value))ULL" : wide ? "\(value)LL" : "\(value)"
      // In C enumerators share one space: a second spelling of one enum numbers them, as libbpf's dump does.
      enumerators[name, default: 0] += 1
      let number = enumerators[name]!
      lines.append("\t\(number == 1 ? name : "\(name)___\(number)") = \(text),")
      try charge(lines.last!)
    }
    let packed = btf.statedSize(id) < 4 ? " __attribute__((packed))" : ""
    return "enum {\n" + lines.joined(separator: "\n") + "\n}" + packed
  }

  private mutating func charge(_ text: String) throws(ObjectError) {
    budget -= text.utf8.count
    guard budget > 0 else { throw .declarationTooLong(variable: "") }
  }

  /// The definition of an anonymous struct or union, with the padding that its recorded offsets ask for.
  private mutating func composite(_ id: UInt32, _ keyword: NamedType.Keyword, _ context: Context) throws(ObjectError)
    -> String
  {
    var names: Set<String> = []
    try checkMemberNames(id, &names)
    let packed = isPacked(id)
    var inner = context.deeper
    inner.behindPointer = false
    var lines: [String] = []
    var endBits: UInt64 = 0
    for index in 0..<btf.vlen(id) {
      let member = btf.member(id, index)
      let name = btf.string(at: member.nameOffset)
      let bare = btf.skippingModifiers(member.type)
      // Without a name only padding and the members of an anonymous struct can be declared.
      let mayBeNameless = member.bitfieldBits > 0 || (btf.kind(bare).isComposite && !btf.hasName(bare))
      guard name.isEmpty ? mayBeNameless : CIdentifier.isPlain(name) && !Keywords.c.contains(name) else {
        throw .unprintableName(name, of: "member")
      }
      let sizeBits = member.bitfieldBits > 0 ? UInt64(member.bitfieldBits) : 8 * UInt64(btf.sizeBytes(member.type) ?? 0)
      if keyword == .structure {
        let alignmentBits =
          packed ? 1 : member.bitfieldBits > 0 ? 1 : 8 * UInt64(try alignmentBytes(member.type))
        lines += try padding(from: endBits, to: UInt64(member.offsetBits), naturalBits: alignmentBits)
      }
      let text = try declarator(member.type, inner)
      let declared = CDeclaration(before: text.before, after: text.after, needsTypeof: false).named(name)
      let width = member.bitfieldBits > 0 ? ": \(member.bitfieldBits)" : ""
      lines += (declared + width + ";").split(separator: "\n", omittingEmptySubsequences: false).map { "\t" + $0 }
      try charge(lines.last!)
      endBits = UInt64(member.offsetBits) + sizeBits
    }
    if keyword == .structure {
      let alignmentBits = packed ? 8 : 8 * UInt64(try alignmentBytes(id))
      lines += try padding(from: endBits, to: 8 * UInt64(btf.statedSize(id)), naturalBits: alignmentBits)
    }
    let attribute = packed ? " __attribute__((packed))" : ""
    return keyword.rawValue + " {\n" + lines.map { $0 + "\n" }.joined() + "}" + attribute
  }

  /// Refuses two members of one name, also where those of a member without a name are among them: spelled out, it is no C.
  private mutating func checkMemberNames(_ id: UInt32, _ known: inout Set<String>) throws(ObjectError) {
    for index in 0..<btf.vlen(id) {
      let member = btf.member(id, index)
      let name = btf.string(at: member.nameOffset)
      try charge(name + ";")
      let bare = btf.skippingModifiers(member.type)
      if !name.isEmpty {
        guard known.insert(name).inserted else { throw .damagedBTF(.duplicateMember(id: id, name: name)) }
      } else if btf.kind(bare).isComposite {
        try checkMemberNames(bare, &known)
      }
    }
  }

  /// Unnamed bit-fields that move the next member to its place, where its alignment alone does not.
  private mutating func padding(from: UInt64, to: UInt64, naturalBits: UInt64) throws(ObjectError) -> [String] {
    guard to > from, (from + naturalBits - 1) / naturalBits * naturalBits != to else { return [] }
    var lines: [String] = []
    var at = from
    while at < to {
      // Up to the next byte, then whole units that lie on their own alignment: the same place for every compiler.
      let unit: UInt64 = at % 8 != 0 ? 8 : [64, 32, 16, 8].first { at % $0 == 0 && to - at >= $0 } ?? 8
      let width = min(unit - at % unit, to - at)
      if unit == 64 {
        // One `long` of 64 bits, as bpftool has it; where a `long` has 32, two of them instead of a zero-width one and it.
        lines += ["\tlong: 64 - 8 * sizeof(long);", "\tlong: 8 * sizeof(long);"]
      } else {
        lines.append("\t\(unit == 32 ? "int" : unit == 16 ? "short" : "char"): \(width);")
      }
      at += width
      try charge(lines.last!)
    }
    return lines
  }

  private mutating func isPacked(_ id: UInt32) -> Bool {
    var largest: UInt32 = 1
    for index in 0..<btf.vlen(id) {
      let member = btf.member(id, index)
      guard let alignment = try? alignmentBytes(member.type) else { continue }
      largest = max(largest, alignment)
      if member.bitfieldBits == 0, member.offsetBits % (8 * alignment) != 0 { return true }
    }
    return btf.statedSize(id) % largest != 0
  }

  /// The alignment of a value in a BPF program, as far as BTF can tell: an `aligned` attribute leaves no trace in it.
  ///
  /// Depth is bounded by `BTF.maximumNesting`; every composite is computed once.
  mutating func alignmentBytes(_ id: UInt32) throws(ObjectError) -> UInt32 {
    let bare = btf.skippingModifiersAndTypedefs(id)
    switch btf.kind(bare) {
    case .int, .float, .enumeration, .enumeration64: return max(1, min(8, btf.statedSize(bare)))
    case .pointer: return BTF.pointerSize
    case .array: return try alignmentBytes(btf.element(bare))
    case .structure, .union:
      if let known = alignments[bare] { return known }
      var alignment: UInt32 = 1
      for index in 0..<btf.vlen(bare) {
        alignment = max(alignment, try alignmentBytes(btf.member(bare, index).type))
      }
      alignments[bare] = alignment
      if isPacked(bare) { alignments[bare] = 1 }
      return alignments[bare]!
    default: return 1
    }
  }
}

extension BTFKind {
  fileprivate var keyword: String {
    switch self {
    case .const: "const"
    case .volatile: "volatile"
    default: ""
    }
  }
}
