import Foundation
import Testing

@testable import TestSupport

/// Headers compile wherever users compile them, without a warning.
@Suite(
  "Headers compile in every dialect", .runsTools,
  .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx), .tool(.bpftool), .corpus))
struct CompileMatrixTests {
  @Test("the matrix has objects of the corpus and some of our own")
  func size() throws {
    let objects = try MatrixHeaders.shared().objects
    print("matrix: \(objects.count) objects, \(try MatrixHeaders.shared().headers.count) headers")
    #expect(objects.count >= Tier.count(quick: 10, full: 60) + MatrixHeaders.handWritten.count)
  }

  @Test("all headers together, with calls of everything in them", arguments: Dialect.all)
  func together(_ dialect: Dialect) throws {
    let headers = try MatrixHeaders.shared().headers
    let all = try MatrixHeaders.check(Self.rotated(headers, for: dialect), in: dialect)
    if all.succeeded { return }
    let culprits = try Parallel.map(headers) { header in
      let alone = try MatrixHeaders.check([header], in: dialect)
      return alone.succeeded ? nil : "\(header.label): \(alone.firstErrors)"
    }.compactMap(\.self)
    for culprit in culprits { Issue.record("\(culprit)") }
    if culprits.isEmpty { Issue.record("only together: \(all.firstErrors)") }
  }

  @Test(
    "each header in a file of its own",
    arguments: [Dialect(compiler: .gcc, standard: "gnu17"), Dialect(compiler: .clangxx, standard: "c++17")])
  func alone(_ dialect: Dialect) throws {
    let failures = try Parallel.map(MatrixHeaders.shared().headers) { header in
      let result = try MatrixHeaders.check([header], in: dialect)
      return result.succeeded ? nil : "\(header.label): \(result.firstErrors)"
    }.compactMap(\.self)
    for failure in failures { Issue.record("\(failure)") }
  }

  @Test("a header can be included twice", arguments: [Dialect(compiler: .gcc, standard: "gnu17")])
  func twice(_ dialect: Dialect) throws {
    let headers = try MatrixHeaders.shared().headers
    let result = try MatrixHeaders.check(headers + headers, in: dialect, calling: false)
    #expect(result.succeeded, "\(result.firstErrors)")
  }

  /// What the users of an object of `Fixtures/bpf` must declare before its headers.
  static let neededTypes: [(object: String, types: [String])] = [
    (
      "shapes",
      [
        "struct shape_point", "struct shape_packed", "struct shape_flags", "union shape_word", "enum shape_color",
        "struct shape_frame", "shape_u64", "shape_size",
      ]
    ),
    ("pointers", ["struct node", "visitor"]),
  ]

  @Test("the types that a header needs are listed before its first line of code", arguments: neededTypes)
  func typesAreNamed(object: String, types: [String]) throws {
    for header in try MatrixHeaders.shared().headers where header.object.name == object {
      let text = try String(contentsOfFile: header.path, encoding: .utf8)
      let top = text.prefix(upTo: text.range(of: "\n#include")?.lowerBound ?? text.startIndex)
      let unnamed = types.filter { !top.contains($0) }
      #expect(unnamed.isEmpty, "\(header.label)")
    }
  }

  @Test("names that are keywords in some language are escaped or refused", arguments: MatrixHeader.Variant.allCases)
  func keywords(_ variant: MatrixHeader.Variant) throws {
    let scratch = try Scratch()
    let object = try MatrixHeaders.compile("keywords", in: scratch)
    do {
      let header = try MatrixHeaders.generate(variant, of: object, in: scratch)
      for dialect in Dialect.all {
        let result = try MatrixHeaders.check([header], in: dialect)
        #expect(result.succeeded, "\(dialect.testDescription): \(result.firstErrors)")
      }
    } catch let failure as Shell.Failure {
      #expect(failure.result.status == .exited(1))
      #expect(failure.result.stderr.hasPrefix("\(object.path): error: "))
    }
  }
}

extension CompileMatrixTests {
  /// Another header comes first in each dialect, and so cannot lean on what the others include.
  private static func rotated(_ headers: [MatrixHeader], for dialect: Dialect) -> [MatrixHeader] {
    let index = Dialect.all.firstIndex { $0.testDescription == dialect.testDescription } ?? 0
    let start = index * headers.count / Dialect.all.count
    return Array(headers[start...] + headers[..<start])
  }
}
