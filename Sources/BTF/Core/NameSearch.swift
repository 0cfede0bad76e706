extension BTFSpec {
  /// The named types of each requested essential name, ascending. Functions are skipped: no relocation refers to one, and they
  /// are half of a kernel's types.
  ///
  /// - Parameter first: types before it are left out.
  package func ids(essentialNames names: Set<String>, from first: Int = 1) -> [String: [TypeID]] {
    let beginnings = NameBeginnings(names)
    var found: [String: [TypeID]] = [:]
    let (words, starts, strings) = (words.span, starts.span, strings.span)
    for id in first..<max(first, count) where kinds[id] != .function {
      let offset = Int(words[Int(starts[id])])
      guard beginnings.mayContain(strings, at: offset) else { continue }
      let name = CoreMatcher.essential(string(at: StringOffset(UInt32(offset))))
      if names.contains(name) { found[name, default: []].append(TypeID(index: id)) }
    }
    return found
  }

  /// The first type of one kind of each name that is asked for, as `btf__find_by_name_kind` finds it. O(types).
  ///
  /// - Parameter first: types before it are left out.
  package func firstIDs(named names: Set<String>, of kind: BTFKind, from first: Int = 1) -> [String: TypeID] {
    if names.isEmpty { return [:] }
    let beginnings = NameBeginnings(names)
    var found: [String: TypeID] = [:]
    let (words, starts, strings) = (words.span, starts.span, strings.span)
    for id in first..<max(first, count) where kinds[id] == kind {
      let offset = Int(words[Int(starts[id])])
      guard beginnings.mayContain(strings, at: offset) else { continue }
      let name = string(at: StringOffset(UInt32(offset)))
      if names.contains(name), found[name] == nil { found[name] = TypeID(index: id) }
    }
    return found
  }
}

/// A filter by the beginnings of essential names: it rejects most of a kernel's types without making a String of their
/// names.
private struct NameBeginnings {
  /// Indexed by a hash of the first four bytes.
  private var isBeginning = [Bool](repeating: false, count: 1 << 16)

  init(_ names: Set<String>) {
    for name in names where !name.isEmpty {
      // A short name is followed by its end or by a flavor's three underscores.
      for rest in ["\0\0\0", "___"] {
        isBeginning[NameBeginnings.index(Array((name + rest).utf8).span, at: 0)] = true
      }
    }
  }

  /// - Parameter strings: end with a NUL.
  func mayContain(_ strings: Span<UInt8>, at offset: Int) -> Bool {
    strings[offset] != 0 && isBeginning[NameBeginnings.index(strings, at: offset)]
  }

  private static func index(_ bytes: Span<UInt8>, at offset: Int) -> Int {
    var word: UInt32 = 0
    for index in 0..<4 {
      let byte = bytes[offset + index]
      if byte == 0 { break }
      word = word << 8 | UInt32(byte)
    }
    return Int((word &* 0x9e37_79b1) >> 16)
  }
}
