/// An object of at most 64 KiB that is as expensive as 64 KiB can be for a reader.
struct CostlyObject: Sendable, CustomStringConvertible {
  static let maximumBytes = 65_536

  let description: String
  private let make: @Sendable (_ isOld: Bool) -> [UInt8]

  /// - Parameter make: the object, or a former version of it with another type somewhere inside.
  private init(_ description: String, _ make: @escaping @Sendable (_ isOld: Bool) -> [UInt8]) {
    self.description = description
    self.make = make
  }

  var bytes: [UInt8] { make(false) }
  var former: [UInt8] { make(true) }

  static let all = types + names + tables + sizes
}

extension CostlyObject {
  /// One variable of the last type that is added; `int` has the id 1 and another name in the former version.
  private static func typed(
    _ description: String, bytes: UInt32 = 4, _ add: @escaping @Sendable (inout BTFBuilder) -> UInt32
  ) -> CostlyObject {
    CostlyObject(description) { isOld in
      var btf = BTFBuilder()
      _ = btf.int(isOld ? "unsigned int" : "int")
      let type = add(&btf)
      return ObjectBuilder.object(btf, variables: [("v", type, bytes)], binding: 2)
    }
  }

  /// Two members each of the type before.
  private static func doubling(
    _ kind: BTFBuilder.Kind, _ name: @escaping @Sendable (Int) -> String, levels: Int, leaf: UInt32 = 1
  )
    -> @Sendable (inout BTFBuilder) -> UInt32
  {
    { btf in
      (0..<levels).reduce(leaf) { inner, level in
        let anonymous = name(level).isEmpty
        return btf.composite(
          kind, name(level), bytes: 4,
          [.init(name: anonymous ? "" : "a", type: inner), .init(name: anonymous ? "" : "b", type: inner)])
      }
    }
  }

  // MARK: Types

