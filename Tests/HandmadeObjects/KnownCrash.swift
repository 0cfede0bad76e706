import BPF
import BTF
import ELF

/// A shape that crashed a libbpf, or hung it, and what is answered to it here.
struct KnownCrash: Sendable, CustomStringConvertible {
  /// What reads the input.
  enum Path: Sendable { case open, loader, link, types }

  enum Answer: Sendable {
    case refused(ObjectError)
    case taken
  }

  /// Where it was reported: a CVE, an issue of libbpf or one of its commits.
  let source: String
  let description: String
  let path: Path
  let answer: Answer
  let inputs: @Sendable () -> [[UInt8]]

  static let all = opening + types + linking + loading

  private init(
    _ source: String, _ description: String, _ path: Path, _ answer: Answer,
    _ inputs: @escaping @Sendable () -> [[UInt8]]
  ) {
    (self.source, self.description, self.path, self.answer, self.inputs) = (source, description, path, answer, inputs)
  }

  private static let loadable = Samples.complete(hasStructOps: false)

  private static func edited(_ object: [UInt8] = MalformedObject.sound, _ damage: (inout ELFEditor) -> Void) -> [UInt8]
  {
    var editor = ELFEditor(object)
    damage(&editor)
    return editor.bytes
  }

  private static func damaged(
    _ source: String, _ description: String, _ answer: ObjectError,
    _ damage: @escaping @Sendable (inout ELFEditor) -> Void
  ) -> KnownCrash {
    KnownCrash(source, description, .open, .refused(answer)) { [edited(MalformedObject.sound, damage)] }
  }

  /// An object with types of its own and a variable of the last one.
  private static func typed(
    _ source: String, _ description: String, _ fault: BTFFault, _ add: @escaping @Sendable (inout BTFBuilder) -> UInt32
  ) -> KnownCrash {
    KnownCrash(source, description, .open, .refused(.btf(.damaged(fault)))) {
      var btf = BTFBuilder()
      let type = add(&btf)
      return [ObjectBuilder.object(btf, variables: [("v", type, 4)])]
    }
  }

  // MARK: bpf_object__open

