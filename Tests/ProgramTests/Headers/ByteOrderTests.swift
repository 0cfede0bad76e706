import Foundation
import Testing

@testable import TestSupport

/// A header does not depend on the byte order of its object, nor on this machine's.
@Suite("Objects of both byte orders", .runsTools, .needs(.tool(.clang), .corpus))
struct ByteOrderTests {
  /// A program of the corpus, compiled for both.
  struct Pair: Sendable {
    let name: String
    let little: String
    let big: String

    init(_ name: String, in scratch: Scratch) throws {
      self.name = name
      (little, big) = (scratch.file("\(name).bpfel.o"), scratch.file("\(name).bpfeb.o"))
      try Corpus.compile(name, target: "bpfel", to: little)
      try Corpus.compile(name, target: "bpfeb", to: big)
    }
  }

  /// From all over the corpus, with each kind of map and section; the linked objects have no source of their own.
  private static func sample() throws -> [String] {
    let names = try Corpus.objects().map(\.name).filter { !$0.hasPrefix("linked_") || $0.hasSuffix("1") }
    let chosen = ["bpf_cubic", "test_map_in_map", "test_core_extern", "test_subskeleton_lib2", "atomics"]
    return chosen
      + names.enumerated().filter { $0.offset % Tier.count(quick: 8, full: 20) == 0 && !chosen.contains($0.element) }
      .map(\.element)
  }

  @Test("give the same headers, and each its own payload", arguments: HeaderKind.allCases)
  func headers(_ kind: HeaderKind) throws {
    let scratch = try Scratch()
    let compared = try Parallel.map(Self.sample()) { name -> Bool in
      let pair = try Pair(name, in: scratch)
      let runs = try [pair.little, pair.big].map { object in
        let payload = kind == .skeleton ? "\(object).payload.o" : nil
        return (
          object, payload,
          try Generator.bpfgen(kind, of: object, name: "app", header: "\(object).\(kind).h", payload: payload)
        )
      }
      let (little, big) = (runs[0].2, runs[1].2)
      #expect(little.status == big.status, "\(name): \(big.stderr)")
      guard little.succeeded else {
        #expect(
          little.stderr.replacing(pair.little, with: "") == big.stderr.replacing(pair.big, with: ""), "\(name)")
        return false
      }
      let headers = runs.map { FileManager.default.contents(atPath: "\($0.0).\(kind).h") }
      #expect(headers[0] == headers[1] && headers[0] != nil, "\(name)")
      for (object, payload, _) in runs {
        guard let payload else { continue }
        let bytes = try #require(FileManager.default.contents(atPath: object))
        #expect(FileManager.default.contents(atPath: payload)?.range(of: bytes) != nil, "\(name)")
      }
      return true
    }
    print(
      "byte order: \(compared.count { $0 }) \(kind.rawValue)s are the same, \(compared.count { !$0 }) refused in both")
    #expect(compared.count { $0 } >= Tier.count(quick: 8, full: 16))
  }

  @Test("link to objects of their own byte order, with the same headers and instructions")
  func linked() throws {
    let scratch = try Scratch()
    for parts in [
      ["linked_funcs1", "linked_funcs2"], ["linked_maps1", "linked_maps2"], ["linked_vars1", "linked_vars2"],
    ] {
      let pairs = try parts.map { try Pair($0, in: scratch) }
      let (little, big) = (scratch.file("little.o"), scratch.file("big.o"))
      try Shell.run(Toolchain.bpfgen(), ["link", "-o", little] + pairs.map(\.little)).checked()
      try Shell.run(Toolchain.bpfgen(), ["link", "-o", big] + pairs.map(\.big)).checked()
      #expect(try ELFText.header(big)["Data"] == "2's complement, big endian")
      for kind in HeaderKind.allCases {
        let headers = try [little, big].map { object in
          try Generator.bpfgen(
            kind, of: object, name: "app", header: "\(object).h",
            payload: kind == .skeleton ? "\(object).payload.o" : nil
          ).checked()
          return try String(contentsOfFile: "\(object).h", encoding: .utf8)
        }
        #expect(headers[0] == headers[1], "\(parts)")
      }
      let code = try [little, big].map { object in
        try Shell.run("/usr/bin/env", ["llvm-objdump", "-dr", "--no-show-raw-insn", object]).checked().stdout
          .split(separator: "\n").filter { !$0.contains("file format") }
      }
      #expect(code[0] == code[1] && code[0].count > 20, "\(parts)")
      let mixed = try Shell.run(
        Toolchain.bpfgen(), ["link", "-o", scratch.file("mixed.o"), pairs[0].little, pairs[1].big])
      #expect(mixed.status == .exited(1) && mixed.stderr.hasPrefix("\(pairs[1].big): error: it is big-endian"))
    }
  }

  @Test("of the other order have no light skeleton, with an error that explains why")
  func light() throws {
    let scratch = try Scratch()
    let pair = try Pair("trace_printk", in: scratch)
    for (object, order) in [(pair.little, "little"), (pair.big, "big")] {
      let result = try Shell.run(Toolchain.bpfgen(), ["light-skeleton", object, "-o", scratch.file("light.h")])
      let isHost = (order == "little") == (UInt16(littleEndian: 1) == 1)
      #expect(result.succeeded == isHost)
      #expect(isHost || result.stderr.contains("its byte order is \(order)-endian"), "\(result.stderr)")
    }
  }
}
