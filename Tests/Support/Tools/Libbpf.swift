import Foundation

/// The bpfgens with one libbpf and another inside: the generator under test, the one that `scripts/build` makes, and the debug
/// build's, which has the system's.
enum Libbpf {
  private static let made = ["static/release", "debug"].map { "\(Toolchain.root)/.build/\($0)/bpfgen" }

  /// The first that is as asked for, the generator under test before the others.
  fileprivate static func first(where isWanted: (Int) -> Bool) -> String? {
    let underTest = (try? Toolchain.bpfgen()).map { [$0] } ?? []
    return (underTest + made).first { (try? minorVersion(of: $0)).map(isWanted) ?? false }
  }

  /// The minor number of the libbpf 1.x inside a bpfgen.
  static func minorVersion(of bpfgen: String) throws -> Int {
    let text = try Shell.run(bpfgen, ["version"]).checked().stdout
    guard let version = text.firstMatch(of: /libbpf 1\.([0-9]+) \(built against 1\.([0-9]+)\)/), version.1 == version.2
    else { throw NoVersion(text: text) }
    return Int(version.1)!
  }

  struct NoVersion: Error {
    var text: String
  }
}

/// A bpfgen with a libbpf of 1.5 or newer inside, and that libbpf for programs of users.
enum NewerLibbpf {
  private static let found = Libbpf.first { $0 >= 5 }

  static var bpfgen: String { found! }

  /// Why there is none; `nil` when there is one.
  static let unavailable: String? =
    found != nil
    ? nil : "no bpfgen with a libbpf of 1.5 or newer: scripts/build could not get one from Debian's archive"

  /// What a compiler needs to find that libbpf, and to link it: what `scripts/build` had of pkg-config.
  static let flags: [String] = {
    let folder = URL(fileURLWithPath: found ?? "").deletingLastPathComponent().deletingLastPathComponent().path
    let candidates = ["\(folder)/pkgconfig", "\(Toolchain.root)/.build/static/pkgconfig"]
    let text =
      candidates.lazy.compactMap { try? String(contentsOfFile: "\($0)/libbpf.pc", encoding: .utf8) }.first ?? ""
    let words = text.split(separator: "\n").filter { $0.hasPrefix("Cflags: ") || $0.hasPrefix("Libs: ") }
      .flatMap { $0.split(separator: " ").dropFirst().map(String.init) }
    let folders = words.filter { $0.hasPrefix("-L") }.map { "-Wl,-rpath,\($0.dropFirst(2))" }
    return words + folders + ["-lelf", "-lz"]
  }()

  /// Of those the folder of its headers, before the system's and quiet about warnings within.
  static let includes = flags.filter { $0.hasPrefix("-I") }.flatMap { ["-isystem", String($0.dropFirst(2))] }

  /// A bpftool of Debian 13, as `Tests/libbpf/fetch` unpacked it.
  static let bpftool: String? = {
    let path = "\(Toolchain.root)/.build/newer-bpftool/bpftool"
    return access(path, X_OK) == 0 ? path : nil
  }()
}

/// A bpfgen with the system's libbpf inside, which is also the libbpf of the system's bpftool: what is compared byte by byte.
enum SystemLibbpf {
  private static let minor: Int? = {
    let version = try? Shell.run("/usr/bin/env", ["pkg-config", "--modversion", "libbpf"]).checked().stdout
    return version?.split(separator: ".").dropFirst().first.flatMap { Int($0) }
  }()

  private static let found = minor.flatMap { minor in Libbpf.first { $0 == minor } }

  static var bpfgen: String { found! }

  /// Why there is none; `nil` when there is one.
  static let unavailable: String? = found != nil ? nil : "no bpfgen with the system's libbpf: swift build"
}
