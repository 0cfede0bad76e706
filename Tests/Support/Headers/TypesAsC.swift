import Foundation
import Testing

/// The types of a file as C, as a program's `btf dump file FILE format c` prints them.
struct TypesAsC {
  let path: String
  /// The size in the file of each struct and union that the header defines and whose name no other type has.
  let sizes: [String: Int]

  init(of file: String, by program: String, in scratch: Scratch) throws {
    let text = try Shell.run(program, ["btf", "dump", "file", file, "format", "c"]).checked().stdout
    let names = [file, program].map { URL(fileURLWithPath: $0).lastPathComponent }
    path = try scratch.write(text, to: "\(names[0]).\(names[1]).h")
    let defined = Self.definitions(text)
    sizes = try Self.statedSizes(file).filter { defined.contains($0.key) }
  }

  /// The types that the compiler lays out in another size for BPF, or its errors.
  func wrongSizes(_ expected: [String: Int]? = nil) throws -> Set<String> {
    let asserts = (expected ?? sizes).map { "_Static_assert(sizeof(\($0)) == \($1), \"<\($0)>\");\n" }.joined()
    let source = "\(path).c"
    try Data("#include \"\(path)\"\n\(asserts)".utf8).write(to: URL(fileURLWithPath: source))
    let flags = ["-target", "bpf", "-Wno-everything", "-ferror-limit=0", "-fsyntax-only"]
    let result = try Shell.run(Tool.clang.required(), flags + [source])
    let errors = result.stderr.split(separator: "\n").filter { $0.contains(": error: ") }.map {
      $0.firstMatch(of: /static assertion failed.*<(.*)>/).map { String($0.1) } ?? String($0)
    }
    #expect(result.succeeded == errors.isEmpty)
    return Set(errors)
  }

  /// The lines of a header that declare kernel functions.
  static func prototypes(_ header: String) -> [String] {
    header.components(separatedBy: "\n").filter { $0.hasSuffix(" __weak __ksym;") }
  }

  /// The size of each struct and union of a file whose name no other type has, by bpftool.
  private static func statedSizes(_ file: String) throws -> [String: Int] {
    let listing = try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", file]).checked().stdout
    var sizes: [String: [Int]] = [:]
    // [4] STRUCT 'name' size=8 vlen=2
    for line in listing.split(separator: "\n") where line.hasPrefix("[") {
      let parts = line.split(separator: " ", maxSplits: 4)
      guard parts.count > 3, parts[1] == "STRUCT" || parts[1] == "UNION", parts[2] != "'(anon)'",
        let size = Int(parts[3].dropFirst("size=".count))
      else { continue }
      sizes["\(parts[1] == "STRUCT" ? "struct" : "union") \(parts[2].dropFirst().dropLast())", default: []].append(size)
    }
    return sizes.filter { $0.value.count == 1 }.mapValues { $0[0] }
  }

  /// The structs and unions with a name that a header defines.
  private static func definitions(_ header: String) -> Set<String> {
    Set(
      header.split(separator: "\n").filter {
        ($0.hasPrefix("struct ") || $0.hasPrefix("union ")) && $0.hasSuffix(" {")
      }.map { String($0.dropLast(2)) })
  }
}
