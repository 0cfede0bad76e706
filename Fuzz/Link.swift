// Bytes as an input of the static linker: the only one, before and after a valid object: refused, or linked into an object.
import Files
import FuzzSupport
import Glibc
import MutationRunner

@testable import BPF
@testable import BTF
@testable import ELF

/// A sound object that shares names with the seeds.
private let partner = try! FileContent(path: String(cString: getenv("BPFGEN_FUZZ_PARTNER"))).bytes

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let object = bytes(start, count)
  guard (try? ELFFile(object)) != nil else { return 0 }
  for inputs in [[object], [partner, object], [object, partner]] { link(inputs) }
  return 0
}

private func link(_ inputs: [[UInt8]]) {
  guard let linked = try? StaticLinker.link(inputs.map { ("input", $0) }) else { return }
  do throws(ObjectError) {
    let elf = try ObjectError.ofELF(try ELFFile(linked)).inHostOrder()
    _ = try ObjectError.ofBTF(try BTFSpec(of: elf))
  } catch { require(false, "what was linked is no sound object: \(error)") }
  _ = try? BPFObject(linked, name: "sample").contract()
}

@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: CUnsignedInt) -> Int
{
  mutate(data, size, maximum, seed, ObjectMutations.all)
}