  private static let types: [CostlyObject] = [
    typed("structs in structs, 250 deep, over and over") { btf in
      var last: UInt32 = 1
      for chain in 0..<5 {
        last = (0..<250).reduce(1) { inner, level in
          btf.composite(.structure, "s\(chain)_\(level)", bytes: 4, [.init(name: "m", type: inner)])
        }
      }
      return last
    },
    typed("a union of unions, 2^250 ways, with names", doubling(.union, { "u\($0)" }, levels: 250)),
    typed("a union of unions, 2^250 ways, without names", doubling(.union, { _ in "" }, levels: 250)),
    typed("1,000 structs of a union of unions, 2^10 ways") { btf in
      let union = doubling(.union, { _ in "" }, levels: 10)(&btf)
      return (0..<1000).reduce(union) { _, index in
        btf.composite(.structure, "s\(index)", bytes: 4, [.init(name: "", type: union), .init(name: "m", type: 1)])
      }
    },
    typed("1,000 structs of a union of unions, 2^15 ways") { btf in
      let union = doubling(.union, { _ in "" }, levels: 15)(&btf)
      return (0..<1000).reduce(union) { _, index in
        btf.composite(.structure, "s\(index)", bytes: 4, [.init(name: "", type: union), .init(name: "m", type: 1)])
      }
    },
    typed("a struct of structs, 2^20 elements", bytes: 4 << 20) { btf in
      (0..<20).reduce(1) { inner, level in
        let half: UInt32 = 4 << level
        return btf.composite(
          .structure, "s\(level)", bytes: 2 * half,
          [.init(name: "a", type: inner), .init(name: "b", type: inner, offsetBits: 8 * half)])
      }
    },
    CostlyObject("types that differ and are spelled alike, 2^26 ways") { isOld in
      var btf = BTFBuilder()
      let int = btf.int()
      let leaf = btf.typedef("leaf", isOld ? btf.typedef("former", int) : int)
      var last = leaf
      for level in 0..<26 {
        last = btf.composite(
          .union, "u\(level)", bytes: 4, [.init(name: "a", type: last), .init(name: "b", type: last)])
      }
      return ObjectBuilder.object(btf, variables: [("v", last, 4)], binding: 2)
    },
    typed("structs that point to one another in a row", bytes: 8) { btf in
      let first = btf.next
      for level in 0..<1000 {
        _ = btf.composite(.structure, "s\(level)", bytes: 8, [.init(name: "next", type: btf.next + 1)])
        _ = btf.pointer(to: level == 999 ? 1 : btf.next + 1)
      }
      return first
    },
    typed("structs without names that point to one another in a row", bytes: 8) { btf in
      let first = btf.next
      for level in 0..<1000 {
        _ = btf.composite(.structure, "", bytes: 8, [.init(name: "next", type: btf.next + 1)])
        _ = btf.pointer(to: level == 999 ? 1 : btf.next + 1)
      }
      return btf.typedef("first", first)
    },
    typed("structs of one name that point to one another in a row", bytes: 8) { btf in
      let name = btf.string("s")
      let first = btf.next
      for level in 0..<1000 {
        btf.add(.structure, name: name, vlen: 1, 8, [name, btf.next + 1, 0])
        _ = btf.pointer(to: level == 999 ? 1 : btf.next + 1)
      }
      return first
    },
    typed("a function of functions, 2^80 ways", bytes: 8) { btf in
      var last = btf.pointer(to: 1)
      for _ in 0..<80 {
        let prototype = btf.add(.functionPrototype, vlen: 2, 1, [0, last, 0, last])
        last = btf.pointer(to: btf.typedef("f\(prototype)", prototype))
      }
      return last
    },
    typed("arrays of arrays whose size is no number") { btf in
      (0..<200).reduce(1) { inner, _ in btf.array(of: inner, count: .max, index: 1) }
    },
    typed("arrays of nothing of arrays") { btf in
      (0..<200).reduce(1) { inner, level in btf.array(of: inner, count: level == 0 ? 0 : .max, index: 1) }
    },
    CostlyObject("an enumeration of 4,000") { isOld in
      var btf = BTFBuilder()
      let parts = (0..<4000).flatMap { [btf.string("E\($0)"), UInt32($0 + (isOld ? 1 : 0))] }
      let type = btf.add(.enumeration, name: btf.string("e"), vlen: parts.count / 2, 4, parts)
      return ObjectBuilder.object(btf, variables: [("v", type, 4)], binding: 2)
    },
    typed("a struct of 2,500 members") { btf in
      btf.composite(.union, "u", bytes: 4, (0..<2500).map { .init(name: "m\($0)", type: 1) })
    },
    typed("2,000 structs of one name", bytes: 2003) { btf in
      let name = btf.string("s")
      return (0..<2000).reduce(1) { _, index in
        btf.add(.structure, name: name, vlen: 1, 4 + UInt32(index), [name, 1, 0])
      }
    },
    typed("2,000 structs that are equal", bytes: 8) { btf in
      let name = btf.string("s")
      return (0..<2000).reduce(1) { last, _ in btf.add(.structure, name: name, vlen: 1, 8, [name, last > 1 ? 2 : 1, 0])
      }
    },
    typed("a typedef of a typedef, 250 deep, over and over") { btf in
      var last: UInt32 = 1
      for chain in 0..<10 {
        last = (0..<250).reduce(1) { inner, level in btf.typedef("t\(chain)_\(level)", inner) }
      }
      return last
    },
  ]

  // MARK: Names

  /// A string whose ends are as many names.
  private static let tail = [UInt8](repeating: UInt8(ascii: "x"), count: 30_000)

