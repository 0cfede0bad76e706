import Foundation
import Testing

/// Reads a header's interface out of clang, in two compilations.
///
/// Members come from clang's record layouts. They are computed for all types because full debug info is asked for
/// (`-fno-eliminate-unused-debug-types`), and not with `-fdump-record-layouts-complete`: that computes a layout at
/// the closing brace, before it sees an `__attribute__((packed))` after it, and keeps the wrong one. Functions come
/// from clang's API extraction, which knows prototypes and no bodies: a syntax tree of a header that carries a
/// megabyte of bytes would be a hundred megabytes of text.
extension HeaderInterface {
  /// - Parameters:
  ///   - header: the path of the header.
  ///   - name: the object's name in it, `N`.
  ///   - types: the declarations of the object's own types, which come first.
  ///   - libbpf: the version that the stand-in headers replace; Debian 12's is the one of bpftool's headers.
  /// - Throws: ``Shell/Failure`` when the header does not compile, asserts included.
  init(header: String, name: String, types: TypesHeader, libbpf: LibBPFVersion = .debian12) throws {
    let flags = Self.flags(types, libbpf)
    let layouts = try Shell.run(
      Tool.clang.required(),
      flags + [
        "-x", "c", header, "-g", "-fno-eliminate-unused-debug-types", "-S", "-o", "/dev/null", "-Xclang",
        "-fdump-record-layouts",
      ]
    ).checked()
    let reader = RecordLayoutReader(dump: layouts.stdout, header: header)
    records = reader.records { $0 == name || $0.hasPrefix("\(name)__") }
    functions = try Self.functions(of: header, flags: flags, language: "c-header")
      .filter { $0.name.hasPrefix("\(name)__") }
  }

  /// The functions that a header offers C++ code, which has the real system headers.
  ///
  /// For objects without types of their own: a kernel's type declarations are not C++.
  static func cxxFunctions(header: String, name: String) throws -> [Function] {
    try functions(of: header, flags: ["-std=gnu++17", "-w"], language: "c++-header")
      .filter { $0.name.hasPrefix("\(name)__") || $0.name.hasPrefix("\(name)::") }
  }

  /// The object's types clash with the system's headers; stand-ins take their place.
  static func flags(_ types: TypesHeader, _ libbpf: LibBPFVersion = .debian12) -> [String] {
    ["-std=gnu11", "-w", "-nostdinc", "-I", "\(Toolchain.fixtures)/include"]
      + ["-DSTANDIN_LIBBPF_MAJOR=\(libbpf.major)", "-DSTANDIN_LIBBPF_MINOR=\(libbpf.minor)"]
      + types.definedStructs.map { "-DTYPES_DEFINE_\($0)" } + ["-include", types.path]
  }

  private static func functions(of header: String, flags: [String], language: String) throws -> [Function] {
    let arguments = flags + ["-Xclang", "-skip-function-bodies", "-extract-api", "-x", language, header, "-o", "-"]
    let extraction = try Shell.run(Tool.clang.required(), arguments).checked()
    let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(extraction.stdout.utf8))
    return graph.symbols.compactMap(\.function)
  }
}

/// A version of libbpf that a header may meet.
struct LibBPFVersion: Sendable, CustomTestStringConvertible {
  var major: Int
  var minor: Int

  var testDescription: String { "libbpf \(major).\(minor)" }

  static let debian12 = LibBPFVersion(major: 1, minor: 1)
  /// The first with subskeletons.
  static let oldest = LibBPFVersion(major: 0, minor: 8)
  /// Its map skeletons have a slot for a struct_ops link, and it knows all that headers have guards for.
  static let newest = LibBPFVersion(major: 1, minor: 7)
}

/// The declarations of an object's own types, to be compiled in front of its headers.
struct TypesHeader: Sendable {
  var path: String
  /// Which of libbpf's own structs it defines too; the stand-in headers then omit them.
  var definedStructs: [String]

  /// Writes the types that are in an object's BTF to a file.
  ///
  /// bpftool marks the declarations for BPF programs (`preserve_access_index`); a program of the host has no use for
  /// that. For a declaration without a name, as gcc writes it, bpftool prints a line that is not C.
  /// - Throws: ``Shell/Failure``, except for an object without BTF: it has no types.
  init(of object: String, writingTo path: String) throws {
    let dump = try Shell.run(Tool.bpftool.required(), ["btf", "dump", "file", object, "format", "c"])
    let text = dump.stdout.components(separatedBy: "\n")
      .filter { !$0.hasPrefix("#pragma clang attribute") && $0 != "enum;" }
      .joined(separator: "\n")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    self.init(path: path, text: text)
  }

  /// A file that was written before.
  init(at path: String) throws {
    self.init(path: path, text: try String(contentsOfFile: path, encoding: .utf8))
  }

  private init(path: String, text: String) {
    self.path = path
    definedStructs = ["btf_type", "btf_member", "btf_array", "btf_param", "btf_var_secinfo", "btf_header"]
      .filter { text.contains("\nstruct \($0) {") }
  }
}

/// The part of clang's API extraction that is read here.
/// Source: the symbol graph format of swift-docc-symbolkit.
private struct SymbolGraph: Decodable {
  struct Fragment: Decodable {
    var kind: String
    var spelling: String
  }

  struct Signature: Decodable {
    struct Parameter: Decodable { var declarationFragments: [Fragment] }
    var returns: [Fragment]
    var parameters: [Parameter]?
  }

  struct Kind: Decodable { var identifier: String }

  struct Symbol: Decodable {
    var kind: Kind
    var pathComponents: [String]
    var declarationFragments: [Fragment]?
    var functionSignature: Signature?
  }

  var symbols: [Symbol]
}

extension SymbolGraph.Symbol {
  /// The symbol as a function; `nil` for other symbols.
  var function: HeaderInterface.Function? {
    guard kind.identifier.hasSuffix(".func") || kind.identifier.hasSuffix(".method"), let functionSignature else {
      return nil
    }
    let storage = declarationFragments?.first?.spelling == "static" ? "static " : ""
    let result = Self.text(functionSignature.returns)
    // A parameter's name is not part of the prototype.
    let parameters = (functionSignature.parameters ?? [])
      .map { Self.text($0.declarationFragments.filter { $0.kind != "internalParam" }) }
    return .init(
      name: pathComponents.joined(separator: "::"),
      prototype: "\(storage)\(result)(\(parameters.joined(separator: ", ")))")
  }

  private static func text(_ fragments: [SymbolGraph.Fragment]) -> String {
    fragments.map(\.spelling).joined().split(separator: " ").joined(separator: " ")
  }
}
