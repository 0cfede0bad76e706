/// Anonymous structs, unions and enums, which a header must spell out.
extension DeclarationWriter {
  /// The definition of an anonymous struct or union, with the attributes and padding that its offsets need. Also of a
  /// struct with a tag that is a nameless member (`-fms-extensions`), so that users do not need that flag.
  ///
  /// Lines that differ in C++ are written twice, inside `#ifndef __cplusplus`.
  mutating func composite(_ id: TypeID, _ context: Context) throws(BTFError) -> String {
    var names: Set<String> = []
    try checkMembers(id, &names)
    guard let composite = layouts.composite(id, allowed: context.allowed) else {
      throw .damaged(.wrongTarget(id: id, kind: btf.kind(id), target: btf.kind(id)))
    }
    if !context.isNameless { scopes.append(Scope(members: names)) }
    defer { if !context.isNameless { scopes.removeLast() } }
    let layout = composite.layout
    var lines: [String] = []
    for piece in layout.pieces {
      switch piece {
      case .padding(let padding):
        for (bits, unit) in padding {
          lines.append("\t\(unit == 32 ? "int" : unit == 16 ? "short" : "char"): \(bits);")
          try charge(lines.last!)
        }
      case .bytes(let count):
        lines.append("\tunsigned char \(scopes[scopes.count - 1].identifiers.claim("__pad").c)[\(count)];")
      case .field(let index, let aligned):
        lines += try member(composite.members[index], aligned, isPacked: layout.isPacked, context)
      }
      try charge(lines.last!)
    }
    var attributes = layout.isPacked ? ["packed"] : []
    if let aligned = layout.aligned { attributes.append("aligned(\(aligned))") }
    let attribute = attributes.isEmpty ? "" : " __attribute__((\(attributes.joined(separator: ", "))))"
    let keyword = btf.kind(id) == .structure ? "struct" : "union"
    return keyword + " {\n" + lines.map { $0 + "\n" }.joined() + "}" + attribute
  }

