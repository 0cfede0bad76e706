// Bytes as an input of the static linker, alone, before and behind a sound object: refused, or linked into an object.
import FuzzSupport
import Glibc
import Incr
import MutationRunner

@testable import BPFObject

/// A sound object that shares names with the seeds.
private let partner = try! FileContent(path: String(cString: getenv("BPFGEN_FUZZ_PARTNER")))
// Safe because: libFuzzer has one thread.
nonisolated(unsafe) private let file = try! MemoryFile(name: "input")

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  ftruncate(file.descriptor, 0)
  try! file.fill(bytes(start, count))
  let content = try! FileContent(path: file.path)
  guard (try? ELFFile(content.bytes)) != nil else { return 0 }
  for inputs in [[content], [partner, content], [content, partner]] { link(inputs) }
  return 0
}

private func link(_ inputs: [FileContent]) {
  guard let linked = try? StaticLinker.link(inputs) else { return }
  do throws(ObjectError) {
    _ = try BTF(of: try ByteOrderSwap.hostOrder(try ELFFile(linked)))
  } catch { require(false, "what was linked is no sound object: \(error)") }
  _ = try? BPFObject(linked, name: "sample").contract()
}

@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: CUnsignedInt) -> Int
{
  mutate(data, size, maximum, seed, ObjectMutations.all)
}
