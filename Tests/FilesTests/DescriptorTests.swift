import Bytes
import Foundation
import Synchronization
import Testing

@testable import Files

@Suite("Descriptors")
struct DescriptorTests {
  private static let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  @Test("a write that signals interrupt still writes all bytes", .timeLimit(.minutes(5)))
  func signals() throws {
    var action = sigaction()
    var before = sigaction()
    // Without SA_RESTART: a call that is interrupted ends, with what it has written so far or with EINTR.
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGURG, &action, &before)
    defer { sigaction(SIGURG, &before, nil) }
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (reading, writeEnd) = (ends[0], ends[1])
    let thread = Mutex<pthread_t?>(nil)
    let writer = Thread {
      thread.withLock { $0 = pthread_self() }
      let file = Descriptor(owning: writeEnd)
      try? file.write(Self.bytes, path: "pipe")
    }
    writer.start()
    // A pipe takes 64 KiB: the writer waits for what is read below, and cannot have ended.
    for _ in 0..<20 {
      if let writer = thread.withLock({ $0 }) { pthread_kill(writer, SIGURG) }
      usleep(2000)
    }
    let file = Descriptor(owning: reading)
    var read: [UInt8] = []
    while let next = file.next(1 << 16), !next.isEmpty { read += next }
    #expect(read == Self.bytes)
  }

  @Test("a file is closed with its owner")
  func closed() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let reading = Descriptor(owning: ends[0])
    do {
      let writing = Descriptor(owning: ends[1])
      try writing.write([1, 2], path: "pipe")
    }
    #expect(reading.next(8) == [1, 2])
    #expect(reading.next(8) == [])
  }

  @Test("a write at an offset does not change the position, and a read ends at the end of the file")
  func offsets() throws {
    let file = try Descriptor(inMemory: "offsets")
    try file.write([1, 2, 3], path: "offsets")
    try file.write([9], at: 1, path: "offsets")
    try file.write(ByteRope([[4], [5, 6]]), path: "offsets")
    #expect(try file.bytes(0..<100, path: "offsets") == [1, 9, 3, 4, 5, 6])
    #expect(try file.bytes(4..<5, path: "offsets") == [5])
  }

  @Test("a failed operation on a descriptor is an error with its path")
  func none() {
    #expect(throws: FileError.system(path: "p", operation: "write", errno: EBADF)) {
      try Descriptor(owning: -1).write([1], path: "p")
    }
    #expect(Descriptor(owning: -1).next(1) == nil)
  }
}
