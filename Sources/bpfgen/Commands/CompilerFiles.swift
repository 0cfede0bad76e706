internal import Files
internal import Glibc

/// The files that a compiler's output depends on and that its depfile does not list.
enum CompilerFiles {
  /// The compiler, the launcher before it (`ccache clang`), and the response files (`@FILE`) on its command line, if
  /// they exist.
  static func read(by command: [String]) -> [String] {
    let responses = command.dropFirst().filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
    let hasLauncher = command.count > 1 && !command[1].hasPrefix("-") && !command[1].hasPrefix("@")
    let programs = command.prefix(hasLauncher ? 2 : 1).compactMap(program)
    return (programs + responses).filter { unsafe access($0, R_OK) == 0 }
  }

  /// The path of a program, found as by `posix_spawnp`: a name without `/` is searched for in `PATH`.
  private static func program(_ name: String) -> String? {
    if name.utf8.contains(UInt8(ascii: "/")) { return name }
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/bin:/usr/bin"
    return path.split(at: ":", omittingEmpty: false).lazy.map { ($0.isEmpty ? "." : $0) + "/" + name }.first {
      unsafe access($0, X_OK) == 0
    }
  }
}
