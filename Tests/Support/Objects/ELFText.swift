import Foundation

/// LLVM's linker, which links for all machines; it comes with the Swift toolchain.
enum Lld {
  static let path: String? = {
    let beside = Tool.clang.path.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    let folders = (beside.map { [$0] } ?? []) + (Toolchain.setting("PATH") ?? "").split(separator: ":").map(String.init)
    return folders.map { "\($0)/ld.lld" }.first { access($0, X_OK) == 0 }
  }()
}

/// An ELF file as printed by readelf.
enum ELFText {
  struct Section: Sendable {
    var name: String
    var offset: Int
    var flags: String
    var alignment: Int
  }

  struct Symbol: Sendable {
    var name: String
    var value: Int
    var size: Int
    /// Type, binding and visibility.
    var form: String
  }

  /// The fields of the file's header by name.
  static func header(_ path: String) throws -> [String: String] {
    let lines = try read("-h", path).split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
    let fields = lines.filter { $0.count == 2 }.map { $0.map { $0.trimmingCharacters(in: .whitespaces) } }
    return Dictionary(fields.map { ($0[0], $0[1]) }) { first, _ in first }
  }

  static func sections(_ path: String) throws -> [Section] {
    let line =
      /\[ *\d+\] (?<name>\S+) +[A-Z]\S* +[0-9a-f]+ (?<offset>[0-9a-f]+) [0-9a-f]+ [0-9a-f]{2} (?<flags>[A-Z ]+)\d+ +\d+ +(?<align>\d+)/
    return try read("-S", path).matches(of: line).map { match in
      Section(
        name: String(match.name), offset: Int(match.offset, radix: 16)!,
        flags: match.flags.trimmingCharacters(in: .whitespaces), alignment: Int(match.align)!)
    }
  }

  /// The symbols that have names.
  static func symbols(_ path: String) throws -> [Symbol] {
    try read("-s", path).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 8, words[0].last == ":", let value = Int(words[1], radix: 16), let size = Int(words[2])
      else { return nil }
      return Symbol(name: String(words[7]), value: value, size: size, form: words[3...5].joined(separator: " "))
    }
  }

  /// The rights on a program's stack: `RW`, or `RWE` where code could run on it.
  static func stack(_ path: String) throws -> String {
    let line = try read("-l", path).split(separator: "\n").first { $0.contains("GNU_STACK") }
    return line?.split(separator: " ").dropFirst(6).dropLast().joined() ?? "no GNU_STACK"
  }

  /// The properties in the file's notes, as readelf prints them; one text per note.
  static func properties(_ path: String) throws -> Set<String> {
    let lines = try read("-n", path).split(separator: "\n").compactMap { line in
      line.firstRange(of: "Properties: ").map { line[$0.upperBound...].trimmingCharacters(in: .whitespaces) }
    }
    return Set(lines)
  }

  private static func read(_ option: String, _ path: String) throws -> String {
    try Shell.run("/usr/bin/env", ["readelf", "-W", option, path]).checked().stdout
  }
}