  private static let names: [CostlyObject] = [
    CostlyObject("800 variables whose names are ends of one string") { _ in
      var btf = BTFBuilder()
      let int = btf.int()
      let name = btf.string(tail)
      let variables = (0..<800).map { btf.add(.variable, name: name + UInt32($0), int, [1]) }
      btf.section(".bss", bytes: 3200, variables.enumerated().map { ($1, UInt32(4 * $0), 4) })
      var object = ObjectBuilder()
      let section = object.zeroSection(".bss", bytes: 3200)
      object.symbol("v", type: 1, section: section, at: 0, size: 4)
      object.section(".BTF", btf.bytes)
      return object.bytes
    },
    typed("1,500 members whose names are ends of one string") { btf in
      let name = btf.string(tail)
      return btf.add(.union, name: btf.string("u"), vlen: 1500, 4, (0..<1500).flatMap { [name + UInt32($0), 1, 0] })
    },
    typed("1,500 members of a type with a long name") { btf in
      let long = btf.typedef(String(decoding: tail, as: UTF8.self), 1)
      return btf.add(.union, name: btf.string("u"), vlen: 1500, 4, (0..<1500).flatMap { _ in [0, long, 0] })
    },
    CostlyObject("1,000 symbols whose names are ends of one string") { _ in
      var object = ObjectBuilder()
      let section = object.section(".rodata", [0, 0, 0, 0], flags: 2)
      let name = UInt32(1)
      object.symbol(String(decoding: tail, as: UTF8.self), type: 1, section: section, at: 0, size: 4)
      for index in 1..<1000 {
        object.symbol(nameOffset: name + UInt32(index), type: 1, section: section, at: 0, size: 4, binding: 2)
      }
      object.section(".BTF", withFunctions(["prog"]))
      object.program("prog", section: "raw_tp", binding: 2)
      return object.bytes
    },
    CostlyObject("1,000 lines that are ends of one string") { _ in
      var btf = BTFBuilder()
      let int = btf.int()
      let function = btf.add(.function, name: btf.string("prog"), vlen: 1, btf.add(.functionPrototype, int))
      let section = btf.string("raw_tp")
      let line = btf.string(tail)
      var object = ObjectBuilder()
      object.program("prog", section: "raw_tp")
      object.section(".BTF", btf.bytes)
      var more = BTFExtensionBuilder()
      more.functions = [(section, [[0, function]])]
      more.lines = [(section, (0..<1000).map { [8 * ($0 & 1), line + $0, line + $0, $0] })]
      object.section(".BTF.ext", more.bytes)
      return object.bytes
    },
    CostlyObject("1,000 relocations with a long way") { _ in
      var btf = BTFBuilder()
      let type = btf.composite(.structure, "s", bytes: 4, [.init(name: "m", type: btf.int())])
      let section = btf.string("raw_tp")
      let way = btf.string(String(repeating: "0:", count: 15_000) + "0")
      var object = ObjectBuilder()
      object.program("prog", section: "raw_tp")
      object.section(".BTF", btf.bytes)
      var more = BTFExtensionBuilder()
      more.relocations = [(section, (0..<1000).map { [8 * ($0 & 1), type, way + 2 * $0, 0] })]
      object.section(".BTF.ext", more.bytes)
      return object.bytes
    },
  ]

  // MARK: Tables

