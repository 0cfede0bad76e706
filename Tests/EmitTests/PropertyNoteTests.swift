import Bytes
import CLibELF
import SeededRandom
import Testing

@testable import Emit

/// The properties of another object that a payload has too.
@Suite("Property notes")
struct PropertyNoteTests {
  // MARK: Which properties

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var machine = UInt16(EM_X86_64)
    var is64Bit = true
    var isBigEndian = false
    var properties: [Property]
    /// In the payload.
    var kept: [Property]
  }

  static let cases: [Case] = [
    Case(
      testDescription: "x86-64: IBT and SHSTK", properties: [Property(0xc000_0002, 3)],
      kept: [Property(0xc000_0002, 3)]),
    Case(
      testDescription: "i386: alignment of four", machine: UInt16(EM_386), is64Bit: false,
      properties: [Property(0xc000_0002, 1), Property(0xc000_7fff, 8)],
      kept: [Property(0xc000_0002, 1), Property(0xc000_7fff, 8)]),
    Case(
      testDescription: "x32: a 32-bit file of the 64-bit machine", is64Bit: false,
      properties: [Property(0xc000_0002, 2)],
      kept: [Property(0xc000_0002, 2)]),
    Case(
      testDescription: "x86: what is used is kept by using nothing, what is needed is not needed",
      properties: [
        Property(0xc000_0000, 7), Property(0xc000_0001, 7), Property(0xc000_8001, 1), Property(0xc000_8002, 15),
        Property(0xc001_0001, 9), Property(0xc001_0002, 3),
      ], kept: [Property(0xc000_0000, 0), Property(0xc001_0001, 0), Property(0xc001_0002, 0)]),
    Case(
      testDescription: "generic: stack size, copies on protected data, OR and AND",
      properties: [
        Property(1, [0, 0, 1, 0, 0, 0, 0, 0]), Property(2, []), Property(0xb000_0000, 5), Property(0xb000_7fff, 1),
        Property(0xb000_8000, 1),
      ], kept: [Property(0xb000_0000, 5), Property(0xb000_7fff, 1)]),
    Case(
      testDescription: "aarch64: BTI, PAC, GCS, and the PAuth ABI's version", machine: UInt16(EM_AARCH64),
      properties: [Property(0xc000_0000, 7), Property(0xc000_0001, Array(1...16)), Property(0xc000_0002, 1)],
      kept: [Property(0xc000_0000, 7), Property(0xc000_0001, Array(1...16))]),
    Case(
      testDescription: "aarch64, big-endian", machine: UInt16(EM_AARCH64), isBigEndian: true,
      properties: [Property(0xc000_0000, [0, 0, 0, 3])], kept: [Property(0xc000_0000, [0, 0, 0, 3])]),
    Case(
      testDescription: "riscv: landing pads and shadow stacks", machine: UInt16(EM_RISCV),
      properties: [Property(0xc000_0000, 3)], kept: [Property(0xc000_0000, 3)]),
    Case(
      testDescription: "another machine's own, and a program's own", machine: UInt16(EM_S390), isBigEndian: true,
      properties: [Property(0xc000_0000, 3), Property(0xc000_0002, 3), Property(0xe000_0000, 3)], kept: []),
    Case(testDescription: "no bit", properties: [Property(0xc000_0002, 0)], kept: []),
  ]

  @Test("are those that an object without code can have", arguments: cases)
  func kept(_ test: Case) throws {
    let like = LikeObject(test.machine, is64Bit: test.is64Bit, isBigEndian: test.isBigEndian)
    let target = try TargetMachine(likeObject: like.bytes(notes: [like.note(test.properties)]))
    try #expect(payloadProperties(target) == test.kept)
  }

  @Test("of several notes and sections in one object are one note, sorted by type")
  func merged() throws {
    let like = LikeObject(UInt16(EM_X86_64), is64Bit: true, isBigEndian: false)
    let notes = [
      like.note([Property(0xc001_0002, 3), Property(0xc000_0002, 1)]), like.note([Property(7, 1)], name: "ABC\0"),
      like.note([Property(0xc000_0002, 2)]), like.note([], type: 1), like.note([]),
    ]
    let wanted = [Property(0xc000_0002, 3), Property(0xc001_0002, 0)]
    try #expect(payloadProperties(TargetMachine(likeObject: like.bytes(notes: notes))) == wanted)
    try #expect(payloadProperties(TargetMachine(likeObject: like.bytes(notes: notes, inOneSection: false))) == wanted)
    // In an archive, after its index.
    let object = like.bytes(notes: notes)
    func member(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let head = name + String(repeating: " ", count: 48 - name.utf8.count) + "\(content.count)"
      return Array((head + String(repeating: " ", count: 58 - head.utf8.count) + "`\n").utf8) + content
        + (content.count % 2 == 1 ? [10] : [])
    }
    let archive = Array("!<arch>\n".utf8) + member("/", [0, 0, 0]) + member("a.o/", object) + member("b.o/", [1, 2])
    try #expect(payloadProperties(TargetMachine(likeObject: archive)) == wanted)
  }

  @Test("are those that compilers for this machine can enable, if no object is given")
  func host() throws {
    #if arch(x86_64)
      try #expect(payloadProperties(.host) == [Property(0xc000_0002, 3)])
    #elseif arch(arm64)
      try #expect(payloadProperties(.host) == [Property(0xc000_0000, 7)])
    #else
      try #expect(payloadProperties(.host) == [])
    #endif
  }

  // MARK: Damage

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The content of the section.
    var content: [UInt8]
  }

  static let damages: [Damage] = {
    let like = LikeObject(UInt16(EM_X86_64), is64Bit: true, isBigEndian: false)
    let note = like.note([Property(0xc000_0002, 3)])
    func with(_ byte: UInt8, at offset: Int) -> [UInt8] {
      var edited = note
      edited[offset] = byte
      return edited
    }
    return [
      Damage(testDescription: "half a note's header", content: Array(note[..<8])),
      Damage(testDescription: "a note and half of another's header", content: note + [4, 0, 0]),
      Damage(testDescription: "a name beyond the section", content: with(0xff, at: 3)),
      Damage(testDescription: "a description beyond the section", content: with(0x18, at: 4)),
      Damage(testDescription: "half a property", content: with(4, at: 4)),
      Damage(testDescription: "a property beyond its note", content: with(12, at: 20)),
      Damage(testDescription: "two bytes for bits", content: like.note([Property(0xc000_0002, [3, 0])])),
      Damage(testDescription: "eight bytes for bits", content: like.note([Property(0xc001_0002, Array(1...8))])),
    ]
  }()

  @Test("that do not fit in their section are an error", arguments: damages)
  func damaged(_ damage: Damage) {
    let like = LikeObject(UInt16(EM_X86_64), is64Bit: true, isBigEndian: false)
    #expect(throws: TargetMachine.Fault.damagedProperties) {
      try TargetMachine(likeObject: like.bytes(notes: [damage.content]))
    }
  }

  @Test("of two versions of the PAuth ABI in one object are an error")
  func contradiction() {
    let like = LikeObject(UInt16(EM_AARCH64), is64Bit: true, isBigEndian: false)
    let notes = [UInt8(1), 2].map { like.note([Property(0xc000_0001, [UInt8](repeating: $0, count: 16))]) }
    #expect(throws: TargetMachine.Fault.damagedProperties) { try TargetMachine(likeObject: like.bytes(notes: notes)) }
  }

  /// What linkers make of several values in one object; `nil` for a value of a wrong size.
  private static func model(_ properties: [Property]) -> [Property]? {
    var values: [UInt32: [UInt8]] = [:]
    for property in properties {
      switch property.type {
      case 0xb000_0000...0xb000_7fff, 0xc000_0002...0xc000_7fff:
        guard property.value.count == 4 else { return nil }
        let earlier = values[property.type] ?? [0, 0, 0, 0]
        values[property.type] = (0..<4).map { earlier[$0] | property.value[$0] }
      case 0xc000_0000, 0xc001_0000...0xc001_7fff:
        guard property.value.count == 4 else { return nil }
        values[property.type] = [0, 0, 0, 0]
      default: break
      }
    }
    let claims = values.filter { $0.key == 0xc000_0000 || $0.key >= 0xc001_0000 || $0.value != [0, 0, 0, 0] }
    return claims.sorted { $0.key < $1.key }.map { Property($0.key, $0.value) }
  }

  @Test("of random objects are as the ABIs specify, in each class and byte order")
  func random() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let types: [UInt32] = [
      1, 2, 0xb000_0000, 0xb000_7fff, 0xb000_8000, 0xc000_0000, 0xc000_0001, 0xc000_0002, 0xc000_7fff, 0xc000_8002,
      0xc001_0002, 0xc001_7fff, 0xc001_8000,
    ]
    for number in 0..<2000 {
      let like = LikeObject(
        UInt16(EM_X86_64), is64Bit: Bool.random(using: &random), isBigEndian: Bool.random(using: &random))
      var counted: [Property] = []
      let notes = (0..<Int.random(in: 0...3, using: &random)).map { _ -> [UInt8] in
        let properties = (0..<Int.random(in: 0...4, using: &random)).map { _ in
          let size = Int.random(in: 0..<40, using: &random) == 0 ? Int.random(in: 0...9, using: &random) : 4
          return Property(
            types.randomElement(using: &random)!,
            (0..<size).map { _ in Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random) })
        }
        let isOurs = Int.random(in: 0..<4, using: &random) != 0
        if isOurs { counted += properties }
        return like.note(properties, name: isOurs ? "GNU\0" : "Other\0")
      }
      let object = like.bytes(notes: notes, inOneSection: Bool.random(using: &random))
      let found = try? payloadProperties(TargetMachine(likeObject: object))
      #expect(found == Self.model(counted), "seed \(seed), object \(number)")
    }
  }

  @Test("of edited and truncated objects are an error or can be read back, and never crash")
  func mutated() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    var outcomes = (good: 0, bad: 0)
    for number in 0..<20_000 {
      let like = LikeObject(
        [UInt16(EM_X86_64), UInt16(EM_AARCH64)][number % 2], is64Bit: Bool.random(using: &random),
        isBigEndian: Bool.random(using: &random))
      var object = like.bytes(notes: [like.note([Property(0xc000_0002, 3), Property(0xc000_0000, 1)])])
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        // Small numbers and large ones, where sizes and offsets are.
        let byte = [0, 1, 4, 8, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)].randomElement(
          using: &random)!
        object[Int.random(in: 0..<object.count, using: &random)] = byte
      }
      if number % 4 == 0 { object.removeLast(Int.random(in: 1...object.count, using: &random)) }
      do throws(TargetMachine.Fault) {
        let target = try TargetMachine(likeObject: object)
        outcomes.good += 1
        #expect(throws: Never.self, "seed \(seed), object \(number)") { try payloadProperties(target) }
      } catch { outcomes.bad += 1 }
    }
    #expect(outcomes.good > 1000 && outcomes.bad > 1000, "seed \(seed): \(outcomes)")
  }

  // MARK: Read back

  struct Unreadable: Error {
    let what: String
  }

  /// The properties of a payload for a machine, as libelf reads them; the payload has one note at most.
  private func payloadProperties(_ target: TargetMachine) throws -> [Property] {
    let symbols = PayloadSymbols(name: "sample", layoutID: Fingerprint(high: 1, low: 2), scope: nil)
    var bytes = PayloadObject(symbols: symbols, target: target, payload: [1, 2, 3]).bytes().joined()
    guard elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE) else { throw Unreadable(what: "version") }
    return try bytes.withUnsafeMutableBytes { buffer throws -> [Property] in
      guard let elf = elf_memory(buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count) else {
        throw Unreadable(what: "file")
      }
      defer { elf_end(elf) }
      var names = 0
      guard elf_getshdrstrndx(elf, &names) == 0 else { throw Unreadable(what: "names") }
      var found: [Property] = []
      var section: OpaquePointer?
      var notes = 0
      var symbolNames: Set<String> = []
      while let next = elf_nextscn(elf, section) {
        section = next
        var header = GElf_Shdr()
        guard gelf_getshdr(next, &header) != nil, let name = elf_strptr(elf, names, Int(header.sh_name)) else {
          throw Unreadable(what: "section")
        }
        if header.sh_type == UInt32(SHT_SYMTAB) {
          guard let data = elf_getdata(next, nil) else { throw Unreadable(what: "symbols") }
          for index in 1..<3 {
            var symbol = GElf_Sym()
            guard gelf_getsym(data, Int32(index), &symbol) != nil,
              let name = elf_strptr(elf, Int(header.sh_link), Int(symbol.st_name))
            else { throw Unreadable(what: "symbol") }
            symbolNames.insert(String(cString: name))
          }
        }
        guard header.sh_type == UInt32(SHT_NOTE) else { continue }
        guard String(cString: name) == ".note.gnu.property", header.sh_flags == UInt64(SHF_ALLOC),
          header.sh_addralign == (target.is64Bit ? 8 : 4), header.sh_offset % header.sh_addralign == 0,
          let data = elf_getdata(next, nil)
        else { throw Unreadable(what: "note section") }
        var note = GElf_Nhdr()
        var (nameOffset, description) = (0, 0)
        let end = gelf_getnote(data, 0, &note, &nameOffset, &description)
        guard end == data.pointee.d_size, note.n_type == 5, note.n_namesz == 4 else { throw Unreadable(what: "note") }
        notes += 1
        let content = UnsafeRawBufferPointer(start: data.pointee.d_buf, count: data.pointee.d_size)
        found = try Self.properties(content[description..<description + Int(note.n_descsz)], target)
      }
      guard notes <= 1, (notes == 1) == !found.isEmpty else { throw Unreadable(what: "\(notes) notes") }
      guard symbolNames == [symbols.start, symbols.size] else { throw Unreadable(what: "symbols \(symbolNames)") }
      return found
    }
  }

  private static func properties(_ description: Slice<UnsafeRawBufferPointer>, _ target: TargetMachine) throws
    -> [Property]
  {
    var rest = Array(description)[...]
    var found: [Property] = []
    func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
      (target.isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
    }
    while !rest.isEmpty {
      guard rest.count >= 8 else { throw Unreadable(what: "property") }
      let type = number(rest.prefix(4))
      let size = Int(number(rest.dropFirst(4).prefix(4)))
      let room = (size + (target.is64Bit ? 7 : 3)) / (target.is64Bit ? 8 : 4) * (target.is64Bit ? 8 : 4)
      guard room <= rest.count - 8 else { throw Unreadable(what: "value") }
      found.append(Property(type, Array(rest.dropFirst(8).prefix(size))))
      rest = rest.dropFirst(8 + room)
    }
    return found
  }
}

