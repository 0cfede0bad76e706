internal import Bytes
public import SeededRandom

@testable internal import BTF

/// Changes the types of a BTF, so that it stays readable: lengths match what is there, and most ids name a type.
public enum TypeMutation {
  /// - Returns: `nil` if the section is not BTF of this machine's byte order.
  public static func mutated(_ section: [UInt8], _ random: inout SeededRandom) -> [UInt8]? {
    guard let btf = try? BTFSpec(section: section, order: .little), btf.count > 1 else { return nil }
    let ends = btf.starts.dropFirst(2) + [UInt32(btf.words.count)]
    var types = zip(btf.starts.dropFirst(), ends).map { Array(btf.words[Int($0)..<Int($1)]) }
    var strings = btf.strings
    for _ in 0..<Int.random(in: 1...3, using: &random) { change(&types, &strings, &random) }
    let words = types.joined()
    let length = UInt32(4 * words.count)
    let header: [UInt32] = [0x0001_eb9f, 24, 0, length, length, UInt32(strings.count)]
    return (header + words).flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } } + strings
  }

  private static func change(_ types: inout [[UInt32]], _ strings: inout [UInt8], _ random: inout SeededRandom) {
    let index = types.indices.randomElement(using: &random)!
    let shape = BTFShape.ofKind[Int(types[index][1] >> 24 & 31)]
    let vlen = Int(types[index][1] & 0xffff)
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1:
      guard let word = reference(shape, vlen, &random) else { return }
      types[index][word] = UInt32.random(in: 0...UInt32(types.count), using: &random)
    case 2: wrap(index, &types, &random)
    case 3:
      let name = strings.indices.randomElement(using: &random)!
      types[index][0] = UInt32(strings[..<name].lastIndex(of: 0).map { $0 + 1 } ?? 0)
    case 4:
      types[index][0] = UInt32(strings.count)
      for _ in 0..<Int.random(in: 0...9, using: &random) { strings.append(UInt8.random(in: 1...255, using: &random)) }
      strings.append(0)
    case 5: types[index][2...].indices.randomElement(using: &random).map { types[index][$0] = number(&random) }
    case 6 where shape.stride > 1 && vlen > 0:
      let part = 3 + shape.extra + shape.stride * Int.random(in: 0..<vlen, using: &random)
      if Bool.random(using: &random) {
        types[index].removeSubrange(part..<part + shape.stride)
        types[index][1] -= 1
      } else if vlen < 0xffff {
        types[index].insert(contentsOf: types[index][part..<part + shape.stride], at: part)
        types[index][1] += 1
      }
    case 7: types[index][1] ^= 1 << 31
    default: types.append(types[index])
    }
  }

  /// Puts a type of one id between another one and what it refers to.
  private static func wrap(_ index: Int, _ types: inout [[UInt32]], _ random: inout SeededRandom) {
    let shape = BTFShape.ofKind[Int(types[index][1] >> 24 & 31)]
    guard let word = reference(shape, Int(types[index][1] & 0xffff), &random) else { return }
    let target = types[index][word]
    let name = types.randomElement(using: &random)![0]
    let new: [UInt32] =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: [0, 3 << 24, 0, target, 1, UInt32.random(in: 0..<5, using: &random)]
      case 1: [name, 8 << 24, target]
      case 2: [name, 4 << 24 | 1, 64, name, target, 0]
      default: [0, [2, 9, 10, 11].randomElement(using: &random)! << 24, target]
      }
    types.append(new)
    types[index][word] = UInt32(types.count)
  }

  /// The index of a word that is another type's id.
  private static func reference(_ shape: BTFShape, _ vlen: Int, _ random: inout SeededRandom) -> Int? {
    let count = shape.references(vlen)
    guard count > 0 else { return nil }
    return shape.firstReference + shape.stride * Int.random(in: 0..<count, using: &random)
  }

  private static func number(_ random: inout SeededRandom) -> UInt32 {
    Bool.random(using: &random)
      ? UInt32.random(in: 0..<80, using: &random)
      : [0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff, 0x1_0000].randomElement(using: &random)!
  }
}
