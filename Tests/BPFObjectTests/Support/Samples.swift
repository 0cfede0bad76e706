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

  /// Two variables and a program.
  static func small() -> [UInt8] {
    ObjectBuilder.object(types(), variables: [("counter", 2, 8), ("head", 5, 32)])
  }
}