/// One property: its type, and its value in the byte order of its object.
struct Property: Hashable, Sendable {
  let type: UInt32
  let value: [UInt8]

  init(_ type: UInt32, _ value: [UInt8]) {
    self.type = type
    self.value = value
  }

  /// - Parameter bits: below 256, of a little-endian object.
  init(_ type: UInt32, _ bits: UInt8) { self.init(type, [bits, 0, 0, 0]) }
}

/// An object file with notes, written field by field.
struct LikeObject {
  let machine: UInt16
  let is64Bit: Bool
  let isBigEndian: Bool

  init(_ machine: UInt16, is64Bit: Bool, isBigEndian: Bool) {
    self.machine = machine
    self.is64Bit = is64Bit
    self.isBigEndian = isBigEndian
  }

  private var alignment: Int { is64Bit ? 8 : 4 }

  private func number(_ value: Int, _ bytes: Int) -> [UInt8] {
    let little = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }

  private func word(_ value: Int) -> [UInt8] { number(value, is64Bit ? 8 : 4) }

  private func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
  }

  func note(_ properties: [Property], name: String = "GNU\0", type: Int = 5) -> [UInt8] {
    let description = properties.flatMap { padded(number(Int($0.type), 4) + number($0.value.count, 4) + $0.value) }
    let head = number(name.utf8.count, 4) + number(description.count, 4) + number(type, 4) + Array(name.utf8)
    return padded(head) + description
  }

  func bytes(notes: [[UInt8]], inOneSection: Bool = true) -> [UInt8] {
    let contents = inOneSection ? [notes.flatMap { $0 }] : notes
    let names = Array("\0.shstrtab\0.note.gnu.property\0.note.other\0".utf8)
    var file = [UInt8](repeating: 0, count: is64Bit ? 64 : 52)
    func section(name: Int, type: Int, offset: Int, size: Int, alignment: Int) -> [UInt8] {
      number(name, 4) + number(type, 4) + word(0) + word(0) + word(offset) + word(size) + number(0, 4) + number(0, 4)
        + word(alignment) + word(0)
    }
    var table = section(name: 0, type: 0, offset: 0, size: 0, alignment: 0)
    table += section(name: 1, type: 3, offset: file.count, size: names.count, alignment: 1)
    file = padded(file + names)
    // Not a note of ours, though the same bytes are in it.
    for (name, content) in [(30, contents.first ?? [])] + contents.map({ (11, $0) }) {
      table += section(name: name, type: 7, offset: file.count, size: content.count, alignment: alignment)
      file = padded(file + content)
    }
    let count = table.count / (is64Bit ? 64 : 40)
    var header: [UInt8] =
      [0x7f, 0x45, 0x4c, 0x46, is64Bit ? 2 : 1, isBigEndian ? 2 : 1, 1] + [UInt8](repeating: 0, count: 9)
    header +=
      number(1, 2) + number(Int(machine), 2) + number(1, 4) + word(0) + word(0) + word(file.count) + number(0, 4)
    header += number(is64Bit ? 64 : 52, 2) + number(0, 2) + number(0, 2) + number(is64Bit ? 64 : 40, 2)
    header += number(count, 2) + number(1, 2)
    file.replaceSubrange(0..<header.count, with: header)
    return file + table
  }
}
