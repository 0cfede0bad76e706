import Foundation
import Testing

@testable import HandmadeObjects
@testable import TestSupport

/// What 64 KiB can make the program do: never more than a minute, never more than 1 GB, whatever is in them.
@Suite("Bounds of time and memory", .runsTools, .needs(.file("/usr/bin/time")))
struct BoundsTests {
  private static let maximumSeconds = 60.0
  private static let maximumKiB = 1 << 20

  @Test("every command that reads an object ends quickly, with little memory", arguments: CostlyObject.all)
  func bounds(_ object: CostlyObject) throws {
    try #require(object.bytes.count <= CostlyObject.maximumBytes, "\(object.bytes.count) bytes")
    let scratch = try Scratch()
    let (path, former) = (scratch.file("costly.bpf.o"), scratch.file("former.bpf.o"))
    try Data(object.bytes).write(to: URL(fileURLWithPath: path))
    try Data(object.former).write(to: URL(fileURLWithPath: former))
    for command in ObjectCommand.all(path, former, scratch) {
      let run = try Measured(command)
      #expect(run.isRefusalOrSuccess, "\(command[0]): \(run.result.status)\n\(run.result.stderr.prefix(400))")
      #expect(run.seconds < Self.maximumSeconds && run.kibibytes < Self.maximumKiB, "\(command[0]): \(run)")
      if run.seconds > 1 || run.kibibytes > 128 << 10 { print("bounds: \(object), \(command[0]): \(run)") }
    }
  }

  /// One run under a clock, with as much address space as nothing needs: a run that would take all memory ends there.
  struct Measured: CustomStringConvertible {
    let result: Shell.Result
    let seconds: Double
    let kibibytes: Int

    init(_ command: [String]) throws {
      let arguments = ["-c", "ulimit -v 67108864; exec /usr/bin/time -q -f '%e %M' \"$@\"", "bash"]
      result = try Shell.run("/bin/bash", arguments + [Toolchain.bpfgen()] + command, timeoutSeconds: 90)
      let figures = result.stderr.split(separator: "\n").last?.split(separator: " ").compactMap { Double($0) } ?? []
      (seconds, kibibytes) = figures.count == 2 ? (figures[0], Int(figures[1])) : (.infinity, .max)
    }

    /// 1 is an error, and for `diff` a difference.
    var isRefusalOrSuccess: Bool { [.exited(0), .exited(1)].contains(result.status) }
    var description: String { "\(seconds) s, \(kibibytes / 1024) MiB" }
  }
}
