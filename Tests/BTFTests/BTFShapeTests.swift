import Testing

@testable import BTF

/// The loops over types use numbers computed from each kind's row.
@Suite("Records of types")
struct BTFShapeTests {
  @Test("ids and names are where a kind's row says", arguments: BTFKind.allCases)
  func words(_ kind: BTFKind) {
    let shape = BTFShape.of(kind)
    let parts = shape.part.count > 0 ? 3 : 0
    var words: [BTFShape.Word] = [.name, .number, shape.third]
    words += (0..<shape.fixed.count).map { shape.fixed[$0] }
    for _ in 0..<parts { words += (0..<shape.part.count).map { shape.part[$0] } }
    #expect(shape.kind == kind)
    #expect(3 + shape.moreWords(parts) == words.count)
    let references = (0..<shape.references(parts)).map { shape.firstReference + shape.stride * $0 }
    #expect(references == words.indices.filter { words[$0] == .type })
    #expect(Array(shape.partNames(parts)) == words.indices.dropFirst().filter { words[$0] == .name })
  }

  @Test("an undefined kind has no record")
  func unknown() { #expect(BTFShape.ofKind.dropFirst(BTFKind.allCases.count).allSatisfy { $0.kind == .void }) }
}
