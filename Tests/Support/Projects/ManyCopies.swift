import Foundation

/// A project of many copies of one small object: skeletons with payloads, and subskeletons.
struct ManyCopies: Sendable {
  /// The object's two states: another layout each.
  enum Variant: String, CaseIterable, Sendable {
    case int, long
  }

  let scratch: Scratch
  let count: Int

  init(objects count: Int) throws {
    scratch = try Scratch()
    self.count = count
    try place(.int)
    _ = try scratch.write(Self.graph(Array(0..<count)), to: "bpfgen.json")
  }

  /// The text of a graph file over some of the objects.
  static func graph(_ numbers: [Int]) -> String {
    let names = numbers.map { "\"o\($0)\": \"o\($0).bpf.o\"" }
    let skeletons = numbers.map {
      "{ \"of\": \"o\($0)\", \"header\": \"gen/o\($0).skel.h\", \"payload\": \"gen/o\($0).skel.o\" }"
    }
    let subskeletons = numbers.map { "{ \"of\": \"o\($0)\", \"header\": \"gen/o\($0).subskel.h\" }" }
    return """
      { "bpfgen": 1, "objects": { \(names.joined(separator: ",\n")) },
        "skeletons": [ \(skeletons.joined(separator: ",\n")) ],
        "subskeletons": [ \(subskeletons.joined(separator: ",\n")) ] }
      """
  }

  /// Each object is inspected, and has two headers and a payload.
  var taskCount: Int { 4 * count }
  var outputCount: Int { 3 * count }

  /// Replaces every object with a variant.
  func place(_ variant: Variant) throws {
    let object = try Self.objects.get()[variant]!
    for number in 0..<count { try object.write(to: URL(fileURLWithPath: scratch.file("o\(number).bpf.o"))) }
  }

  func build(_ more: String...) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), ["build", "-C", scratch.path] + more)
  }

  /// The bytes of all files in the output folder, by name.
  func outputs() throws -> [String: Data] {
    var found: [String: Data] = [:]
    let folder = scratch.file("gen")
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      found[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    return found
  }

  /// All files in the state folder.
  func stateFiles() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: scratch.file(".bpfgen")).sorted()
  }

  /// What the folder of the state has in it between builds.
  static let quietStateFiles = ["bpfgen.json.state", "lock", "tmp"]

  func remove(_ name: String) { try? FileManager.default.removeItem(atPath: scratch.file(name)) }

  /// For all projects the same: debug information names the folder in which an object was compiled.
  private static let objects: Result<[Variant: Data], any Error> = Result {
    let scratch = try Scratch()
    var objects: [Variant: Data] = [:]
    for variant in Variant.allCases {
      let source = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        \(variant) counter = 1;
        SEC("raw_tracepoint") int prog(void *ctx) { return counter; }
        char LICENSE[] SEC("license") = "GPL";
        """
      let path = try BPFCompiler.compile(source, named: variant.rawValue, in: scratch)
      objects[variant] = try Data(contentsOf: URL(fileURLWithPath: path))
    }
    return objects
  }
}

extension Shell.Result {
  /// How many tasks ran, according to `bpfgen build`.
  var ranCount: Int? {
    if stdout.contains("bpfgen: nothing to do") { return 0 }
    return stdout.firstMatch(of: /bpfgen: ([0-9]+) ran/).flatMap { Int($0.1) }
  }
}
