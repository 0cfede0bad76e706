import Testing

@testable import BPF
@testable import BTF
@testable import HandmadeObjects

/// What crashed or hung libbpf, according to its issues, its commits and our own search: docs/security.md lists them.
@Suite("Known crashes of libbpf", .timeLimit(.minutes(10)))
struct KnownCrashTests {
  @Test("are refused before libbpf reads them, or no longer crash", arguments: KnownCrash.all)
  func answer(_ crash: KnownCrash) throws {
    let error = failure(crash)
    switch crash.answer {
    case .refused(let expected): #expect(error == expected)
    case .taken: #expect(error == nil)
    }
  }

  private func failure(_ crash: KnownCrash) -> ObjectError? {
    do throws(ObjectError) {
      let inputs = crash.inputs()
      switch crash.path {
      case .open: _ = try BPFObject(inputs[0], name: "sample")
      case .loader: _ = try LightObject(inputs[0], name: "sample")
      case .types: _ = try TypesHeader.text(of: ObjectError.ofBTF(try TypesFile(inputs[0])))
      case .link: try link(inputs)
      }
      return nil
    } catch { return error }
  }

  private func link(_ inputs: [[UInt8]]) throws(ObjectError) {
    do throws(LinkError) {
      _ = try StaticLinker.link(inputs.map { ("known-crash", $0) })
    } catch { throw error.error }
  }
}
