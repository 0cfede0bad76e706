import Foundation

/// What bpftool makes of an object.
struct Reference: Codable, Sendable {
  enum Outcome: Codable, Equatable, Sendable {
    case header(HeaderInterface)
    /// Exit status 0 and not one byte: bpftool 7.1 gives up a subskeleton without a word when a data section has no
    /// BTF (`.rodata.str1.1`). Source: bpftool, do_subskeleton, `err = map_type_id` with 0.
    case nothing
    /// With bpftool's message.
    case refused(String)
  }

  var skeleton: Outcome
  var subskeleton: Outcome

  subscript(kind: HeaderKind) -> Outcome {
    switch kind {
    case .skeleton: skeleton
    case .subskeleton: subskeleton
    }
  }

  /// Asks bpftool.
  /// - Throws: ``Shell/Failure`` when a header of bpftool's does not compile.
  init(of object: Corpus.Object, name: String, types: TypesHeader) throws {
    let scratch = try Scratch()
    func outcome(_ kind: HeaderKind) throws -> Outcome {
      let header = scratch.file("\(kind.rawValue).h")
      let generated = try Generator.bpftool(kind, of: object.path, name: name, header: header)
      guard generated.succeeded else { return .refused(generated.stderr) }
      if generated.stdout.isEmpty { return .nothing }
      return .header(try HeaderInterface(header: header, name: name, types: types))
    }
    skeleton = try outcome(.skeleton)
    subskeleton = try outcome(.subskeleton)
  }
}

/// The references of the corpus, kept in `.build/parity-cache` from run to run.
///
/// An entry is found by the object's bytes, in a folder that is found by all else that it depends on: the tools'
/// versions, the stand-in headers, and the code that reads interfaces.
struct ReferenceCache: Sendable {
  /// An object, the name that its headers bear in these tests, and what bpftool makes of it.
  struct Entry: Sendable {
    var object: Corpus.Object
    var name: String
    var types: TypesHeader
    var reference: Reference
  }

  /// The whole corpus; made by the first caller of a process.
  static func entries() throws -> [Entry] { try all.get() }

  private static let all: Result<[Entry], any Error> = Result {
    let objects = try Corpus.objects()
    let cache = try ReferenceCache()
    let digests = try Digest.files(objects.map(\.path))
    return try Parallel.map(Array(zip(objects, digests))) { try cache.entry(of: $0, digest: $1) }
  }

  /// The name that an object's headers bear in these tests: never the tag of a struct of its own.
  static func headerName(_ object: Corpus.Object) -> String {
    "parity_" + object.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
  }

  private let folder: String

  private init() throws {
    let versions = try [Tool.bpftool, .clang].map { try Shell.run($0.required(), ["--version"]).checked().stdout }
    let tests = "\(Toolchain.root)/Tests/Support"
    let code = [
      "Headers/HeaderInterface", "Headers/HeaderInterface+Clang", "Headers/RecordLayoutReader", "Corpus/ReferenceCache",
    ]
    let headers = try FileManager.default.subpathsOfDirectory(atPath: "\(Toolchain.fixtures)/include")
      .filter { $0.hasSuffix(".h") }.sorted()
    let inputs = code.map { "\(tests)/\($0).swift" } + headers.map { "\(Toolchain.fixtures)/include/\($0)" }
    let scratch = try Scratch()
    let list = try scratch.write((versions + Digest.files(inputs)).joined(separator: "\n"), to: "inputs")
    folder = try "\(Toolchain.root)/.build/parity-cache/\(Digest.files([list])[0])"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func entry(of object: Corpus.Object, digest: String) throws -> Entry {
    let name = Self.headerName(object)
    let stem = "\(folder)/\(digest)-\(object.name)"
    let saved = URL(fileURLWithPath: "\(stem).json")
    if let data = try? Data(contentsOf: saved), let reference = try? JSONDecoder().decode(Reference.self, from: data),
      let types = try? TypesHeader(at: "\(stem).types.h")
    {
      return Entry(object: object, name: name, types: types, reference: reference)
    }
    let types = try TypesHeader(of: object.path, writingTo: "\(stem).types.h")
    let reference = try Reference(of: object, name: name, types: types)
    try JSONEncoder().encode(reference).write(to: saved, options: .atomic)
    return Entry(object: object, name: name, types: types, reference: reference)
  }
}

/// SHA-256 by `sha256sum`: one process for any number of files.
enum Digest {
  static func files(_ paths: [String]) throws -> [String] {
    let result = try Shell.run("/usr/bin/sha256sum", paths).checked()
    return result.stdout.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
  }
}
