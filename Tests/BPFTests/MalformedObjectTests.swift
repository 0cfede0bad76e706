import Testing

@testable import BPF
@testable import HandmadeObjects

/// Objects with a single defect in what libbpf and libelf read: each is refused before they see it, or is harmless.
@Suite("Malformed objects")
struct MalformedObjectTests {
  private static let layout = Result { try BPFObject(MalformedObject.sound, name: "sample").layout }

  @Test("are refused with the reason, or are harmless", arguments: MalformedObject.all)
  func answer(_ object: MalformedObject) throws {
    switch object.answer {
    case .refused(let error): #expect(throws: error) { try BPFObject(object.bytes, name: "sample") }
    case .read:
      let layout = try Self.layout.get()
      #expect(try BPFObject(object.bytes, name: "sample").layout == layout)
    }
  }

  @Test("the objects that they are derived from are valid")
  func sound() throws {
    #expect(try Self.layout.get().maps.map(\.name) == ["lru", ".data", ".rodata", ".bss", ".kconfig", "ops"])
    _ = try LightObject(Samples.complete(hasStructOps: false), name: "sample")
  }

  @Test("are many, and each is named once")
  func number() {
    let names = MalformedObject.all.map(\.description)
    #expect(names.count >= 150 && Set(names).count == names.count, "\(names.count)")
  }
}
