import Foundation

/// Prints a program's instructions as libbpf would load them, relocated against some BTF.
struct RelocatedPrograms: Sendable {
  private let program: String

  init(in scratch: Scratch) throws {
    program = scratch.file("relocated")
    try Shell.run(
      Tool.gcc.required(), ["-Wall", "-Werror", "\(Toolchain.fixtures)/relocated.c", "-o", program, "-lbpf", "-ldl"]
    ).checked()
  }

  func run(_ object: String, _ types: String) throws -> Shell.Result { try Shell.run(program, [object, types]) }
}
