/// Turns BTF types into C declarations: the part of a header that speaks about the user's types.
///
/// Named types are mentioned, anonymous ones are spelled out. Two different types of one name, as a linked object can
/// have them, are told apart as libbpf's `btf_dump` does: the second is `name___2`.
package struct DeclarationWriter {
  let btf: BTFSpec
  private var fingerprints: TypeFingerprints
  /// For each spelling the structures that it stood for so far, in order.
  private var spellings: [String: [TypeID]] = [:]
  private var needed: [String: NamedType] = [:]
  /// How often each enumerator was spelled out so far.
  var enumerators: [String: Int] = [:]
  /// What is known of types' layouts.
  package var layouts: CompositeLayouts
  /// The names in the anonymous structs and unions that are being spelled out, the innermost last.
  var scopes: [Scope] = []
  /// For C++, the enums to declare before the struct without a name that is being spelled out: it may not itself.
  var hoistedEnums: [String] = []

  /// How much text may still be made: a few bytes of BTF can stand for more than any memory holds. The largest object of
  /// the kernel's own takes 20 KB.
  private var budget: Int

  package init(_ btf: BTFSpec) {
    self.btf = btf
    fingerprints = TypeFingerprints(btf)
    layouts = CompositeLayouts(btf)
    budget = (1 << 20) + 8 * btf.words.count
  }

  /// The types mentioned so far, sorted by spelling.
  package var neededTypes: [NamedType] { needed.values.sorted() }

  /// The declaration of a variable of a type.
  ///
  /// - Parameters:
  ///   - keepModifiers: whether `const` and `volatile` stay: for `.kconfig` alone, whose values user code may not set.
  ///   - allowed: the largest alignment that the variable's address allows for its type, in bytes.
  package mutating func declaration(
    of type: TypeID, keepModifiers: Bool, variable: String, allowed: UInt32 = CompositeLayouts.largestAlignment
  ) throws(BTFError) -> CDeclaration {
    do {
      let text = try declarator(type, Context(keepModifiers: keepModifiers, allowed: allowed))
      let bare = btf.skippingModifiersAndTypedefs(type)
      let isFunctionPointer = btf.kind(bare) == .pointer && btf.kind(btf.target(bare)) == .functionPrototype
      return CDeclaration(
        before: text.before, after: text.after,
        needsTypeof: btf.kind(bare) == .array || isFunctionPointer || text.after.hasPrefix("["))
    } catch BTFError.declarationTooDeep {
      throw .declarationTooDeep(variable: variable)
    } catch BTFError.declarationTooLong {
      throw .declarationTooLong(variable: variable)
    }
  }

  /// The names in one struct or union and in those members of it that have none.
  package struct Scope {
    /// The members that were written so far.
    var identifiers = CIdentifier.Scope()
    /// All members, as the object has them.
    var members: Set<String>
  }

  struct Context {
    var keepModifiers: Bool
    /// The largest alignment that the type may have, in bytes.
    var allowed: UInt32
    var depth = 0
    var behindPointer = false
    /// Within a function's parameters or result, where neither language lets types be defined.
    var inPrototype = false
    /// The type of a member that has no name: its members are the parent's.
    var isNameless = false
    /// Directly within such a type, where C++ lets no enum be defined.
    var isInNameless = false
    var isBitfield = false
    /// Whether it counts how the user's type is aligned: it is a member of a type that is not packed.
    var isAligned = false

    var deeper: Context {
      var context = self
      context.depth += 1
      return context
    }
  }

  /// Builds a declarator from the name outwards, as C is read.
  mutating func declarator(_ type: TypeID, _ context: Context) throws(BTFError) -> (
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
      case .const:
        if context.keepModifiers { modifiers.append("const") }
        id = btf.target(id)
      case .volatile:
        if context.keepModifiers { modifiers.append("volatile") }
        id = btf.target(id)
      // `restrict` of a value means nothing, and is not valid C before a type that is not a pointer.
      case .restrict, .typeTag:
        id = btf.target(id)
      case .pointer:
        let words = modifiers.reversed().map { $0 + " " }.joined()
        modifiers = []
        before = "*" + (words.isEmpty ? "" : " " + words) + before
        context.behindPointer = true
        context.isAligned = false
        context.allowed = CompositeLayouts.largestAlignment
        id = btf.target(id)
      case .array:
        parenthesize()
        after += "[\(btf.elementCount(id))]"
        id = btf.element(id)
      case .functionPrototype:
        guard isSpellable(prototype: id) else { return ("void " + before, after) }
        parenthesize()
        after += try parameters(id, context)
        context.inPrototype = true
        id = btf.target(id)
      case .void, .int, .structure, .union, .enumeration, .forward, .typedef, .function, .variable, .dataSection,
        .float,
        .declarationTag, .enumeration64:
        if let substitute = try substitute(for: id, context) {
          return (before.isEmpty ? substitute.before : substitute.before + " " + before, after + substitute.after)
        }
        // What follows a pointer to a struct is only its name; a typedef's name must be known in full all the same.
        var base = try baseType(id, context)
        base = modifiers.reversed().map { $0 + " " }.joined() + base
        budget -= base.utf8.count + before.utf8.count + after.utf8.count
        guard budget > 0 else { throw .declarationTooLong(variable: "") }
        return (before.isEmpty ? base : base + " " + before, after)
      }
    }
  }

  private mutating func parameters(_ prototype: TypeID, _ context: Context) throws(BTFError) -> String {
    let count = btf.vlen(prototype)
    guard count > 0, !(count == 1 && btf.parameter(prototype, 0).type.isVoid) else { return "(void)" }
    var texts: [String] = []
    for index in 0..<count {
      let parameter = btf.parameter(prototype, index).type
      if parameter.isVoid {
        texts.append("...")
      } else {
        var inner = context.deeper
        (inner.inPrototype, inner.behindPointer) = (true, false)
        let text = try declarator(parameter, inner)
        texts.append(text.before + text.after)
      }
    }
    return "(" + texts.joined(separator: ", ") + ")"
  }

  private mutating func baseType(_ id: TypeID, _ context: Context) throws(BTFError) -> String {
    switch btf.kind(id) {
    case .void: return "void"
    case .int, .float: return try baseName(id)
    case .typedef:
      return try mention(.typedef, id, complete: true, behindPointer: context.behindPointer, context)
    case .structure, .union:
      let keyword: NamedType.Keyword = btf.kind(id) == .structure ? .structure : .union
      if btf.hasName(id), !context.isNameless {
        return try mention(keyword, id, complete: !context.behindPointer, context)
      }
      return try composite(id, context)
    case .forward:
      return try mention(btf.kindFlag(id) ? .union : .structure, id, complete: !context.behindPointer)
    case .enumeration, .enumeration64:
      if btf.hasName(id) { return try mention(.enumeration, id, complete: true) }
      return try enumeration(id, context)
    case .pointer, .array, .volatile, .const, .restrict, .function, .functionPrototype, .variable, .dataSection,
      .declarationTag, .typeTag:
      throw .damaged(.wrongTarget(id: id, kind: .variable, target: btf.kind(id)))
    }
  }

  /// An integer's name is made of C's own words, or is one identifier that the user declares.
  private mutating func baseName(_ id: TypeID) throws(BTFError) -> String {
    if let words = CScalar.words(btf.name(id)) {
      return words.map { $0 == "_Bool" ? "bool" : $0 }.joined(separator: " ")
    }
    return try mention(.typedef, id, complete: true)
  }

  @discardableResult
  private mutating func mention(
    _ keyword: NamedType.Keyword, _ id: TypeID, complete: Bool, behindPointer: Bool = true, _ context: Context? = nil
  ) throws(BTFError) -> String {
    let name = btf.name(id)
    guard CIdentifier.isIdentifier(name), !Keywords.c.contains(name) || keyword == .typedef && name == "bool" else {
      throw .unprintableName(name, of: keyword == .typedef ? "typedef" : keyword.rawValue)
    }
    // Structs, unions and enums share one space of names, typedefs have another.
    let space = keyword == .typedef ? "" : "tag "
    let spelledSoFar = spellings[space + name, default: []]
    var number =
      spelledSoFar.firstIndex { $0 == id } ?? spelledSoFar.firstIndex { fingerprints.sameNamedType($0, id) }
    if number == nil {
      number = spelledSoFar.count
      spellings[space + name, default: []].append(id)
    }
    let spelled = number == 0 ? name : "\(name)___\(number! + 1)"
    let bare = NamedType(keyword: keyword, name: spelled, complete: complete)
    let known = needed[bare.spelling]
    // Nobody aligns a type to more than a page.
    let bound = context.flatMap { $0.isAligned && $0.allowed < 4096 ? $0.allowed : nil }
    let bounds = [known?.largestAlignment, bound].compactMap(\.self)
    let type = NamedType(
      keyword: keyword, name: spelled, complete: complete || known?.complete == true, largestAlignment: bounds.min())
    needed[type.spelling] = type
    if keyword == .typedef, !behindPointer { try mentionTarget(ofTypedef: id) }
    return type.spelling
  }

  /// A value of a typedef needs the struct that it names as well.
  private mutating func mentionTarget(ofTypedef id: TypeID) throws(BTFError) {
    var target = btf.skippingModifiersAndTypedefs(id)
    while btf.kind(target) == .array { target = btf.skippingModifiersAndTypedefs(btf.element(target)) }
    guard btf.hasName(target) else { return }
    switch btf.kind(target) {
    case .structure: try mention(.structure, target, complete: true)
    case .union: try mention(.union, target, complete: true)
    case .enumeration, .enumeration64: try mention(.enumeration, target, complete: true)
    case .void, .int, .pointer, .array, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag:
      break
    }
  }

  mutating func charge(_ text: String) throws(BTFError) {
    budget -= text.utf8.count
    guard budget > 0 else { throw .declarationTooLong(variable: "") }
  }
}

extension BTFSpec {
  /// The C declaration of a variable or a function, for messages.
  package func declarationText(_ id: TypeID) -> String {
    var writer = DeclarationWriter(self)
    let declaration = try? writer.declaration(of: target(id), keepModifiers: true, variable: name(id))
    return declaration?.named(name(id)) ?? name(id)
  }
}
