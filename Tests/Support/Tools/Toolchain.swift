import Foundation

/// Where the real tools are, the repository, and the generator under test.
enum Toolchain {
  /// The root of the repository.
  static let root: String = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { folder.deleteLastPathComponent() }
    return folder.path
  }()

  /// Input files of the tests.
  static let fixtures = "\(root)/Tests/Fixtures"

  /// The generator under test: `BPFGEN`, else what `scripts/build` made.
  ///
  /// Its absence is a failure and no skip: without it nothing here was tested.
  /// - Throws: ``NoGenerator``.
  static func bpfgen() throws -> String {
    let path = setting("BPFGEN") ?? "\(root)/.build/static/release/bpfgen"
    guard access(path, X_OK) == 0 else { throw NoGenerator(path: path) }
    return path
  }

  /// An environment variable; `nil` if it is unset or empty, as in the scripts next to these tests.
  static func setting(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The seed that `BPFGEN_SEED` names, else another one in each run: print it.
  static func seed() -> UInt64 { setting("BPFGEN_SEED").flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max) }

  struct NoGenerator: Error, CustomStringConvertible {
    var path: String
    var description: String { "no generator at \(path): run scripts/build first, or name one with BPFGEN=" }
  }
}

/// A tool that is not ours.
enum Tool: String, CaseIterable, Sendable {
  case clang
  case clangxx = "clang++"
  case clang14 = "clang-14"
  case clang15 = "clang-15"
  case clang16 = "clang-16"
  case clang19 = "clang-19"
  case gcc
  case gxx = "g++"
  /// gcc with BPF as its target.
  case bpfgcc = "bpf-gcc"
  // gcc for other machines, as `Tests/cross/fetch` unpacked it.
  case armgcc = "arm-linux-gnueabihf-gcc-12"
  case arm64gcc = "aarch64-linux-gnu-gcc-12"
  case s390xgcc = "s390x-linux-gnu-gcc-12"
  case bpftool
  case dot
  case chromium
  case meson
  case groff, man
  case bash, zsh, fish
  case lintian
  case qemu = "qemu-system-x86_64"

  /// The tool's path, `nil` when it is not installed. `CLANG`, `CLANGXX`, `BPFTOOL`, `CHROMIUM` and `MESON`
  /// name others.
  var path: String? { Tool.found[self] }

  /// The tool's path.
  /// - Throws: ``Missing``.
  func required() throws -> String {
    guard let path else { throw Missing(tool: self) }
    return path
  }

  struct Missing: Error, CustomStringConvertible {
    var tool: Tool
    var description: String { "\(tool.rawValue) is not installed" }
  }

  private static let found: [Tool: String] = {
    var found: [Tool: String] = [:]
    for tool in allCases { found[tool] = tool.search() }
    return found
  }()

  private func search() -> String? {
    let wanted: String =
      switch self {
      case .clang: Toolchain.setting("CLANG") ?? rawValue
      case .clangxx: Toolchain.setting("CLANGXX") ?? rawValue
      case .bpftool: Toolchain.setting("BPFTOOL") ?? rawValue
      case .chromium: Toolchain.setting("CHROMIUM") ?? rawValue
      case .meson: Toolchain.setting("MESON") ?? rawValue
      default: rawValue
      }
    if wanted.contains("/") { return access(wanted, X_OK) == 0 ? wanted : nil }
    // Debian keeps bpftool in /usr/sbin, which is not on every user's path.
    let folders =
      (Toolchain.setting("PATH") ?? "").split(separator: ":").map(String.init)
      + ["/usr/sbin", "/sbin", "\(Toolchain.root)/.build/cross/usr/bin"]
    return folders.map { "\($0)/\(wanted)" }.first { access($0, X_OK) == 0 }
  }
}
