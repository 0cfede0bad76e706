import Foundation
import Testing

/// A compiler with options that declare a protection, and the linkers for its machine.
struct HardenedBuild: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var compiler: Tool
  var flags: [String]
  var emulation: [String] = []
  /// GNU ld, where it knows the properties.
  var ld: String?
  /// What makes linkers refuse an input without the protection.
  var strict: [String] = []

  static let cet = ["-z", "cet-report=error"]

  static let x86 = HardenedBuild(
    testDescription: "x86-64, gcc: IBT and SHSTK", compiler: .gcc, flags: ["-fcf-protection=full"], ld: "/usr/bin/ld",
    strict: cet)

  /// Compiles a source text to `NAME.o`; the object's path. Cancels the test where the compiler lacks the machine.
  func compile(_ text: String, named name: String, in scratch: Scratch) throws -> String {
    let source = try scratch.write(text, to: "\(name).c")
    let object = scratch.file("\(name).o")
    let result = try Shell.run(
      compiler.required(), flags + ["-fPIC", "-ffreestanding", "-c", source, "-o", object])
    // A compiler of another version may not have the machine or its extension.
    if !result.succeeded { try Test.cancel("SKIPPED: \(result.stderr.prefix(300))") }
    return object
  }
}

/// The sample, an object that needs its payload, and one of the same compiler that could replace the payload.
struct HardenedProgram {
  let build: HardenedBuild
  let scratch: Scratch
  let sample: PayloadSample
  let user: String
  let standIn: String
  let payload: String

  init(_ build: HardenedBuild) throws {
    self.build = build
    scratch = try Scratch()
    sample = try PayloadSample(in: scratch)
    let names = try sample.symbolNames()
    let stand = """
      const unsigned char bytes[] __asm__("\(names[0])") __attribute__((visibility("hidden"))) = { 1 };
      const unsigned long long size __asm__("\(names[1])") __attribute__((visibility("hidden"))) = 1;
      """
    user = try build.compile(sample.reader(), named: "user", in: scratch)
    standIn = try build.compile(stand, named: "stand", in: scratch)
    payload = scratch.file("sample.skel.o")
    try sample.split(payload: "sample.skel.o", ["--like", user])
  }

  private static let modes: [(name: String, options: [String])] = [
    ("a shared library", ["-shared"]), ("a program", ["-e", "sample_bytes"]), ("a partial link", ["-r"]),
    ("a position-independent program", ["-pie", "--no-dynamic-linker", "-e", "sample_bytes"]),
  ]

  /// Expects that every linker gives outputs with the payload the properties that they have with the stand-in, also when it
  /// requires them.
  func expectPropertiesKept(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let linkers = [build.ld, Lld.path].compactMap { $0 }.filter { access($0, X_OK) == 0 }
    if linkers.isEmpty { try Test.cancel("SKIPPED: no linker for it is installed") }
    for linker in linkers {
      for mode in Self.modes {
        func link(_ other: String, _ options: [String] = []) throws -> Set<String> {
          let output = scratch.file("linked")
          try Shell.run(
            linker, build.emulation + ["--fatal-warnings"] + mode.options + options + ["-o", output, user, other]
          ).checked()
          return try ELFText.properties(output)
        }
        let wanted = try link(standIn)
        #expect(try link(payload) == wanted, "\(linker): \(mode.name)", sourceLocation: sourceLocation)
        if !build.strict.isEmpty, mode.name != "a partial link" {
          #expect(!wanted.isEmpty, sourceLocation: sourceLocation)
          #expect(
            try link(payload, build.strict) == wanted, "\(linker): \(mode.name)", sourceLocation: sourceLocation)
        }
      }
      let relocatable = scratch.file("partial.o")
      try Shell.run(linker, build.emulation + ["-r", "-o", relocatable, payload]).checked()
      #expect(
        try ELFText.sections(relocatable).first { $0.name == ".note.GNU-stack" }?.flags == "" || linker == Lld.path,
        sourceLocation: sourceLocation)
    }
  }
}