  static let opening: [KnownCrash] = [
    damaged(
      "CVE-2025-29481, #737, #898, 806b4e0a", "a program that begins before its section",
      .elf(.damaged(.symbolRange(index: 2, value: .max - 7, size: 64, section: 2)))
    ) { $0.symbol("prog", ELFEditor.Symbol.value, .max - 7) },
    damaged(
      "#390, 738277b7", "symbols of no bytes", .elf(.damaged(.entrySize(section: 15, entrySize: 0, size: 240)))
    ) { $0.section(".symtab", ELFEditor.Section.entrySize, 0) },
    damaged(
      "36cc591a", "relocations of no bytes", .elf(.damaged(.entrySize(section: 11, entrySize: 0, size: 64)))
    ) { $0.section(".relraw_tp", ELFEditor.Section.entrySize, 0) },
    damaged(
      "36cc591a", "relocations of a section that does not exist", .elf(.damaged(.sectionInfo(section: 11, info: 999)))
    ) { $0.section(".relraw_tp", ELFEditor.Section.info, 999) },
    damaged(
      "36cc591a", "a relocation by a symbol that does not exist",
      .elf(.damaged(.relocationSymbol(section: 11, index: 0, symbol: 1 << 20)))
    ) { $0.relocation(0, in: ".relraw_tp", ELFEditor.Relocation.symbol, 1 << 20) },
    damaged("a383b3e2", ".BTF without bytes", .elf(.damaged(.noBytes(section: ".BTF")))) {
      $0.section(".BTF", ELFEditor.Section.type, 8)
    },
    damaged("a383b3e2", ".BTF.ext without bytes", .elf(.damaged(.noBytes(section: ".BTF.ext")))) {
      $0.section(".BTF.ext", ELFEditor.Section.type, 8)
    },
    damaged("#634", "a license without bytes", .elf(.damaged(.noBytes(section: "license")))) {
      $0.section("license", ELFEditor.Section.type, 8)
    },
    damaged(
      "71208c33", "a .BTF.ext that ends within its header",
      .btf(.damaged(.header(section: ".BTF.ext", field: "length", value: 28)))
    ) {
      $0.word(".BTF.ext", at: 4, 24)
      $0.section(".BTF.ext", ELFEditor.Section.size, 28)
    },
    KnownCrash("50e13993", "no symbol table", .open, .refused(.elf(.noSymbolTable))) {
      [
        edited {
          for section in [".symtab", ".relraw_tp", ".rel.struct_ops"] { $0.section(section, ELFEditor.Section.type, 1) }
        }
      ]
    },
    KnownCrash("8e706ddc", "a license that does not end", .open, .taken) {
      [edited { $0.byte("license", at: 3, 0x21) }]
    },
    KnownCrash(
      "#634, #683, #702, #764, c008eb92", "relocations of a section that libelf does not read", .open,
      .refused(.elf(.damaged(.entrySize(section: 1, entrySize: 0, size: 8))))
    ) {
      var object = ObjectBuilder()
      let section = object.section(".debug_x", [UInt8](repeating: 0, count: 8), type: 11)
      let symbol = object.symbol("v", type: 1, section: section, at: 0, size: 8)
      object.relocations(".rel.maps", of: section, [(0, symbol, 1)])
      object.section(".BTF", Samples.types().bytes)
      object.program("prog", section: "raw_tp")
      return [object.bytes]
    },
    KnownCrash("#390, CVE-2022-3606, 3a3ef0c1", "relocations of a section without programs", .open, .taken) {
      var object = ObjectBuilder()
      let section = object.section("raw_tp", ObjectBuilder.code, flags: 6)
      let symbol = object.symbol("v", type: 1, section: section, at: 0, size: 8)
      object.relocations(".relraw_tp", of: section, [(0, symbol, 1)])
      object.section(".BTF", Samples.types().bytes)
      return [object.bytes]
    },
    typed("#483", "a struct that contains itself", .cycle(ids: [1])) {
      $0.composite(bytes: 4, [.init(name: "a", type: 1)])
    },
    typed("#688", "a typedef of itself", .cycle(ids: [1])) { $0.typedef("t", 1) },
    typed("#963", "a struct with more members than there are", .truncatedType(id: 2, offsetBytes: 16)) {
      _ = $0.int()
      return $0.add(.structure, vlen: 0xffff, 4)
    },
    typed(
      "#700, #682, #634", "a variable whose name lies outside of the strings", .nameOffset(id: 2, offset: 0x4000_0000)
    ) {
      let int = $0.int()
      return $0.add(.variable, name: 1 << 30, int, [1])
    },
    typed(
      "#703, #682, #634", "a data section whose name lies outside of the strings",
      .nameOffset(id: 2, offset: 0x4000_0000)
    ) {
      let int = $0.int()
      $0.add(.dataSection, name: 1 << 30)
      return int
    },
    typed("#482", "a variable of a type that does not exist", .typeReference(id: 2, to: 99)) {
      let int = $0.int()
      _ = $0.variable("w", 99)
      return int
    },
    damaged(
      "#484, 2f52e2af", "a map that does not exist", .btf(.damaged(.typeReference(id: 23, to: 9999)))
    ) { $0.entry(of: ".maps", 0, 9999) },
    KnownCrash(
      "found here", "a struct_ops value whose end does not fit 32 bits", .open,
      .refused(.btf(.damaged(.variableOutside(section: ".struct_ops", variable: "ops"))))
    ) { [edited { $0.entry(of: ".struct_ops", 1, 0xffff_fff8) }] },
    KnownCrash(
      "found here", "a configuration value of a union that is one of itself over 2^60 ways", .open,
      .refused(.btf(.damaged(.tooManyWalks(id: 22))))
    ) {
      var btf = BTFBuilder()
      let variable = btf.variable("CONFIG_X", doubling(&btf, levels: 60), linkage: 2)
      btf.section(".kconfig", bytes: 0, [(variable, 0, 4)])
      var object = ObjectBuilder()
      object.symbol("CONFIG_X", type: 0, section: 0, at: 0, size: 0)
      object.section(".BTF", btf.bytes)
      object.program("prog", section: "raw_tp")
      return [object.bytes]
    },
  ]

  /// A union of two of a union of two of ... an integer.
  static func doubling(_ btf: inout BTFBuilder, levels: Int, named: Bool = true) -> UInt32 {
    (0..<levels).reduce(btf.int()) { inner, level in
      btf.composite(
        .union, named ? "u\(level)" : "", bytes: 4,
        [.init(name: named ? "a" : "", type: inner), .init(name: named ? "b" : "", type: inner)])
    }
  }

  // MARK: btf__new and btf_dump

  private static func raw(
    _ source: String, _ description: String, _ fault: BTFFault, _ words: [UInt32]
  ) -> KnownCrash {
    KnownCrash(source, description, .types, .refused(.btf(.damaged(fault)))) { [words.flatMap(littleEndian) + [0]] }
  }

