import Foundation
import Testing

/// A remote cache that speaks Bazel's protocol, BuildGrid, as a server of this machine; it ends with its owner.
final class BuildGrid: Sendable {
  /// Where it was put by `Tests/tools/install`.
  static let path = "\(Toolchain.root)/.build/tools/buildgrid/bin/bgd"
  /// What Bazel is told of it.
  let address: String
  private let process: pid_t

  /// Starts the server, and waits until it answers.
  init(in scratch: Scratch) throws {
    let port = try BuildGrid.freePort()
    address = "grpc://localhost:\(port)"
    let settings = try scratch.write(
      """
      server:
        - !channel
          address: localhost:\(port)
          insecure-mode: true
      description: the cache of a test
      storages:
        - !disk-storage &content
          path: \(scratch.file("content"))
      caches:
        - !lru-action-cache &actions
          storage: *content
          max-cached-refs: 10000
          allow-updates: true
          cache-failed-actions: false
      instances:
        - name: ""
          services:
            - !action-cache
              cache: *actions
            - !cas
              storage: *content
            - !bytestream
              storage: *content
      thread-pool-size: 20

      """, to: "grid.yml")
    let log = scratch.file("grid.log")
    let start = "\"$1\" server start \"$2\" >\"$3\" 2>&1 </dev/null & echo $!"
    let started = try Shell.run("/bin/sh", ["-c", start, "sh", BuildGrid.path, settings, log]).checked().stdout
    process = try #require(pid_t(started.trimmingCharacters(in: .newlines)))
    let deadline = Date(timeIntervalSinceNow: 60)
    while !BuildGrid.answers(port) {
      let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      try #require(kill(process, 0) == 0 && Date() < deadline, "BuildGrid does not answer:\n\(words)")
      usleep(100_000)
    }
  }

  deinit { kill(process, SIGTERM) }

  /// A port of the loopback that nothing listens at.
  private static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) + getsockname(descriptor, $0, &size)
      }
    }
    try #require(code == 0)
    return UInt16(bigEndian: address.sin_port)
  }

  private static func answers(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port: port)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
