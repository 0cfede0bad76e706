import Testing

/// A compiler and a language standard that headers must pass without a warning.
struct Dialect: Sendable, CustomTestStringConvertible {
  var compiler: Tool
  var standard: String

  var testDescription: String { "\(compiler.rawValue) -std=\(standard)" }
  var isCxx: Bool { compiler == .gxx || compiler == .clangxx }

  /// gcc 12 knows C23 under its working name only.
  static let c: [Dialect] =
    ["gnu99", "gnu11", "gnu17", "gnu2x"].map { Dialect(compiler: .gcc, standard: $0) }
    + ["gnu99", "gnu11", "gnu17", "gnu23"].map { Dialect(compiler: .clang, standard: $0) }

  static let cxx: [Dialect] = [Tool.gxx, .clangxx].flatMap { compiler in
    ["c++11", "c++17", "c++20", "c++23", "gnu++11", "gnu++17"].map { Dialect(compiler: compiler, standard: $0) }
  }

  static let all =
    Tier.isFull
    ? c + cxx
    : [
      Dialect(compiler: .gcc, standard: "gnu99"), Dialect(compiler: .clang, standard: "gnu17"),
      Dialect(compiler: .gxx, standard: "c++11"), Dialect(compiler: .clangxx, standard: "c++20"),
    ]

  /// Checks a file; writes nothing.
  func check(_ file: String, extra: [String] = []) throws -> Shell.Result {
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    let arguments = ["-x", isCxx ? "c++" : "c", "-std=\(standard)", "-fsyntax-only"]
    return try Shell.run(compiler.required(), arguments + warnings + extra + [file], timeoutSeconds: 300)
  }
}
