/// Turns BTF types into C declarations: the part of a header that shows the user's types.
///
/// Named types are referred to by name, anonymous ones are spelled out. Two different types of one name, which a linked
/// object can have, are distinguished as in libbpf's `btf_dump`: the second is `name___2`.
package struct DeclarationWriter {
  let btf: BTFSpec
  private var fingerprints: TypeFingerprints
  /// The different types that each spelling was used for so far, in order.
  private var spellings: [String: [TypeID]] = [:]
  private var needed: [String: NamedType] = [:]
  /// How often each enumerator was written so far.
  var enumerators: [String: Int] = [:]
  /// The computed layouts of types.
  package var layouts: CompositeLayouts
  /// The names in the anonymous structs and unions being written, the innermost last.
  var scopes: [Scope] = []
  /// In C++, the enums to declare before the nameless struct being written, which must not declare them itself.
  var hoistedEnums: [String] = []

  /// How much text may still be written: a few bytes of BTF can expand to more text than fits in memory. The largest
  /// object of the kernel selftests needs 20 KB.
  private var budget: Int

  package init(_ btf: BTFSpec) {
    self.btf = btf
    fingerprints = TypeFingerprints(btf)
    layouts = CompositeLayouts(btf)
    budget = (1 << 20) + 8 * btf.words.count
  }

  /// The named types used so far, sorted by spelling.
  package var neededTypes: [NamedType] { needed.values.sorted() }

  /// The declaration of a variable of a type.
  ///
  /// - Parameters:
  ///   - keepModifiers: whether to keep `const` and `volatile`: only for `.kconfig`, whose values user code must not
  ///     set.
  ///   - allowed: the largest alignment that the variable's offset allows for its type, in bytes.
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

  /// The names in one struct or union, including those of its nameless members.
  package struct Scope {
    /// The members written so far.
    var identifiers = CIdentifier.Scope()
    /// The names of all members in the object.
    var members: Set<String>
  }

  struct Context {
    var keepModifiers: Bool
    /// The largest alignment that the type may have, in bytes.
    var allowed: UInt32
    var depth = 0
    var isPointee = false
    /// Within a function's parameters or result, where neither language allows type definitions.
    var inPrototype = false
    /// The type of a nameless member: its members are the parent's.
    var isNameless = false
    /// Directly within such a type, where C++ does not allow an enum definition.
    var isInNameless = false
    var isBitfield = false
    /// Whether the alignment of the user's type matters: it is a member of a type that is not packed.
    var isAligned = false

    var deeper: Context {
      var context = self
      context.depth += 1
      return context
    }
  }

  /// Builds a declarator from the name outwards.
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
      // `restrict` has no meaning for a value, and is not valid C for a type that is not a pointer.
      case .restrict, .typeTag:
        id = btf.target(id)
      case .pointer:
        let words = modifiers.reversed().map { $0 + " " }.joined()
        modifiers = []
        before = "*" + (words.isEmpty ? "" : " " + words) + before
        context.isPointee = true
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
        // A pointer to a struct needs only its name; a typedef must be declared in any case.
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
        (inner.inPrototype, inner.isPointee) = (true, false)
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
      return try mention(.typedef, id, complete: true, isPointee: context.isPointee, context)
    case .structure, .union:
      let keyword: NamedType.Keyword = btf.kind(id) == .structure ? .structure : .union
      if btf.hasName(id), !context.isNameless {
        return try mention(keyword, id, complete: !context.isPointee, context)
      }
      return try composite(id, context)
    case .forward:
      return try mention(btf.kindFlag(id) ? .union : .structure, id, complete: !context.isPointee)
    case .enumeration, .enumeration64:
      if btf.hasName(id) { return try mention(.enumeration, id, complete: true) }
      return try enumeration(id, context)
    case .pointer, .array, .volatile, .const, .restrict, .function, .functionPrototype, .variable, .dataSection,
      .declarationTag, .typeTag:
      throw .damaged(.wrongTarget(id: id, kind: .variable, target: btf.kind(id)))
    }
  }

  /// An integer's name consists of C keywords, or is one identifier that the user declares.
  private mutating func baseName(_ id: TypeID) throws(BTFError) -> String {
    if let words = CScalar.words(btf.name(id)) {
      return words.map { $0 == "_Bool" ? "bool" : $0 }.joined(separator: " ")
    }
    return try mention(.typedef, id, complete: true)
  }

  @discardableResult
  private mutating func mention(
    _ keyword: NamedType.Keyword, _ id: TypeID, complete: Bool, isPointee: Bool = true, _ context: Context? = nil
  ) throws(BTFError) -> String {
    let name = btf.name(id)
    guard CIdentifier.isIdentifier(name), !Keywords.c.contains(name) || keyword == .typedef && name == "bool" else {
      throw .unprintableName(name, of: keyword == .typedef ? "typedef" : keyword.rawValue)
    }
    // Structs, unions and enums share a namespace; typedefs have another one.
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
    // Types are never aligned to more than a page.
    let bound = context.flatMap { $0.isAligned && $0.allowed < 4096 ? $0.allowed : nil }
    let bounds = [known?.largestAlignment, bound].compactMap(\.self)
    let type = NamedType(
      keyword: keyword, name: spelled, complete: complete || known?.complete == true, largestAlignment: bounds.min())
    needed[type.spelling] = type
    if keyword == .typedef, !isPointee { try mentionTarget(ofTypedef: id) }
    return type.spelling
  }

  /// A value of a typedef also needs the complete struct that it refers to.
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
