// Bytes as an object: refused, or read whole with every header, its light loader and its contract.
import Emit
import Files
import FuzzSupport
import Glibc

@testable import BPF
@testable import BTF
@testable import Bytes
@testable import MutationRunner

/// Where headers go, to be compiled afterwards; `nil` while there is no time for it.
private let folder = getenv("BPFGEN_FUZZ_HEADERS").map { String(cString: $0) }

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let object = bytes(start, count)
  _ = Exercise.run(object, against: nil, linkedWith: nil) { read, header in
    guard let folder, let types = UserTypes(read) else { return }
    // The members of its types, which it asserts otherwise, are not among those that are declared here.
    var layout = read.layout
    layout.userTypes = []
    let plain = Header(layout, options: header.options, payload: object)
    let path = "\(folder)/\(plain.banner.layout)-\(header.options.kind)"
    _ = try! AtomicOutput.write(ByteRope([Array(types.text.utf8), plain.text().joined()]), to: path + ".h")
    _ = try! AtomicOutput.write(ByteRope(object), to: path + ".bpf.o")
  }
  return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: CUnsignedInt) -> Int
{
  mutate(data, size, maximum, seed, ObjectMutations.all)
}

/// Declarations that a header's user would have, of the right size and alignment and with nothing inside.
private struct UserTypes {
  private(set) var text = ""

  /// - Returns: `nil` if one name is used for two types: no user could declare both.
  init?(_ object: BPFObject) {
    var layouts = CompositeLayouts(object.btf)
    for type in object.layout.neededTypes where type.complete {
      let ids = type.keyword.kinds.flatMap(object.btf.ids).filter { object.btf.name($0) == type.name }
      guard ids.count == 1, let size = object.btf.sizeBytes(ids[0]) else { return nil }
      let alignment = layouts.alignment(of: ids[0], allowed: CompositeLayouts.largestAlignment).most
      let modes: [UInt32: String] = [1: "QI", 2: "HI", 4: "SI", 8: "DI"]
      let body = "{ char bytes[\(size)]; } __attribute__((aligned(\(alignment))))"
      switch type.keyword {
      case .typedef: text += "typedef struct \(body) \(type.name);\n"
      case .enumeration:
        text += "enum \(type.name) { fuzz_\(type.name) } __attribute__((mode(\(modes[size] ?? ""))));\n"
      default: text += "\(type.keyword.rawValue) \(type.name) \(body);\n"
      }
    }
  }
}

extension NamedType.Keyword {
  fileprivate var kinds: [BTFKind] {
    switch self {
    case .structure: [.structure]
    case .union: [.union]
    case .enumeration: [.enumeration, .enumeration64]
    case .typedef: [.typedef, .int, .float]
    }
  }
}
