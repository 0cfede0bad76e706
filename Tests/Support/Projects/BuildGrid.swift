import Foundation
import Testing

/// A remote cache that speaks Bazel's protocol, BuildGrid, as a server of this machine; with workers it executes actions too.
/// All of it ends with its owner, and with this process.
final class BuildGrid: Sendable {
  /// Where it was put by `Tests/tools/install`.
  static let path = "\(Toolchain.root)/.build/tools/buildgrid/bin/bgd"
  /// Bazel's options for it.
  let address: String
  private let folder: String
  private let process: pid_t

  /// Starts the server, and waits until it answers.
  /// - Parameter workers: how many actions run at once; with 0 it is a cache only.
  init(in scratch: Scratch, workers: Int = 0) throws {
    let port = try BuildGrid.freePort()
    address = "grpc://localhost:\(port)"
    folder = scratch.file("grid")
    let log = scratch.file("grid.log")
    let start = "log=$1 && shift && \"$@\" >\"$log\" 2>&1 </dev/null & echo $!"
    let command = ["\(Toolchain.root)/Tests/remote/serve", folder, "\(port)", "\(getpid())", "\(workers)"]
    let started = try Shell.run("/bin/sh", ["-c", start, "sh", log] + command).checked().stdout
    process = try #require(pid_t(started.trimmingCharacters(in: .newlines)))
    // The script itself gives up after some minutes.
    while !has("ready") {
      try #require(!has("stopped"), "\((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
      usleep(100_000)
    }
  }

  deinit {
    kill(process, SIGTERM)
    let deadline = Date(timeIntervalSinceNow: 30)
    while !has("stopped") && Date() < deadline { usleep(20_000) }
  }

  /// Whether the script made a file.
  private func has(_ file: String) -> Bool { access("\(folder)/\(file)", F_OK) == 0 }

  /// What ran on the workers: for each action its exit status and, of its outputs, the first by name.
  func executed() throws -> [String] {
    try String(contentsOfFile: "\(folder)/worker/actions.log", encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// A port of the loopback that nothing listens at.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) + getsockname(descriptor, $0, &size)
      }
    }
    try #require(code == 0)
    return UInt16(bigEndian: address.sin_port)
  }
}
