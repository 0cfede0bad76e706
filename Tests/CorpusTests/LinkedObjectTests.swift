import Foundation
import Testing

@testable import TestSupport

/// `gen object`: what it makes of the corpus is what bpftool makes of it.
@Suite("Linked objects", .runsTools, .needs(.tool(.clang), .tool(.gcc), .tool(.bpftool), .corpus), .serialized)
struct LinkedObjectTests {
  struct Linked: Sendable {
    let name: String
    let ours: String
    let theirs: String

    var isSame: Bool {
      FileManager.default.contentsEqual(atPath: ours, andPath: theirs)
    }

    /// What both tools make of their own object.
    func again() throws -> Linked {
      let result = Linked(name: name, ours: "\(ours).again.o", theirs: "\(theirs).again.o")
      try Shell.run(Toolchain.bpfgen(), ["gen", "object", result.ours, ours]).checked()
      try Shell.run(Tool.bpftool.required(), ["gen", "object", result.theirs, theirs]).checked()
      return result
    }
  }

  /// Kept for the life of the process: the objects are in it.
  private static let scratch = Result { try Scratch() }

  /// Each object of the corpus linked by itself, and the selftests' links of several.
  private static let all: Result<[Linked], any Error> = Result {
    let scratch = try Self.scratch.get()
    let alone = try Corpus.objects().map { (name: $0.name, parts: [$0.path]) }
    let together = Corpus.linked.map { set in (set.name + ".once", set.parts.map { "\(Corpus.folder)/obj/\($0).bpf.o" })
    }
    return try Parallel.map(alone + together) { name, parts -> Linked? in
      let linked = Linked(name: name, ours: scratch.file("\(name).ours.o"), theirs: scratch.file("\(name).theirs.o"))
      let ours = try Shell.run(Toolchain.bpfgen(), ["gen", "object", linked.ours] + parts)
      let theirs = try Shell.run(Tool.bpftool.required(), ["gen", "object", linked.theirs] + parts)
      #expect(ours.succeeded == theirs.succeeded, "\(name): \(ours.stderr)\(theirs.stderr)")
      return ours.succeeded && theirs.succeeded ? linked : nil
    }.compactMap { $0 }
  }

  /// libbpf 1.1's linker leaves a variable that another object defines at offset 0, or at the begin of the other's section:
  /// bpftool's become correct when they are linked again.
  private static let rightAfterTwo: Set = ["linked_maps.once", "linked_subskeleton.once"]

  /// Objects that declare a map: bpftool's link defines it at offset 0 of `.maps`.
  private static let declaring: Set = ["linked_maps1", "linked_maps2", "test_subskeleton_lib"]

  @Test("are byte for byte those of bpftool, if bpftool links correctly")
  func bytes() throws {
    let all = try Self.all.get()
    print("linked objects: \(all.count), of which \(all.count(where: \.isSame)) are bpftool's bytes")
    #expect(all.count >= Tier.count(quick: 60, full: 480))
    #expect(Set(all.filter { !$0.isSame }.map(\.name)) == Self.rightAfterTwo.union(Self.declaring))
    for linked in all where Self.rightAfterTwo.contains(linked.name) {
      #expect(try linked.again().isSame, "\(linked.name)")
    }
    for linked in all where Self.declaring.contains(linked.name) {
      let declared = { (object: String) in
        try Shell.run("/usr/bin/env", ["readelf", "-Ws", object]).checked().stdout.contains(#/ UND map\d\n/#)
      }
      #expect(try declared(linked.ours) && !declared(linked.theirs), "\(linked.name)")
    }
  }

  @Test("load into the running kernel as bpftool's do", .needs(.loading))
  func loading() throws {
    let scratch = try Scratch()
    let program = scratch.file("loads")
    let source = "\(Toolchain.fixtures)/loads.c"
    try Shell.run(Tool.gcc.required(), ["-Wall", "-Wextra", "-Werror", source, "-o", program, "-lbpf"]).checked()
    let all = try Self.all.get().filter { !Self.declaring.contains($0.name) }
    // BPFGEN_TEST_LOAD_ALL=1 loads them all: two minutes.
    let isWhole = Toolchain.setting("BPFGEN_TEST_LOAD_ALL") != nil
    let chosen = all.enumerated().filter { isWhole || $0.offset % 8 == 0 || !$0.element.isSame }.map(\.element)
    let results = try Parallel.map(chosen) { linked -> [String] in
      let reference = try linked.isSame ? linked.theirs : linked.again().theirs
      // A mount of its own: some objects pin their maps.
      return try [linked.ours, reference].map { object in
        let arguments = ["--mount", "sh", "-c", "mount -t bpf bpf /sys/fs/bpf && exec \"$@\"", "sh", program, object]
        return try Shell.run("/usr/bin/unshare", arguments).checked().stdout
      }
    }
    if results.allSatisfy({ $0[0].hasPrefix("load -1 ") || $0[0] == "load -1\n" }) {
      try Test.cancel("SKIPPED: this kernel lets this user load no program")
    }
    var loaded = 0
    for (linked, outcome) in zip(chosen, results) {
      #expect(outcome[0] == outcome[1], "\(linked.name)")
      if outcome[0].hasPrefix("load 0") { loaded += 1 }
    }
    print("linked objects: \(loaded) of \(chosen.count) load, the others are refused as bpftool's are")
    #expect(loaded >= Tier.count(quick: 3, full: 20))
  }
}
