import Foundation
import Testing

/// A bpfgen whose emitter has another version: the debug build with that number raised where it is stored.
///
/// The number is a global of its own there, which all code reads; an optimized build has it in its instructions.
enum OtherEmitter {
  /// The program's path; made once in a process, in a folder that lives as long.
  static func program() throws -> String { try made.get() }

  private static let folder = Result { try Scratch() }

  private static let made: Result<String, any Error> = Result {
    let program = try folder.get().file("bpfgen")
    try FileManager.default.copyItem(atPath: "\(Toolchain.root)/.build/debug/bpfgen", toPath: program)
    let before = try version(program)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: program))
    defer { try? file.close() }
    try file.seek(toOffset: UInt64(try offset(of: "$s4Emit14emitterVersionSivp", in: program)))
    var number = before + 1
    try file.write(contentsOf: withUnsafeBytes(of: &number) { Data($0) })
    try #require(version(program) == number)
    return program
  }

  private static func version(_ program: String) throws -> Int {
    let text = try Shell.run(program, ["version"]).checked().stdout
    let line = try #require(text.firstMatch(of: /emitter +([0-9]+)\n/))
    return try #require(Int(line.1))
  }

  /// Where in the file a variable's bytes are.
  private static func offset(of symbol: String, in program: String) throws -> Int {
    let symbols = try Shell.run("/usr/bin/nm", [program]).checked().stdout
    let line = try #require(symbols.split(separator: "\n").first { $0.hasSuffix(" \(symbol)") })
    let address = try #require(Int(line.prefix { $0 != " " }, radix: 16))
    let sections = try Shell.run("/usr/bin/objdump", ["-h", program]).checked().stdout
    for section in sections.split(separator: "\n") {
      let words = section.split(separator: " ")
      guard words.count == 7, let size = Int(words[2], radix: 16), let start = Int(words[3], radix: 16),
        let offset = Int(words[5], radix: 16), (start..<start + size).contains(address)
      else { continue }
      return offset + address - start
    }
    throw CocoaError(.fileReadCorruptFile)
  }
}
