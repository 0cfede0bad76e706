import Testing

@testable import Bytes

@Suite("Searching a string")
struct StringSearchTests {
  @Test(
    "bytes are found where the standard library finds them",
    arguments: [
      "", "p", "packed", "a packed", "packe", "pack packed", "pppacked", "packed int", "päcked packed", "ppacke",
    ])
  func contains(_ text: String) {
    #expect(text.containsBytes(of: "packed") == text.contains("packed"))
    #expect(text.containsBytes(of: "p") == text.contains("p"))
  }
}
