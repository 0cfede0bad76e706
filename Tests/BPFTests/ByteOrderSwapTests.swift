import Bytes
import Testing

@testable import BPF
@testable import ELF
@testable import HandmadeObjects

/// libbpf before 1.5 only reads objects of this machine's byte order.
@Suite("Swapping an object's byte order")
struct ByteOrderSwapTests {
  private func object() -> [UInt8] {
    var btf = BTFBuilder()
    let variable = btf.variable("v", btf.int())
    btf.section(".bss", bytes: 16, [(variable, 12, 4)])
    var object = ObjectBuilder()
    let section = object.zeroSection(".bss", bytes: 16)
    object.symbol("v", type: 1, section: section, at: 12, size: 4)
    object.section(".BTF", btf.bytes)
    object.section(".rodata", [1, 2, 3, 4], flags: 2)
    object.program("prog", section: "raw_tp")
    return object.bytes
  }

  @Test("keeps its sections and symbols, and the bytes of variables")
  func turned() throws {
    let little = try ELFFile(object())
    let big = try ELFFile(ByteOrderSwap.swapped(little))
    #expect(big.byteOrder == .big && big.sections == little.sections)
    #expect(Array(big.symbols) == Array(little.symbols))
    let rodata = try #require(big.section(named: ".rodata"))
    #expect(Array(big.bytes(of: rodata)) == [1, 2, 3, 4])
    let program = try #require(big.section(named: "raw_tp"))
    // r0 = 0; exit. The first register has the upper four bits there.
    #expect(Array(big.bytes(of: program)) == [0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test("swaps registers, offset and immediate of an instruction")
  func instruction() throws {
    var object = ObjectBuilder()
    object.section("raw_tp", [0x7a, 0x2a, 0xf8, 0xff, 0x78, 0x56, 0x34, 0x12], flags: 6)
    let big = try ELFFile(ByteOrderSwap.swapped(try ELFFile(object.bytes)))
    let program = try #require(big.section(named: "raw_tp"))
    #expect(Array(big.bytes(of: program)) == [0x7a, 0xa2, 0xff, 0xf8, 0x12, 0x34, 0x56, 0x78])
  }

  @Test("done twice gives the original bytes")
  func twice() throws {
    let bytes = object()
    let turned = ByteOrderSwap.swapped(try ELFFile(bytes))
    #expect(turned != bytes)
    #expect(ByteOrderSwap.swapped(try ELFFile(turned)) == bytes)
  }

  @Test("does not change what is exported")
  func layout() throws {
    let bytes = object()
    let turned = ByteOrderSwap.swapped(try ELFFile(bytes))
    #expect(try BPFObject(bytes, name: "app").layout == BPFObject(turned, name: "app").layout)
  }

  @Test("a swapped object truncated to any length is refused")
  func truncated() throws {
    let turned = ByteOrderSwap.swapped(try ELFFile(object()))
    for length in 0..<turned.count {
      #expect(throws: ObjectError.self, "\(length)") { try BPFObject(Array(turned[..<length]), name: "app") }
    }
  }

  @Test("an object with overlapping sections is changed by swapping, and then read or refused")
  func overlapping() throws {
    let turned = ByteOrderSwap.swapped(try ELFFile(object()))
    let elf = try ELFFile(turned)
    var outcomes = Outcomes()
    let table = Int(elf.reader.load(FileHeader.sectionTable)!)
    for section in elf.sections.indices.dropFirst() {
      for other in elf.sections where other.offset > 0 {
        for shift in [0, 4, 24] {
          var bytes = turned
          let header = table + section * SectionHeader.size
          bytes.set(SectionHeader.offset, at: header, to: UInt64(other.offset + shift), order: .big)
          outcomes.read(bytes)
        }
      }
    }
    #expect(outcomes.readCount > 0 && outcomes.refusedCount > 0, "\(outcomes)")
  }

  @Test("a swapped object with any byte changed is read or refused")
  func damaged() throws {
    let turned = ByteOrderSwap.swapped(try ELFFile(object()))
    var outcomes = Outcomes()
    for index in turned.indices {
      for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
        var bytes = turned
        bytes[index] = value
        outcomes.read(bytes)
      }
    }
    #expect(outcomes.readCount > 0 && outcomes.refusedCount > 0, "\(outcomes)")
  }

  /// How many objects were read, and how many were refused.
  private struct Outcomes {
    var readCount = 0
    var refusedCount = 0

    mutating func read(_ bytes: [UInt8]) {
      do {
        _ = try BPFObject(bytes, name: "app")
        readCount += 1
      } catch { refusedCount += 1 }
    }
  }
}