  private mutating func member(
    _ member: BTFSpec.Member, _ aligned: UInt32?, isPacked: Bool, _ context: Context
  ) throws(BTFError) -> [String] {
    let name = btf.string(at: member.nameOffset)
    var inner = context.deeper
    inner.isPointee = false
    inner.allowed = CompositeLayouts.allowed(context.allowed, at: member.offsetBits / 8)
    inner.isInNameless = context.isNameless
    inner.isNameless = name.isEmpty
    inner.isBitfield = member.bitfieldBits > 0
    inner.isAligned = !isPacked && !name.isEmpty
    var text = try declarator(name.isEmpty ? btf.skippingModifiersAndTypedefs(member.type) : member.type, inner)
    var suffix = member.bitfieldBits > 0 ? ": \(member.bitfieldBits)" : ""
    if let aligned { suffix += " __attribute__((aligned(\(aligned))))" }
    if isPacked, member.bitfieldBits > 0, member.offsetBits % 8 + UInt32(member.bitfieldBits) > 8,
      btf.sizeBytes(member.type) == 1, btf.kind(btf.skippingModifiersAndTypedefs(member.type)) == .int
    {
      // For a `char` that crosses a byte, gcc warns that its offset changed in gcc 4.4.
      let isSigned = btf.integerEncoding(btf.skippingModifiersAndTypedefs(member.type)) >> 24 & 1 == 1
      text.before = isSigned ? "int" : "unsigned int"
    }
    let declaration = CDeclaration(before: text.before, after: text.after, needsTypeof: false)
    func indented(_ text: String) -> [String] {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasPrefix("#") ? String($0) : "\t" + $0 }
    }
    func lines(_ name: String) -> [String] { indented(declaration.named(name) + suffix + ";") }
    if name.isEmpty {
      // Declarations that the member's own members must not contain are written before it.
      guard !context.isNameless, !hoistedEnums.isEmpty else { return lines("") }
      defer { hoistedEnums = [] }
      return ["#ifdef __cplusplus"] + indented(hoistedEnums.joined(separator: "\n")) + ["#endif"] + lines("")
    }
    let identifier = scopes[scopes.count - 1].identifiers.claim(name)
    return DeclarationWriter.forBothLanguages(lines(identifier.c), lines(identifier.cxx))
  }

  /// Combines lines for C and for C++; equal lines are written once.
  private static func forBothLanguages(_ c: [String], _ cxx: [String]) -> [String] {
    if c == cxx { return c }
    let head = zip(c, cxx).prefix { $0 == $1 }.count
    let tail = zip(c[head...].reversed(), cxx[head...].reversed()).prefix { $0 == $1 }.count
    var lines = Array(c[..<head]) + ["#ifndef __cplusplus"]
    lines += c[head..<(c.count - tail)] + ["#else"]
    lines += cxx[head..<(cxx.count - tail)] + ["#endif"]
    return lines + c[(c.count - tail)...]
  }

  /// Refuses two members of one name, including those of nameless members.
  private mutating func checkMembers(_ id: TypeID, _ known: inout Set<String>) throws(BTFError) {
    for index in 0..<btf.vlen(id) {
      let member = btf.member(id, index)
      let name = btf.string(at: member.nameOffset)
      try charge(name + ";")
      let bare = btf.skippingModifiersAndTypedefs(member.type)
      if !name.isEmpty {
        guard known.insert(name).inserted else { throw .damaged(.duplicateMember(id: id, name: name)) }
      } else if btf.kind(bare).isComposite {
        try checkMembers(bare, &known)
      }
    }
  }

  mutating func enumeration(_ id: TypeID, _ context: Context) throws(BTFError) -> String {
    let values = (0..<btf.vlen(id)).map { index in
      let enumerator = btf.enumerator(id, index)
      return (name: btf.string(at: enumerator.nameOffset), value: enumerator.value)
    }
    let isWide = btf.kind(id) == .enumeration64
    let isUnsigned = isWide && !btf.kindFlag(id)
    let size = btf.statedSize(id)
    let range = EnumRange(values.map(\.value), isUnsigned: isUnsigned)
    let integer = CScalar.integer(bytes: size, isSigned: range.hasNegative)!
    let isNatural = range.bytes == size || range.packedBytes == size
    guard !context.inPrototype, !values.isEmpty, isNatural else { return integer }
    var lines: [String] = []
    for (name, value) in values {
      guard !name.isEmpty else { throw .unprintableName(name, of: "enumerator") }
      let text = isUnsigned ? "\(UInt64(bitPattern: value))ULL" : isWide ? "\(value)LL" : "\(value)"
      let identifier = CIdentifier(name)
      // In C all enumerators share one scope: a second definition of an enum gets suffixes, as in libbpf's dump.
      enumerators[identifier.c, default: 0] += 1
      let number = enumerators[identifier.c]!
      func line(_ name: String) -> String { "\t\(number == 1 ? name : "\(name)___\(number)") = \(text)," }
      // In C++ it is in the scope of the struct, like the members.
      let cxx = scopes.last?.members.contains(name) == true ? identifier.cxx + "_2" : identifier.cxx
      lines += DeclarationWriter.forBothLanguages([line(identifier.c)], [line(cxx)])
      try charge(line(cxx))
    }
    let packed = range.bytes == size ? "" : " __attribute__((packed))"
    let definition = "enum {\n" + lines.joined(separator: "\n") + "\n}" + packed
    guard context.isInNameless else { return definition }
    hoistedEnums += (definition + ";").split(separator: "\n").map(String.init)
    return "#ifndef __cplusplus\n\(definition)\n#else\n\(integer)\n#endif\n"
  }

  /// The substitute for a type that C cannot express where it is used; `nil` for all others.
  mutating func substitute(for id: TypeID, _ context: Context) throws(BTFError) -> (before: String, after: String)? {
    let kind = btf.kind(id)
    let isAnonymous = kind.isComposite && !btf.hasName(id)
    if context.isPointee || context.inPrototype {
      if isAnonymous, context.inPrototype || layouts.composite(id, allowed: context.allowed) == nil {
        return ("void", "")
      }
      if kind == .int, CScalar.words(btf.name(id)) == nil, let substitute = layouts.substitute(for: id) {
        return (substitute ?? "void", "")
      }
      return nil
    }
    switch kind {
    case .int, .float: return scalarSubstitute(for: id, context)
    case .typedef:
      let target = btf.skippingModifiersAndTypedefs(id)
      if btf.kind(target) == .float, layouts.hasOtherSize(target) { return scalarSubstitute(for: target, context) }
      if layouts.hasOtherSize(id) { return bytes(of: id, "holds a type of another size in C") }
      return btf.kind(target).isComposite && btf.statedSize(target) == 0 ? bytes(of: id, Self.emptyType) : nil
    case .structure, .union:
      if context.isNameless || isAnonymous {
        guard layouts.composite(id, allowed: context.allowed) == nil else { return nil }
        return bytes(of: id, btf.vlen(id) == 0 ? Self.emptyType : "C cannot say where its members are")
      }
      if layouts.hasOtherSize(id) { return bytes(of: id, "holds a type of another size in C") }
      return btf.statedSize(id) == 0 ? bytes(of: id, Self.emptyType) : nil
    case .void, .pointer, .array, .enumeration, .forward, .volatile, .const, .restrict, .function, .functionPrototype,
      .variable, .dataSection, .declarationTag, .typeTag, .enumeration64:
      return nil
    }
  }

  private static let emptyType = "empty, which takes a byte in C++"

  private func bytes(of id: TypeID, _ reason: String) -> (before: String, after: String) {
    ("/* \(reason) */ unsigned char", "[\(btf.sizeBytes(id) ?? 0)]")
  }

  private func scalarSubstitute(for id: TypeID, _ context: Context) -> (before: String, after: String)? {
    let words = CScalar.words(btf.name(id))
    if let words, words.contains("__int128"), !context.isBitfield {
      let bytes = "struct { unsigned char bytes[16]; } __attribute__((aligned(16)))"
      return ("#ifdef __SIZEOF_INT128__\n\(words.joined(separator: " "))\n#else\n\(bytes)\n#endif\n", "")
    }
    guard let substitute = layouts.substitute(for: id) else { return nil }
    guard let substitute else { return bytes(of: id, "of another size in C") }
    return (words.map { "/* '\($0.joined(separator: " "))' in BPF */ \(substitute)" } ?? substitute, "")
  }

  /// Whether a function's type can be spelled: no anonymous struct is passed or returned by value.
  func isSpellable(prototype id: TypeID) -> Bool {
    let types = [btf.target(id)] + (0..<btf.vlen(id)).map { btf.parameter(id, $0).type }
    return !types.contains { type in
      let bare = btf.skippingModifiers(type)
      return btf.kind(bare).isComposite && !btf.hasName(bare)
    }
  }
}

/// The values of an enum, and the size that compilers derive from them.
private struct EnumRange {
  let hasNegative: Bool
  /// The enum's size without and with the attribute `packed`.
  let bytes: UInt32
  let packedBytes: UInt32

  init(_ values: [Int64], isUnsigned: Bool) {
    let isNegative = !isUnsigned && values.contains { $0 < 0 }
    hasNegative = isNegative
    let bits =
      values.map { value in
        let magnitude = UInt64(bitPattern: !isUnsigned && value < 0 ? ~value : value)
        return 64 - magnitude.leadingZeroBitCount + (isNegative ? 1 : 0)
      }.max() ?? 0
    packedBytes = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8
    bytes = max(4, packedBytes)
  }
}