  private static let tables: [CostlyObject] = [
    CostlyObject("600 variables") { isOld in
      var btf = BTFBuilder()
      let int = btf.int(isOld ? "long" : "int")
      return ObjectBuilder.object(btf, variables: (0..<600).map { ("variable_\($0)", int, 4) }, binding: 2)
    },
    CostlyObject("600 programs") { _ in
      var object = ObjectBuilder()
      let code = (0..<600).flatMap { _ in ObjectBuilder.code }
      let section = object.section("raw_tp", code, flags: 6)
      for index in 0..<600 {
        object.symbol("p\(index)", type: 2, section: section, at: 16 * index, size: 16, binding: 2)
      }
      object.section(".BTF", withFunctions((0..<600).map { "p\($0)" }))
      return object.bytes
    },
    CostlyObject("2,000 maps of one variable") { _ in
      var btf = BTFBuilder()
      let int = btf.int()
      let table = btf.pointer(to: btf.array(of: int, count: 2, index: int))
      let map = btf.composite(bytes: 8, [.init(name: "type", type: table)])
      let variable = btf.variable("m", map)
      btf.section(".maps", bytes: 8, (0..<2000).map { _ in (variable, 0, 8) })
      var object = ObjectBuilder()
      let section = object.section(".maps", [UInt8](repeating: 0, count: 8), flags: 3)
      object.symbol("m", type: 1, section: section, at: 0, size: 8, binding: 2)
      btf.function("prog")
      object.section(".BTF", btf.bytes)
      object.program("prog", section: "raw_tp", binding: 2)
      return object.bytes
    },
    CostlyObject("500 sections of variables") { _ in
      var object = ObjectBuilder()
      for index in 0..<500 { object.zeroSection(".bss.\(index)", bytes: 8) }
      object.section(".BTF", withFunctions(["prog"]))
      object.program("prog", section: "raw_tp", binding: 2)
      return object.bytes
    },
    CostlyObject("3,000 relocations of one instruction") { _ in
      var object = ObjectBuilder()
      let load: [UInt8] = [0x18, 1, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
      let program = object.section("raw_tp", load + ObjectBuilder.code, flags: 6)
      object.symbol("prog", type: 2, section: program, at: 0, size: 32, binding: 2)
      let data = object.section(".data", [1, 0, 0, 0], flags: 3)
      let symbol = object.symbol("d", type: 1, section: data, at: 0, size: 4, binding: 0)
      object.relocations(".relraw_tp", of: program, (0..<3000).map { _ in (0, symbol, 1) })
      object.section(".BTF", withFunctions(["prog"]))
      return object.bytes
    },
    CostlyObject("500 configuration values") { _ in
      var btf = BTFBuilder()
      let int = btf.int()
      let variables = (0..<500).map { btf.variable("CONFIG_\($0)", int, linkage: 2) }
      btf.section(".kconfig", bytes: 0, variables.map { ($0, 0, 4) })
      var object = ObjectBuilder()
      for index in 0..<500 { object.symbol("CONFIG_\(index)", type: 0, section: 0, at: 0, size: 0, binding: 2) }
      btf.function("prog")
      object.section(".BTF", btf.bytes)
      object.program("prog", section: "raw_tp", binding: 2)
      return object.bytes
    },
    CostlyObject("800 functions that call one another in a row") { _ in
      let count = 800
      var object = ObjectBuilder()
      let call: [UInt8] = [0x85, 0x10, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]
      let text = object.section(".text", (0..<count - 1).flatMap { _ in call } + ObjectBuilder.code, flags: 6)
      for index in 0..<count {
        object.symbol("f\(index)", type: 2, section: text, at: 16 * index, size: 16, binding: 2)
      }
      let program = object.section("raw_tp", [0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff] + ObjectBuilder.code, flags: 6)
      object.symbol("prog", type: 2, section: program, at: 0, size: 24, binding: 2)
      object.relocations(".relraw_tp", of: program, [(0, 1, 10)])
      object.section(".BTF", withFunctions(["prog"] + (0..<count).map { "f\($0)" }))
      return object.bytes
    },
  ]

  private static func withFunctions(_ names: [String]) -> [UInt8] {
    var btf = Samples.types()
    for name in names { btf.function(name) }
    return btf.bytes
  }

  // MARK: Sizes

  private static func sized(_ description: String, sections: Int, bytes: UInt32, variable: UInt32) -> CostlyObject {
    CostlyObject(description) { _ in
      var btf = BTFBuilder()
      let char = btf.int("char", bytes: 1)
      let array = btf.array(of: char, count: variable, index: char)
      var object = ObjectBuilder()
      for index in 0..<sections {
        let type = btf.variable("v\(index)", array)
        btf.section(".bss.\(index)", bytes: bytes, [(type, 0, variable)])
        let section = object.zeroSection(".bss.\(index)", bytes: Int(bytes))
        object.symbol("v\(index)", type: 1, section: section, at: 0, size: Int(variable), binding: 2)
      }
      btf.function("prog")
      object.section(".BTF", btf.bytes)
      object.program("prog", section: "raw_tp", binding: 2)
      return object.bytes
    }
  }

  private static let sizes: [CostlyObject] = [
    sized("a .bss of 4 GB", sections: 1, bytes: .max, variable: 4),
    sized("a variable of 2 GB", sections: 1, bytes: 0x7fff_fff0, variable: 0x7fff_fff0),
    sized("a variable of 500 MB", sections: 1, bytes: 500 << 20, variable: 500 << 20),
    sized("200 variables of 10 MB", sections: 200, bytes: 10 << 20, variable: 10 << 20),
    sized("as many values as a light skeleton takes", sections: 1, bytes: 32 << 20, variable: 32 << 20),
  ]
}
