import Foundation

/// A second bpfgen with a newer libbpf inside, and that libbpf for programs of users: what `Tests/newer-libbpf/build` made.
enum NewerLibbpf {
  static let bpfgen = "\(folder)/bpfgen/release/bpfgen"

  /// What a compiler needs to find that libbpf, and to link it.
  static let flags = (try? String(contentsOfFile: "\(folder)/flags", encoding: .utf8)).map { text in
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  /// Of those the folder of its headers, before the system's and quiet about warnings within.
  static let includes = (flags ?? []).filter { $0.hasPrefix("-I") }.flatMap { ["-isystem", String($0.dropFirst(2))] }

  /// A bpftool of its age, where libbpf came from Debian.
  static let bpftool: String? = {
    let path = "\(folder)/prefix/bin/bpftool"
    return access(path, X_OK) == 0 ? path : nil
  }()

  /// Why there is none; `nil` when there is one.
  static let unavailable: String? =
    flags != nil && access(bpfgen, X_OK) == 0
    ? nil : "PKG_CONFIG_PATH points at no libbpf newer than 1.1, and Debian gave none (Tests/newer-libbpf/build)"

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

  private static let folder = "\(Toolchain.root)/.build/newer-libbpf"
}
