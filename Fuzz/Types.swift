// Bytes as raw BTF: refused, or listed, written as C, and given type ids that do not depend on the types' numbers.
import Bytes
import FuzzSupport
import MutationRunner
import SeededRandom

@testable import BPF
@testable import BTF

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let section = bytes(start, count)
  guard let file = try? TypesFile(section), let types = file.types else { return 0 }
  list(file, base: nil)
  _ = try? TypesHeader.text(of: file)
  if let split = try? TypesFile(section, isSplit: true) {
    list(split, base: file)
    _ = try? TypesHeader.text(of: split, base: file)
  }
  // The integer types of BPF conflict with C, and nothing else does.
  var ids = TypeFingerprints(types)
  guard let moved = try? BTFSpec(section: types.behindAnother(), order: types.byteOrder) else {
    require(false, "types behind another one are refused")
    return 0
  }
  var movedIDs = TypeFingerprints(moved)
  for id in types.ids where types.kind(id).isValue {
    require(
      ids.fingerprint(of: id) == movedIDs.fingerprint(of: id.advanced(by: 1)),
      "type \(id) has another id at another number")
  }
  return 0
}

private func list(_ file: TypesFile, base: TypesFile?) {
  guard let listing = try? TypesListing(file, base: base) else { return }
  for id in listing.ids { _ = listing.entry(id) }
}

extension BTFKind {
  fileprivate var isValue: Bool { BTFKindSet.inMemory.contains(self) }
}

extension BTFSpec {
  /// The same types with another one before them all.
  fileprivate func behindAnother() -> [UInt8] {
    var moved = words
    for id in ids {
      let shape = BTFShape.of(kind(id))
      for index in 0..<shape.references(vlen(id)) {
        let word = Int(starts[id.index]) + shape.firstReference + shape.stride * index
        if moved[word] != 0 { moved[word] += 1 }
      }
    }
    moved = [0, 2 << 24, 0] + moved
    let length = UInt32(4 * moved.count)
    let header = [0x0001_eb9f, 24, 0, length, length, UInt32(strings.count)]
    return (header + moved).flatMap { word in
      withUnsafeBytes(of: byteOrder == .little ? word.littleEndian : word.bigEndian) { Array($0) }
    } + strings
  }
}

@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: CUnsignedInt) -> Int
{
  mutate(data, size, maximum, seed, [TypeMutation.mutated])
}
