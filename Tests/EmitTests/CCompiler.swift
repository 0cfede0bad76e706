import Foundation
import Testing

/// The machine's C compiler, which proves what a text means.
enum CCompiler {
  static let path: String? = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// A language in which users include headers.
  struct Language: Sendable, CustomTestStringConvertible {
    let name: String
    let standard: String
    var testDescription: String { "\(name), \(standard)" }

    static let all = [Language(name: "c", standard: "gnu99"), Language(name: "c++", standard: "c++17")]
  }

  /// The output of a program; throws if it does not compile or fails.
  static func output(of source: String, flags: [String] = []) throws -> [UInt8] {
    try inFolder { folder in
      try Data(source.utf8).write(to: URL(fileURLWithPath: "\(folder)/x.c"))
      _ = try run(
        path!, flags + ["-Wall", "-Wextra", "-Werror", "-Wno-overlength-strings", "-o", "\(folder)/x", "\(folder)/x.c"])
      return try run("\(folder)/x", [])
    }
  }

  /// Throws when a file that includes a header does not compile, or with a warning.
  ///
  /// - Parameter types: what the file declares before it includes the header.
  static func check(_ header: String, after types: String, _ language: Language) throws {
    try inFolder { folder in
      try Data(header.utf8).write(to: URL(fileURLWithPath: "\(folder)/header.h"))
      try Data("\(types)\n#include \"header.h\"\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/x"))
      let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
      _ = try run(
        path!, ["-x", language.name, "-std=\(language.standard)", "-fsyntax-only"] + warnings + ["\(folder)/x"])
    }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private static func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = NSTemporaryDirectory() + "/bpfgen-emit-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  private static func run(_ tool: String, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    let messages = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: String(decoding: messages.prefix(2000), as: UTF8.self))
    }
    return Array(bytes)
  }
}
