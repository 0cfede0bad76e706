internal import Bytes
public import SeededRandom

@testable internal import ELF
@testable internal import MutationRunner

/// libFuzzer's own mutation, in place; returns the new size.
@_silgen_name("LLVMFuzzerMutate")
private func mutatePlainly(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// What a target's `LLVMFuzzerCustomMutator` does: at times libFuzzer's own mutation, else one that knows the format.
///
/// - Parameter mutations: each gives the bytes in another form; `nil` where it cannot.
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32,
  _ mutations: [([UInt8], inout SeededRandom) -> [UInt8]?]
) -> Int {
  var random = SeededRandom(seed: UInt64(seed))
  guard let mutation = (mutations + [{ _, _ in nil }]).randomElement(using: &random),
    let mutated = mutation(bytes(data, size), &random), mutated.count <= maximum
  else { return mutatePlainly(data, size, maximum) }
  mutated.withUnsafeBufferPointer { data.update(from: $0.baseAddress!, count: $0.count) }
  return mutated.count
}

/// Mutations of objects.
public enum ObjectMutations {
  nonisolated(unsafe) public static let all: [([UInt8], inout SeededRandom) -> [UInt8]?] = [fields, types, names]

  /// Damages fields of the ELF structures and sections at their offsets.
  private static func fields(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8]? {
    Mutator(bytes).mutated(&random)
  }

  /// Changes types, and leaves the BTF around them sound.
  private static func types(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8]? {
    guard let section = SectionPlace(".BTF", in: bytes),
      let changed = TypeMutation.mutated(Array(bytes[section.range]), &random)
    else { return nil }
    return section.replaced(by: changed, in: bytes)
  }

  /// Gives another name to what has one, in the BTF and in the symbol table alike.
  private static func names(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8]? {
    guard let section = SectionPlace(".BTF", in: bytes),
      let name = bytes[section.range].split(separator: 0).suffix(64).randomElement(using: &random)
    else { return nil }
    let new = hostileNames.randomElement(using: &random)!
    let replacement = (0..<name.count).map { $0 < new.count ? new[$0] : UInt8(ascii: "_") }
    return bytes.replacing([0] + name + [0], with: [0] + replacement + [0])
  }

  private static let hostileNames: [[UInt8]] = [
    "int", "class", "NULL", "*/", "\";", "\\", "\n#", "%n", "9", "", " ", "maps", "progs", "skeleton", "license",
    "größe", "data", "a.b", "true", "sample",
  ].map { Array($0.utf8) }
}

/// The range of a section in an object that may be damaged.
private struct SectionPlace {
  let range: Range<Int>
  /// Of its header.
  private let header: Int

  init?(_ name: String, in bytes: [UInt8]) {
    guard let elf = try? ELFFile(bytes), elf.byteOrder == .little,
      let index = elf.sections.firstIndex(where: { $0.name == name })
    else { return nil }
    let section = elf.sections[index]
    range = section.offset..<section.offset + section.size
    header = Int(elf.reader.load(FileHeader.sectionTable)!) + index * SectionHeader.size
  }

  /// The object with other content of the section: at the end of the file unless it fits.
  func replaced(by content: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var offset = range.lowerBound
    if content.count > range.count {
      bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
      offset = bytes.count
      bytes += content
    } else {
      bytes.replaceSubrange(offset..<offset + content.count, with: content)
    }
    bytes.set(SectionHeader.offset, at: header, to: UInt64(offset), order: .little)
    bytes.set(SectionHeader.byteCount, at: header, to: UInt64(content.count), order: .little)
    return bytes
  }
}
