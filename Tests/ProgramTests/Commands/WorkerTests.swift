import Foundation
import Testing

@testable import TestSupport

/// `bpfgen worker`: Bazel's protocol, with the same outputs as the commands by themselves.
@Suite("bpfgen worker", .runsTools, .needs(.corpus))
struct WorkerTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func content(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: scratch.file(name))) }

  @Test("many requests at once: each is answered, with the outputs of the command by itself")
  func many() throws {
    let objects = try Corpus.objects().enumerated().filter { $0.offset % Tier.count(quick: 4, full: 12) == 0 }.map(
      \.element)
    var requests = Data()
    for (number, object) in objects.enumerated() {
      let arguments = [
        "skeleton", "--payload", scratch.file("w\(number).o"), "-o", scratch.file("w\(number).h"), object.path,
      ]
      requests += WorkStream.request(arguments, id: number + 1)
    }
    let (result, responses) = try WorkStream.run(requests, in: scratch)
    try result.checked()
    #expect(Set(responses.map(\.id)) == Set(1...objects.count) && responses.count == objects.count)
    let answers = Dictionary(uniqueKeysWithValues: responses.map { ($0.id, $0) })
    for (number, object) in objects.enumerated() {
      let arguments = ["skeleton", "--payload", scratch.file("a.o"), "-o", scratch.file("a.h"), object.path]
      let alone = try Shell.run(Toolchain.bpfgen(), arguments)
      let answer = try #require(answers[number + 1])
      #expect((answer.exitCode == 0) == alone.succeeded && answer.output == alone.stderr, "\(object.name)")
      guard alone.succeeded else { continue }
      #expect(try content("w\(number).h") == content("a.h"), "\(object.name)")
      #expect(try content("w\(number).o") == content("a.o"), "\(object.name)")
    }
  }

  @Test("an error is reported in the response to its request")
  func wrong() throws {
    let object = try #require(try Corpus.objects().first).path
    _ = try scratch.write("no object", to: "text")
    let good = ["skeleton", "-o", scratch.file("good.h"), object]
    let requests = [
      WorkStream.request(["skeleton", "-o", scratch.file("x.h"), scratch.file("text")], id: 1),
      WorkStream.request(["skeleton", "-o", scratch.file("x.h")], id: 2),
      WorkStream.request(["build"], id: 3), WorkStream.request([], id: 4), WorkStream.nonsense,
      WorkStream.request(good, id: 5),
      WorkStream.request(["skeleton", "-o", "-", object], id: 6), WorkStream.request(["link", "--help"], id: 7),
      WorkStream.request(good, id: 8, folder: scratch.file("nowhere")),
    ]
    let (result, responses) = try WorkStream.run(requests.reduce(Data(), +), in: scratch)
    try result.checked()
    #expect(result.stderr.isEmpty && responses.count == 9)
    let answers = Dictionary(grouping: responses, by: \.id).mapValues { $0[0] }
    func expect(_ id: Int, _ exitCode: Int, _ arguments: String) {
      #expect(answers[id]?.exitCode == exitCode, "\(id)")
      #expect(answers[id]?.output.contains(arguments) == true, "\(answers[id]?.output ?? "")")
    }
    expect(0, 2, "invalid request: ")
    expect(1, 1, "text: error: not an ELF file")
    expect(2, 2, "<object> is missing")
    expect(3, 2, "a worker cannot run 'build'")
    expect(4, 2, "no command to run")
    #expect(answers[5] == WorkStream.Response(id: 5))
    expect(6, 1, "a worker's steps cannot write to standard output")
    expect(7, 0, "Usage: bpfgen link")
    expect(8, 1, "nowhere: error: cannot enter")
  }

  @Test("no step can access the protocol's streams")
  func streams() throws {
    let good = try #require(try Corpus.objects().first).path
    let refused = try BPFCompiler.compile(LoaderRefusal.source, named: "refused", in: scratch)
    for link in ["header", "rule"] {
      try FileManager.default.createSymbolicLink(atPath: scratch.file(link), withDestinationPath: "/proc/self/fd/1")
    }
    var requests = Data()
    for id in 1...100 {
      let arguments =
        switch id % 4 {
        // libbpf 1.1 closes descriptor 0 then.
        case 0: ["light-skeleton", "-o", scratch.file("x.h"), refused]
        case 1: ["skeleton", "-o", scratch.file("header"), good]
        case 2: ["skeleton", "-o", scratch.file("y.h"), "--depfile", scratch.file("rule"), good]
        default: ["skeleton", "-o", scratch.file("y.h"), good]
        }
      requests += WorkStream.request(arguments, id: id)
    }
    let (result, responses) = try WorkStream.run(requests, in: scratch)
    try result.checked()
    #expect(responses.count == 100 && Set(responses.map(\.id)) == Set(1...100))
    let wrong = responses.filter { ($0.exitCode == 0) != ($0.id % 4 != 0) }
    #expect(wrong == [])
    for link in ["header", "rule"] {
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.file(link)) == "/proc/self/fd/1")
    }
  }

  @Test("a truncated request fails")
  func cut() throws {
    let (result, responses) = try WorkStream.run(WorkStream.request(["link", "--help"], id: 1).dropLast(), in: scratch)
    #expect(result.status == .exited(1) && result.stderr.contains("ends inside a request") && responses == [])
  }

  @Test("paths are relative to the request's folder")
  func folders() throws {
    let objects = try Corpus.objects().prefix(3)
    var requests = Data()
    for (number, object) in objects.enumerated() {
      let folder = scratch.file("sandbox \(number)")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: folder + "/x.bpf.o", withDestinationPath: object.path)
      requests += WorkStream.request(
        ["skeleton", "-o", "x.h", "--depfile", "x.d", "x.bpf.o"], id: 1 + number, folder: folder)
    }
    #expect(try WorkStream.run(requests, in: scratch).responses.allSatisfy { $0.exitCode == 0 })
    for (number, object) in objects.enumerated() {
      let alone = try Shell.run(Toolchain.bpfgen(), ["skeleton", "-o", "-", "--name", "x_bpf", object.path]).checked()
      #expect(try content("sandbox \(number)/x.h") == Data(alone.stdout.utf8))
      #expect(String(decoding: try content("sandbox \(number)/x.d"), as: UTF8.self).hasPrefix("x.h: \\\n  x.bpf.o"))
    }
  }

  @Test("a canceled request is answered as canceled, once")
  func cancelled() throws {
    // A tenth of a second's work: the cancellation follows immediately.
    let requests = [
      WorkStream.request(["vmlinux-h", "-o", scratch.file("vmlinux.h")], id: 3),
      WorkStream.request([], id: 3, cancels: true),
      WorkStream.request([], id: 3, cancels: true), WorkStream.request([], id: 4, cancels: true),
    ]
    let (result, responses) = try WorkStream.run(requests.reduce(Data(), +), in: scratch)
    try result.checked()
    #expect(responses == [WorkStream.Response(id: 3, wasCancelled: true)])
  }

  @Test("an edited header is written again: existing files are not read")
  func anew() throws {
    let object = try #require(try Corpus.objects().first).path
    let arguments = ["skeleton", "-o", scratch.file("x.h"), object]
    try Shell.run(Toolchain.bpfgen(), arguments).checked()
    let first = try FileState(scratch.file("x.h"))
    try Shell.run(Toolchain.bpfgen(), arguments).checked()
    #expect(try FileState(scratch.file("x.h")) == first, "a command alone keeps what is the same")
    _ = try WorkStream.run(WorkStream.request(arguments), in: scratch)
    #expect(try FileState(scratch.file("x.h")) != first)
  }

  @Test("without --persistent_worker the arguments in a file run once")
  func once() throws {
    let object = try #require(try Corpus.objects().first).path
    let arguments = try scratch.write("skeleton\n-o\n\(scratch.file("x.h"))\n\(object)\n", to: "words")
    let run = { more in try Shell.run(Toolchain.bpfgen(), ["worker"] + more) }
    try run(["@" + arguments]).checked()
    let alone = try Shell.run(Toolchain.bpfgen(), ["skeleton", "-o", "-", object]).checked()
    #expect(try content("x.h") == Data(alone.stdout.utf8))
    #expect(try run(["skeleton"]).status == .exited(2))
    #expect(try run([]).status == .exited(2))
    #expect(try run(["@" + scratch.file("nothing")]).status == .exited(1))
  }

  @Test("a stream of anything else is refused")
  func lost() throws {
    let (result, responses) = try WorkStream.run(Data(repeating: 0xff, count: 100), in: scratch)
    #expect(
      result.status == .exited(1) && result.stderr.contains("is not Bazel's worker protocol")
        && responses == [])
  }

  @Test("thousands of requests, some invalid, truncated or canceled: no wrong response, and no growth")
  func endurance() throws {
    let small = try Corpus.objects().sorted { $0.sizeBytes < $1.sizeBytes }.prefix(40)
    let made = try small.map { object in
      (object, try Shell.run(Toolchain.bpfgen(), ["skeleton", "-o", "-", "--name", "x", object.path]))
    }
    let (objects, wanted) = (made.filter(\.1.succeeded).prefix(20).map(\.0), made.filter(\.1.succeeded).map(\.1.stdout))
    func requests(_ count: Int) -> Data {
      var requests = Data()
      for id in 1...count {
        if id % 100 == 0 { requests += WorkStream.nonsense }
        let arguments = ["skeleton", "-o", scratch.file("x\(id % 20).h"), "--name", "x", objects[id % 20].path]
        requests += WorkStream.request(arguments, id: id)
        if id % 50 == 0 { requests += WorkStream.request([], id: id, cancels: true) }
      }
      return requests
    }
    func peak(_ count: Int) throws -> Int {
      try requests(count).write(to: URL(fileURLWithPath: scratch.file("in")))
      let script = "exec \"$1\" worker --persistent_worker <\"$2\" >\"$3\""
      let result = try Shell.run(
        "/usr/bin/time",
        ["-f", "%M", "sh", "-c", script, "sh", Toolchain.bpfgen(), scratch.file("in"), scratch.file("out")],
        timeoutSeconds: 300
      ).checked()
      return try #require(Int(result.stderr.split(separator: "\n").last ?? ""))
    }
    let count = Tier.count(quick: 500, full: 4000)
    let few = try peak(count / 10)
    let (result, responses) = try WorkStream.run(requests(count), in: scratch)
    try result.checked()
    #expect(responses.count == count + count / 100 && responses.count { $0.id == 0 && $0.exitCode == 2 } == count / 100)
    #expect(Set(responses.map(\.id)) == Set(0...count))
    #expect(responses.allSatisfy { $0.id == 0 || $0.wasCancelled && $0.id % 50 == 0 || $0.exitCode == 0 })
    for (number, text) in wanted.prefix(20).enumerated() {
      #expect(try content("x\(number).h") == Data(text.utf8), "\(number)")
    }
    let many = try peak(count)
    // The allocator's pools differ by 1 MiB from run to run; a request that did not free its object or header, of
    // 10 KiB or more, would add more than 4 MiB.
    #expect(many < few + 2048, "\(few) KiB grew to \(many) KiB")
  }
}
