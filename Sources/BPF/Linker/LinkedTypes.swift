internal import BTF
internal import Bytes
internal import ELF

/// The types of a linked object: those of all inputs, one after the other, which libbpf merges at the end.
struct LinkedTypes: ~Copyable {
  /// A variable of a data section, or a function that the kernel provides.
  struct Entry {
    let type: TypeID
    let offset: UInt32
    let size: UInt32
    /// The index of its global symbol; `nil` for a static variable.
    let global: Int?
  }

  private var words: [UInt32] = []
  private var starts: [UInt32] = [0]
  private var kinds: [BTFKind] = [.void]
  private var strings = StringTable()

  /// The number of types including `void`: the id of the next one.
  var count: Int { kinds.count }

  /// The types so far, for reading. Appending types while this value exists copies them.
  var view: BTFSpec {
    BTFSpec(words: words, starts: starts, kinds: kinds, strings: strings.bytes, byteOrder: ByteOrder.host)
  }

  /// The positions of an input's types and strings in the linked object.
  struct Placement {
    fileprivate let btf: BTFSpec
    /// The id of each of the input's types; `nil` if omitted.
    let ids: [TypeID?]
    /// The offset of each of the input's strings, by its own offset; 0 if not requested yet.
    fileprivate var strings: [StringOffset]

    init(_ btf: BTFSpec, ids: [TypeID?]) {
      self.btf = btf
      self.ids = ids
      strings = [StringOffset](repeating: 0, count: btf.strings.count)
    }
  }

  /// The offset of an input's string in the linked object.
  mutating func string(_ offset: StringOffset, _ placement: inout Placement) -> StringOffset {
    let known = placement.strings[offset.index]
    if offset.rawValue == 0 || known.rawValue != 0 { return known }
    let own = StringOffset(UInt32(strings.offset(of: placement.btf.byteString(at: offset))))
    placement.strings[offset.index] = own
    return own
  }

  /// Appends the new types of an input: those whose ids ascend from `count`.
  mutating func append(_ placement: inout Placement) {
    let shapes = BTFShape.ofKind
    for id in 0..<placement.ids.count where placement.ids[id] == TypeID(index: kinds.count) {
      append(TypeID(index: id), shapes[Int(placement.btf.kinds[id].rawValue)], &placement)
    }
  }

  private mutating func append(_ id: TypeID, _ shape: BTFShape, _ placement: inout Placement) {
    let start = words.count
    let own = Int(placement.btf.starts[id.index])
    let count = placement.btf.vlen(id)
    words += placement.btf.words[own..<own + 3 + shape.moreWords(count)]
    starts.append(UInt32(start))
    kinds.append(shape.kind)
    // gcc 12 writes a number here, which libbpf's merging would interpret as a type id; the kernel requires 0.
    if shape.kind == .forward { words[start + 2] = 0 }
    words[start] = string(StringOffset(words[start]), &placement).rawValue
    for word in shape.partNames(count) {
      words[start + word] = string(StringOffset(words[start + word]), &placement).rawValue
    }
    for reference in 0..<shape.references(count) {
      let at = start + shape.firstReference + shape.stride * reference
      words[at] = (placement.ids[Int(words[at])] ?? .void).rawValue
    }
  }

  // MARK: Changes

  /// Gives the parameters of a declared function the names in its definition, without which the two prototypes would
  /// not be merged.
  mutating func nameParameters(of function: TypeID, as definition: TypeID, _ placement: inout Placement) {
    let from = placement.btf.target(definition)
    let to = Int(starts[Int(words[Int(starts[function.index]) + 2])])
    for parameter in 0..<min(placement.btf.vlen(from), Int(words[to + 1]) & BTFSpec.maximumParts) {
      let name = string(placement.btf.parameter(from, parameter).nameOffset, &placement).rawValue
      if name != 0 { words[to + BTFShape.of(.functionPrototype).start(ofPart: parameter)] = name }
    }
  }

  /// Gives a declaration, or a weak definition, the type of another object's definition.
  mutating func define(_ id: TypeID, as target: TypeID) { words[Int(starts[id.index]) + 2] = target.rawValue }

  mutating func setLinkage(_ id: TypeID, _ linkage: Linkage) {
    let start = Int(starts[id.index])
    if kinds[id.index] == .function {
      words[start + 1] = words[start + 1] & 0xffff_0000 | linkage.rawValue
    } else {
      words[start + 3] = linkage.rawValue
    }
  }

  /// Appends a data section's type.
  mutating func appendSection(_ name: String, size: Int, _ entries: [Entry]) {
    starts.append(UInt32(words.count))
    kinds.append(.dataSection)
    words += [string(name).rawValue, UInt32(BTFKind.dataSection.rawValue) << 24 | UInt32(entries.count), UInt32(size)]
    for entry in entries { words += [entry.type.rawValue, entry.offset, entry.size] }
  }

  mutating func string(_ text: String) -> StringOffset {
    StringOffset(UInt32(strings.offset(of: ByteName(text))))
  }

  // MARK: The result

  /// The `.BTF` section with equal types merged, and `.BTF.ext` with the new type ids.
  ///
  /// - Parameter records: the `.BTF.ext` section for the types before merging.
  /// - Throws: `ObjectError.libbpf`, with libbpf's message.
  consuming func merged(records: [UInt8]?) throws(ObjectError) -> (types: [UInt8], records: [UInt8]?) {
    let names = takeNames()
    return try TypeMerging(
      types: takeSection(), names: names, strings: strings.takeBytes(), records: records, count: kinds.count
    ).merged()
  }

  /// Removes the types and returns them as a `.BTF` section without strings.
  private mutating func takeSection() -> [UInt8] {
    var section = ByteWriter(capacity: BTFHeader.size + 4 * words.count + 1)
    section.append(BTFHeader.bytes(typeBytes: 4 * words.count, stringBytes: 1, order: .host))
    section.append(words)
    section.append(0 as UInt8)
    words = []
    return section.bytes
  }

  /// Removes and returns the offsets of all names in the types.
  private mutating func takeNames() -> [UInt32] {
    let shapes = BTFShape.ofKind
    var names: [UInt32] = []
    names.reserveCapacity(words.count / 3)
    for id in 1..<kinds.count {
      let start = Int(starts[id])
      names.append(words[start])
      words[start] = 0
      for word in shapes[Int(kinds[id].rawValue)].partNames(Int(words[start + 1]) & BTFSpec.maximumParts) {
        names.append(words[start + word])
        words[start + word] = 0
      }
    }
    return names
  }
}
