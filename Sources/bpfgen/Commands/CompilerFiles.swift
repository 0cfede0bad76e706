internal import Files
internal import Glibc

/// What a compiler's run depends on and its own depfile does not name.
enum CompilerFiles {
  /// The compiler, the launcher in front of it (`ccache clang`), and the response files (`@FILE`) of its command line. Those
  /// that do not exist are not named.
  static func read(by command: [String]) -> [String] {
    let responses = command.dropFirst().filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
    let hasLauncher = command.count > 1 && !command[1].hasPrefix("-") && !command[1].hasPrefix("@")
    let programs = command.prefix(hasLauncher ? 2 : 1).compactMap(program)
    return (programs + responses).filter { unsafe access($0, R_OK) == 0 }
  }

  /// The path of a program, found as `posix_spawnp` finds it: a name without `/` is looked for in `PATH`.
  private static func program(_ name: String) -> String? {
    if name.utf8.contains(UInt8(ascii: "/")) { return name }
    let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/bin:/usr/bin"
    return path.split(at: ":", omittingEmpty: false).lazy.map { ($0.isEmpty ? "." : $0) + "/" + name }.first {
      unsafe access($0, X_OK) == 0
    }
  }
}