  static let types: [KnownCrash] = [
    raw(
      "#390, 19d260d1", "strings whose end does not fit 32 bits",
      .header(section: ".BTF", field: "str_off", value: 0xffff_ffff),
      [0x0001_eb9f, 24, 0, 0, 0xffff_ffff, 1]),
    raw(
      "#390, d374094d", "a header of 2 bytes", .header(section: ".BTF", field: "hdr_len", value: 2),
      [0x0001_eb9f, 2, 0, 0, 0, 1]),
    KnownCrash(
      "#894, 02bc656f", "an ELF file whose .BTF has no bytes", .types,
      .refused(.elf(.damaged(.noBytes(section: ".BTF"))))
    ) {
      [edited { $0.section(".BTF", ELFEditor.Section.type, 8) }]
    },
    KnownCrash("CVE-2022-3534, 54caf920", "two types of one name", .types, .taken) {
      var btf = BTFBuilder()
      let int = btf.int()
      for size: UInt32 in [4, 8] { _ = btf.composite(.structure, "s", bytes: size, [.init(name: "a", type: int)]) }
      return [btf.bytes]
    },
    KnownCrash(
      "found here", "a union that is spelled out over 2^60 ways", .types,
      .refused(.btf(.damaged(.tooManyWalks(id: 22))))
    ) {
      var btf = BTFBuilder()
      let union = doubling(&btf, levels: 60, named: false)
      _ = btf.composite(.structure, "s", bytes: 4, [.init(name: "", type: union)])
      return [btf.bytes]
    },
  ]

  // MARK: bpf_linker

  /// A weak function of an object, and the same name as an absolute symbol in another.
  private static func pair() -> [[UInt8]] {
    [false, true].map { isAbsolute in
      var btf = BTFBuilder()
      let prototype = btf.add(.functionPrototype, btf.int())
      btf.add(.function, name: btf.string("f"), vlen: 1, prototype)
      var object = ObjectBuilder()
      let section = object.section("raw_tp", ObjectBuilder.code, flags: 6)
      object.symbol("f", type: 2, section: isAbsolute ? 0xfff1 : section, at: 0, size: 16, binding: isAbsolute ? 1 : 2)
      object.section(".BTF", btf.bytes)
      return object.bytes
    }
  }

  static let linking: [KnownCrash] = [
    KnownCrash("984dcc97", "a file that libelf does not read", .link, .refused(.elf(.notBPF(.version(0))))) {
      [edited { $0.set(ELFEditor.Header.identVersion, to: 0) }]
    },
    KnownCrash(
      "041d5948", "a section's symbol that is in no section", .link,
      .refused(.elf(.damaged(.symbolSection(index: 9, section: 0))))
    ) {
      [edited { $0.symbol("CONFIG_HZ", ELFEditor.Symbol.info, 3) }]
    },
    KnownCrash("2cfeea13", "an extern of an object without types", .link, .refused(.btf(.missing(.noDebugInfo)))) {
      var object = ObjectBuilder()
      object.symbol("v", type: 0, section: 0, at: 0, size: 0)
      object.program("prog", section: "raw_tp")
      return [object.bytes]
    },
    KnownCrash("4218389b", "empty sections of one name in two objects", .link, .taken) {
      var object = ObjectBuilder()
      object.section(".data.empty", [], flags: 3)
      object.section(".BTF", Samples.types().bytes)
      return [object.bytes, object.bytes]
    },
    KnownCrash(
      "found here", "a function that another object has as an absolute symbol", .link,
      .refused(.elf(.absoluteSymbol("f")))
    ) { pair() },
    // gcc 12 writes any number there, and libbpf's merging takes it for the id of a type.
    KnownCrash("found here", "a forward declaration with a number that is not a type id", .link, .taken) {
      var btf = BTFBuilder()
      let int = btf.int()
      btf.add(.forward, name: btf.string("later"), 1 << 28)
      return [ObjectBuilder.object(btf, variables: [("v", int, 4)])]
    },
    KnownCrash(
      "found here", "relocations of a program without bytes", .link,
      .refused(.elf(.damaged(.sectionType(section: "raw_tp", type: 8))))
    ) {
      var object = ObjectBuilder()
      let section = object.section("raw_tp", ObjectBuilder.code, type: 8, flags: 6)
      let symbol = object.symbol("", type: 3, section: section, at: 0, size: 0, binding: 0)
      object.relocations(".relraw_tp", of: section, [(0, symbol, 1)])
      object.section(".BTF", Samples.types().bytes)
      return [object.bytes]
    },
  ]

  // MARK: bpf_object__load with a generator

  static let loading: [KnownCrash] = [
    KnownCrash(
      "#823", "a program that ends within a relocated load", .loader,
      .refused(.elf(.damaged(.cutInstruction(symbol: 2))))
    ) {
      [edited(loadable) { $0.symbol("prog", ELFEditor.Symbol.size, 24) }]
    },
    KnownCrash(
      "5ca5801a", "a relocation with a negative way", .loader,
      .refused(
        .btf(
          .damaged(
            .extensionRecord(part: "core_relo", offsetBytes: ELFEditor(loadable).content(".BTF.ext") + 132))))
    ) {
      [
        edited(loadable) { editor in
          let strings = editor.content(".BTF") + 24 + editor.number(.init(at: 16, size: 4), at: editor.content(".BTF"))
          let access = strings + editor.number(.init(at: 140, size: 4), at: editor.content(".BTF.ext"))
          editor.set(.init(at: 0, size: 1), at: access + 2, to: UInt64(UInt8(ascii: "-")))
        }
      ]
    },
  ]
}
