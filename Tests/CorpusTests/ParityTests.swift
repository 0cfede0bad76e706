import Foundation
import Testing

@testable import TestSupport

/// Code that was written for bpftool's headers finds in ours all that it uses.
///
/// Both headers go through the compiler, so what is compared is what the compiler offers, and every assert of our
/// header is put to the test on every object.
@Suite("Interface parity with bpftool over the corpus", .runsTools, .needs(.tool(.clang), .tool(.bpftool), .corpus))
struct ParityTests {
  /// Fewer compared headers than this: the set-up is broken, not the headers.
  static let fewest: [HeaderKind: Int] = [
    .skeleton: Tier.count(quick: 50, full: 470), .subskeleton: Tier.count(quick: 50, full: 460),
  ]

  /// How many objects are compared in another form.
  private static let sampleCount = Tier.count(quick: 8, full: 20)

  @Test("all that bpftool's headers offer is offered by ours", arguments: HeaderKind.allCases)
  func wholeCorpus(_ kind: HeaderKind) throws {
    let entries = try ReferenceCache.entries().filter { if case .header = $0.reference[kind] { true } else { false } }
    let reports = try Parallel.map(entries) { try InterfaceReport.compare($0, kind, split: false) }
    InterfaceReport.record(reports)
    print("parity: \(reports.count) \(kind.rawValue)s compared, \(reports.count { $0.differences.isEmpty }) equal")
    #expect(reports.count >= Self.fewest[kind] ?? 1)
  }

  @Test("a header whose payload is apart offers the same")
  func splitSample() throws {
    let entries = try Self.sample(Self.sampleCount)
    let reports = try Parallel.map(entries) { try InterfaceReport.compare($0, .skeleton, split: true) }
    InterfaceReport.record(reports)
    print("parity: \(reports.count) split skeletons compared")
    #expect(reports.count == Self.sampleCount)
  }

  @Test("other versions of libbpf change nothing of it", arguments: [LibBPFVersion.oldest, .newest])
  func otherLibBPF(_ version: LibBPFVersion) throws {
    let reports = try Parallel.map(Self.sample(Self.sampleCount)) {
      try InterfaceReport.compare($0, .skeleton, split: false, libbpf: version)
    }
    InterfaceReport.record(reports)
    #expect(reports.count == Self.sampleCount)
  }

  @Test("where bpftool writes an empty subskeleton, ours has all variables of the skeleton")
  func emptySubskeletons() throws {
    let entries = try ReferenceCache.entries().filter { $0.reference.subskeleton == .nothing }
    let reports = try Parallel.map(entries) { try Self.compareWithSkeleton($0) }
    InterfaceReport.record(reports)
    print("parity: \(reports.count) subskeletons that bpftool leaves empty: \(reports.map(\.object))")
  }

  @Test("what bpftool refuses is refused, with a message that names the file", arguments: HeaderKind.allCases)
  func refusals(_ kind: HeaderKind) throws {
    let entries = try ReferenceCache.entries().filter { if case .refused = $0.reference[kind] { true } else { false } }
    for entry in entries {
      let scratch = try Scratch()
      let header = scratch.file("refused.h")
      let result = try Generator.bpfgen(kind, of: entry.object.path, name: entry.name, header: header)
      #expect(result.status == .exited(1), "\(entry.object.name): \(result.stderr)")
      #expect(
        result.stderr.contains { $0 == "\n" } && result.stderr.hasPrefix("\(entry.object.path): error: "),
        "\(entry.object.name): \(result.stderr)")
      #expect(result.stdout.isEmpty, "\(entry.object.name)")
      #expect(access(header, F_OK) != 0, "\(entry.object.name): a header was written")
    }
    print("parity: \(entries.count) refused \(kind.rawValue)s: \(entries.map(\.object.name).joined(separator: ", "))")
    #expect(
      entries.count >= Tier.count(quick: 1, full: 5),
      "the corpus has objects with undefined symbols, which no generator takes")
  }

  @Test("C++ code is offered the same functions and static members")
  func cxxSample() throws {
    var compared = 0
    let scratch = try Scratch()
    for entry in try ReferenceCache.entries() where compared < Self.sampleCount {
      let reference = scratch.file("reference.h")
      let ours = scratch.file("ours.h")
      guard try Generator.bpftool(.skeleton, of: entry.object.path, name: entry.name, header: reference).succeeded,
        let expected = try? HeaderInterface.cxxFunctions(header: reference, name: entry.name)
      else { continue }
      try Generator.bpfgen(.skeleton, of: entry.object.path, name: entry.name, header: ours).checked()
      let found = try HeaderInterface.cxxFunctions(header: ours, name: entry.name)
      let missing = HeaderInterface.missing(expected, from: found, name: entry.name)
      #expect(missing.isEmpty, "\(entry.object.name): \(missing)")
      #expect(expected.contains { $0.name == "\(entry.name)::open" }, "the reference has no static members")
      compared += 1
    }
    #expect(compared == Self.sampleCount)
  }
}

extension ParityTests {
  /// The subskeleton of an object offers to open and destroy it, and a pointer for each variable that bpftool's
  /// skeleton has.
  static func compareWithSkeleton(_ entry: ReferenceCache.Entry) throws -> InterfaceReport {
    guard case .header(let skeleton) = entry.reference.skeleton else {
      return InterfaceReport(object: entry.object.name, differences: ["no reference"])
    }
    let scratch = try Scratch()
    let header = scratch.file("subskeleton.h")
    do {
      try Generator.bpfgen(.subskeleton, of: entry.object.path, name: entry.name, header: header).checked()
      let candidate = try HeaderInterface(header: header, name: entry.name, types: entry.types)
      let offered = Set(candidate.records.flatMap { record in record.members.map { "\(record.name).\($0.path)" } })
      let variables = skeleton.records.filter { $0.name != entry.name }.flatMap { record in
        record.members.filter(\.isVariable).map { "\(record.name).\($0.path)" }
      }
      let functions = ["open", "destroy"].map { "\(entry.name)__\($0)" }
        .filter { name in !candidate.functions.contains { $0.name == name } }
      let missing = variables.filter { !offered.contains($0) } + functions
      return InterfaceReport(object: entry.object.name, differences: missing.map { "\($0): missing" })
    } catch let failure as Shell.Failure {
      return InterfaceReport(object: entry.object.name, differences: ["\(failure)"])
    }
  }

  /// Objects from all over the corpus, those without a skeleton left out, and those with struct_ops first: their
  /// headers depend most on libbpf's version.
  static func sample(_ count: Int) throws -> [ReferenceCache.Entry] {
    let entries = try ReferenceCache.entries().filter {
      if case .header = $0.reference.skeleton { true } else { false }
    }
    let structOps = entries.filter { ["bpf_cubic", "bpf_dctcp"].contains($0.object.name) }
    let others = count - structOps.count
    return structOps + (0..<others).map { entries[$0 * entries.count / others] }
  }
}
