import Foundation

/// A header of the compile matrix, with what a file must include before it.
struct MatrixHeader: Sendable {
  enum Variant: String, CaseIterable, Sendable {
    /// A skeleton that carries the object's bytes.
    case embedded
    /// A skeleton whose payload is apart.
    case split
    case subskeleton
  }

  var object: MatrixObject
  var variant: Variant
  /// `N` in the header: one file can include all headers of the matrix.
  var name: String
  var path: String

  /// What failures call it.
  var label: String { "\(object.name) (\(variant.rawValue))" }

  /// The lines that include the user's types, if it needs any, and the header.
  var includes: String { (object.types.map { [$0] } ?? []).appending(path).map { "#include \"\($0)\"\n" }.joined() }

  /// A function that calls all that the header offers.
  func user(cxx: Bool) -> String {
    let call = cxx ? "\(name)::" : "\(name)__"
    let none = cxx ? "nullptr" : "(const struct bpf_object_open_opts *)0"
    if variant == .subskeleton {
      return """
        int use_\(name)(const struct bpf_object *object);
        int use_\(name)(const struct bpf_object *object)
        {
          struct \(name) *s = \(call)open(object);
          if (!s)
            return -1;
          \(call)destroy(s);
          return 0;
        }

        """
    }
    return """
      int use_\(name)(void);
      int use_\(name)(void)
      {
        size_t size = 0;
        const void *bytes = \(call)elf_bytes(&size);
        struct \(name) *s = \(call)open();
        if (!s || !bytes || !size)
          return -1;
        int error = \(call)load(s) + \(call)attach(s);
        \(call)detach(s);
        \(call)destroy(s);
        s = \(call)open_and_load();
        \(name)__destroy(s);
        s = \(name)__open_opts(\(none));
        \(name)__destroy(s);
        return error;
      }

      """
  }
}

extension Array {
  fileprivate func appending(_ element: Element) -> Self { self + [element] }
}

/// An object of the compile matrix.
struct MatrixObject: Sendable {
  var name: String
  var path: String
  /// The header with the types that the user must have declared; `nil`: none, or only those that libbpf.h brings.
  var types: String?
}

/// The headers of the compile matrix, made once in a process.
struct MatrixHeaders: Sendable {
  var objects: [MatrixObject]
  var headers: [MatrixHeader]

  /// The number of objects of the corpus, in addition to those of `Fixtures/bpf`.
  static let corpusCount = Tier.count(quick: 12, full: 72)

  static func shared() throws -> MatrixHeaders { try made.get() }

  /// Objects of our own whose users need types, or that have what the corpus has seldom.
  static let handWritten = ["shapes", "sections", "maps", "programs", "pointers"]

  /// Kept for the life of the process: the headers are in it.
  private static let scratch = Result { try Scratch() }

  private static let made: Result<MatrixHeaders, any Error> = Result {
    let scratch = try Self.scratch.get()
    let objects = try handWritten.map { try compile($0, in: scratch) } + fromCorpus()
    let headers = try Parallel.map(objects) { object in
      try MatrixHeader.Variant.allCases.map { try generate($0, of: object, in: scratch) }
    }
    return MatrixHeaders(objects: objects, headers: headers.flatMap { $0 })
  }

  /// Compiles `Fixtures/bpf/NAME.bpf.c`; `NAME.types.h` next to it has the types that its users need.
  static func compile(_ name: String, in scratch: Scratch) throws -> MatrixObject {
    let stem = "\(Toolchain.fixtures)/bpf/\(name)"
    let object = try BPFCompiler.compile(file: "\(stem).bpf.c", named: name, in: scratch)
    let types = "\(stem).types.h"
    return MatrixObject(name: name, path: object, types: access(types, R_OK) == 0 ? types : nil)
  }

  static func generate(
    _ variant: MatrixHeader.Variant, of object: MatrixObject, in scratch: Scratch
  ) throws -> MatrixHeader {
    let name = "m_\(object.name.map { $0.isLetter || $0.isNumber ? $0 : "_" }.map(String.init).joined())_\(variant)"
    let path = scratch.file("\(name).h")
    try Generator.bpfgen(
      variant == .subskeleton ? .subskeleton : .skeleton, of: object.path, name: name, header: path,
      payload: variant == .split ? scratch.file("\(name).o") : nil
    ).checked()
    return MatrixHeader(object: object, variant: variant, name: name, path: path)
  }

  /// The objects with the most to offer among those whose users need no types but libbpf.h's. That is seen from
  /// bpftool's header, independent of ours: in C++ it compiles by itself.
  private static func fromCorpus() throws -> [MatrixObject] {
    let small = try ReferenceCache.entries().compactMap { entry -> (entry: ReferenceCache.Entry, members: Int)? in
      guard case .header(let interface) = entry.reference.skeleton, entry.object.sizeBytes <= 32 << 10 else {
        return nil
      }
      return (entry, interface.records.reduce(0) { $0 + $1.members.count })
    }
    let richest = small.sorted { ($1.members, $0.entry.object.name) < ($0.members, $1.entry.object.name) }
    let usable = try Parallel.map(richest.prefix(2 * corpusCount).map(\.entry)) { entry -> MatrixObject? in
      let scratch = try Scratch()
      let header = scratch.file("reference.h")
      try Generator.bpftool(.skeleton, of: entry.object.path, name: entry.name, header: header).checked()
      let alone = try Shell.run(
        Tool.clangxx.required(), ["-x", "c++", "-std=gnu++17", "-w", "-fsyntax-only", header])
      return alone.succeeded ? MatrixObject(name: entry.object.name, path: entry.object.path) : nil
    }
    return Array(usable.compactMap(\.self).prefix(corpusCount))
  }
}

extension MatrixHeaders {
  /// Checks one file that includes these headers, each after the types that it needs, and calls what they offer.
  static func check(
    _ headers: [MatrixHeader], in dialect: Dialect, calling: Bool = true, extra: [String] = []
  ) throws -> Shell.Result {
    let scratch = try Scratch()
    let includes = headers.map(\.includes)
    let calls = calling ? headers.map { $0.user(cxx: dialect.isCxx) } : []
    return try dialect.check(scratch.write((includes + calls).joined(), to: "users"), extra: extra)
  }
}
