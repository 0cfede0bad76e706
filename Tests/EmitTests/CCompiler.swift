import Foundation

/// The machine's C compiler: what it makes of a text is the only proof of what the text says.
enum CCompiler {
  static let path: String? = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// What a program prints; throws when it does not compile or fails.
  static func output(of source: String, flags: [String] = []) throws -> [UInt8] {
    let folder = NSTemporaryDirectory() + "/bpfgen-emit-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(source.utf8).write(to: URL(fileURLWithPath: "\(folder)/x.c"))
    _ = try run(
      path!, flags + ["-Wall", "-Wextra", "-Werror", "-Wno-overlength-strings", "-o", "\(folder)/x", "\(folder)/x.c"])
    return try run("\(folder)/x", [])
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
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
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: String(decoding: words.prefix(2000), as: UTF8.self))
    }
    return Array(bytes)
  }
}
