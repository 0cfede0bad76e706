/// Small objects that are as sound as a compiler's.
enum Samples {
  /// Types of every common kind.
  static func types() -> BTFBuilder {
    var btf = BTFBuilder()
    let int = btf.int()
    let long = btf.int("long", bytes: 8)
    let array = btf.array(of: int, count: 4, index: int)
    let pointer = btf.pointer(to: btf.next + 1)
    let node = btf.composite(
      .structure, "node", bytes: 32,
      [
        .init(name: "next", type: pointer), .init(name: "value", type: long, offsetBits: 64),
        .init(name: "table", type: array, offsetBits: 128),
      ])
    _ = btf.typedef("node_t", node)
    btf.add(.enumeration, name: btf.string("color"), vlen: 1, 4, [btf.string("RED"), 0])
    return btf
  }

  /// Something in every section that libbpf reads: a program that is relocated, a function that it calls, a map, variables of
  /// each kind, a configuration value, a struct_ops map, and all parts of `.BTF.ext`.
  ///
  /// - Parameter hasStructOps: a light skeleton cannot have them.
  static func complete(hasStructOps: Bool = true) -> [UInt8] {
    var btf = types()
    let (int, long) = (1 as UInt32, 2 as UInt32)
    let pointer = btf.pointer(to: int)
    let table = btf.pointer(to: btf.array(of: int, count: 2, index: int))
    let map = btf.composite(
      bytes: 32,
      [
        .init(name: "type", type: table), .init(name: "max_entries", type: table, offsetBits: 64),
        .init(name: "key", type: pointer, offsetBits: 128), .init(name: "value", type: pointer, offsetBits: 192),
      ])
    let prototype = btf.add(.functionPrototype, vlen: 1, int, [btf.string("context"), pointer])
    let operation = btf.pointer(to: prototype)
    let operations = btf.composite(
      .structure, "some_ops", bytes: 16,
      [.init(name: "init", type: operation), .init(name: "value", type: long, offsetBits: 64)])
    let function = btf.add(.function, name: btf.string("prog"), vlen: 1, prototype)
    let helper = btf.add(.function, name: btf.string("helper"), vlen: 1, prototype)
    let variables = [("lru", map), ("data_v", int), ("rodata_v", int), ("bss_v", long), ("ops", operations)].map {
      btf.variable($0.0, $0.1)
    }
    let config = btf.variable("CONFIG_HZ", int, linkage: 2)
    btf.section(".maps", bytes: 32, [(variables[0], 0, 32)])
    btf.section(".data", bytes: 4, [(variables[1], 0, 4)])
    btf.section(".rodata", bytes: 4, [(variables[2], 0, 4)])
    btf.section(".bss", bytes: 8, [(variables[3], 0, 8)])
    if hasStructOps { btf.section(".struct_ops", bytes: 16, [(variables[4], 0, 16)]) }
    btf.section(".kconfig", bytes: 0, [(config, 0, 4)])
    let license = btf.section("license", bytes: 4, [])
    btf.add(.declarationTag, name: btf.string("tag"), license, [.max])
    let names = (raw: btf.string("raw_tp"), line: btf.string("return 0;"), file: btf.string("a.bpf.c"))
    let access = btf.string("0:1")

    var object = ObjectBuilder()
    let text = object.section(".text", ObjectBuilder.code, flags: 6)
    object.symbol("helper", type: 2, section: text, at: 0, size: 16)
    // A load of the map's address, one of a variable's, a call, and the end.
    let load: [UInt8] = [0x18, 1, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 8)
    let program = load + load + load + [0x85, 0x10, 0, 0, 0xff, 0xff, 0xff, 0xff] + [0x95, 0, 0, 0, 0, 0, 0, 0]
    let raw = object.section("raw_tp", program, flags: 6)
    object.symbol("prog", type: 2, section: raw, at: 0, size: program.count)
    let structOps = object.section(hasStructOps ? "struct_ops/init" : "xdp", ObjectBuilder.code, flags: 6)
    let initial = object.symbol("init", type: 2, section: structOps, at: 0, size: 16)
    let maps = object.section(".maps", [UInt8](repeating: 0, count: 32), flags: 3)
    let lru = object.symbol("lru", type: 1, section: maps, at: 0, size: 32)
    let data = object.section(".data", [1, 0, 0, 0], flags: 3)
    let variable = object.symbol("data_v", type: 1, section: data, at: 0, size: 4)
    object.symbol("rodata_v", type: 1, section: object.section(".rodata", [1, 0, 0, 0], flags: 2), at: 0, size: 4)
    object.symbol("bss_v", type: 1, section: object.zeroSection(".bss", bytes: 8), at: 0, size: 8)
    let ops = object.section(hasStructOps ? ".struct_ops" : "no_ops", [UInt8](repeating: 0, count: 16), flags: 3)
    object.symbol("ops", type: 1, section: ops, at: 0, size: 16)
    let configSymbol = object.symbol("CONFIG_HZ", type: 0, section: 0, at: 0, size: 0)
    object.section("license", Array("GPL".utf8) + [0], flags: 3)
    object.section("version", [0, 1, 6, 0], flags: 3)
    object.relocations(".relraw_tp", of: raw, [(0, lru, 1), (16, variable, 1), (32, configSymbol, 1), (48, 1, 10)])
    if hasStructOps { object.relocations(".rel.struct_ops", of: ops, [(0, initial, 2)]) }
    let textName = btf.string(".text")
    object.section(".BTF", btf.bytes)
    var more = BTFExtensionBuilder()
    more.functions = [(names.raw, [[0, function]])]
    more.lines = [(names.raw, [[0, names.file, names.line, 1 << 10 | 2]])]
    // A loader wants to know of all functions.
    if !hasStructOps {
      more.functions.append((textName, [[0, helper]]))
      more.lines.append((textName, [[0, names.file, names.line, 1 << 10 | 2]]))
    }
    more.relocations = [(names.raw, [[0, 5, access, 0]])]
    object.section(".BTF.ext", more.bytes)
    return object.bytes
  }

  /// Two variables and a program.
  static func small() -> [UInt8] {
    ObjectBuilder.object(types(), variables: [("counter", 2, 8), ("head", 5, 32)])
  }
}
