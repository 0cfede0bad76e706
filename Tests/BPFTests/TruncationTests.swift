import Bytes
import ELF
import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// A compiler that is interrupted, or still running, leaves a truncated file.
@Suite("Truncated objects")
struct TruncationTests {
  @Test("an object truncated to any length is refused")
  func everyLength() throws {
    let whole = Samples.small()
    _ = try BPFObject(whole, name: "sample")
    for length in 0..<whole.count {
      let error = #expect(throws: ObjectError.self, "cut to \(length) of \(whole.count) bytes") {
        try BPFObject(Array(whole[..<length]), name: "sample")
      }
      guard let error else { continue }
      #expect(TruncationTests.isAboutTheEnd(error, length), "cut to \(length) of \(whole.count) bytes: \(error)")
    }
  }

  /// The section table is at the end, so at every length the error is that the file is too short.
  private static func isAboutTheEnd(_ error: ObjectError, _ length: Int) -> Bool {
    switch error {
    case .elf(.empty): length == 0
    case .elf(.notELF): length < 4
    case .elf(.damaged(.truncatedHeader)), .elf(.damaged(.sectionTable)): true
    default: false
    }
  }

  @Test("BTF truncated to any length is refused")
  func everyLengthOfBTF() throws {
    let whole = Samples.types().bytes
    _ = try BTFSpec(section: whole, order: .little)
    for length in 0..<whole.count {
      #expect(throws: BTFError.self, "cut to \(length) of \(whole.count) bytes") {
        try BTFSpec(section: Array(whole[..<length]), order: .little)
      }
    }
  }
}
