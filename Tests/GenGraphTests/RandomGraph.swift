import Foundation
import SeededRandom

/// A random valid graph file under construction.
struct RandomGraph {
  struct Header {
    var of: String
    var isSubskeleton: Bool
    var path: String
    var payload: String?
    var assertMembers = false
  }

  struct Link {
    var name: String
    let output: String
    var inputs: [String]
    var isFinal: Bool
    /// The kinds of objects that it is made of: nothing is linked twice into one thing.
    var leaves: Set<Int>
  }

  /// Which objects the first file names, and under which names; the others are in an included file.
  var names: [Int: String] = [:]
  var included: Set<Int> = []
  var links: [Link] = []
  var headers: [Header] = []

  /// - Parameter isLarge: up to 300 nodes instead of some dozens.
  init(isLarge: Bool, using random: inout SeededRandom) {
    let scale = isLarge ? 5 : 1
    for object in 0..<Workshop.objectCount * scale {
      names[object] = "o\(object)"
      if Int.random(in: 0..<4, using: &random) == 0 { included.insert(object) }
    }
    for number in 0..<Int.random(in: 2...8, using: &random) * scale {
      // Things that can be linked: objects, and libraries made so far.
      var candidates: [(name: String, leaves: Set<Int>)] = names.keys.sorted().map {
        (reference($0), [Workshop.kind($0)])
      }
      candidates += links.filter { !$0.isFinal }.map { ($0.name, $0.leaves) }
      candidates.shuffle(using: &random)
      var link = Link(
        name: "l\(number)", output: "gen/l\(number).bpf.o", inputs: [], isFinal: Bool.random(using: &random), leaves: []
      )
      for candidate in candidates.prefix(Int.random(in: 2...5, using: &random))
      where link.leaves.isDisjoint(with: candidate.leaves) {
        link.inputs.append(candidate.name)
        link.leaves.formUnion(candidate.leaves)
      }
      links.append(link)
    }
    for number in 0..<Int.random(in: 4...20, using: &random) * scale { headers.append(header(number, using: &random)) }
  }

  private func reference(_ object: Int) -> String {
    included.contains(object) ? "sub:\(names[object]!)" : names[object]!
  }

  mutating func header(_ number: Int, using random: inout SeededRandom) -> Header {
    let libraries = links.filter { !$0.isFinal }.map(\.name)
    let isSubskeleton = !libraries.isEmpty && Bool.random(using: &random)
    let all = names.keys.sorted().map(reference) + links.map(\.name)
    return Header(
      of: (isSubskeleton ? libraries : all).randomElement(using: &random)!, isSubskeleton: isSubskeleton,
      path: "gen/h\(number).h",
      payload: !isSubskeleton && Bool.random(using: &random) ? "gen/h\(number).o" : nil)
  }

  /// Gives a library or a final another name, wherever it is named; its file stays.
  mutating func rename(using random: inout SeededRandom) -> String {
    let index = Int.random(in: 0..<links.count, using: &random)
    let old = links[index].name
    let new = old + "x"
    links[index].name = new
    for other in links.indices { links[other].inputs = links[other].inputs.map { $0 == old ? new : $0 } }
    for header in headers.indices where headers[header].of == old { headers[header].of = new }
    return "\(old) is \(new)"
  }

  /// Writes the graph files into a folder.
  func write(to folder: String) throws {
    func objects(_ isIncluded: Bool, _ prefix: String) -> [String: String] {
      var entries: [String: String] = [:]
      for (object, name) in names where included.contains(object) == isIncluded {
        entries[name] = "\(prefix)build/\(object).bpf.o"
      }
      return entries
    }
    func linked(_ isFinal: Bool) -> [String: Any] {
      var entries: [String: Any] = [:]
      for link in links where link.isFinal == isFinal {
        entries[link.name] = ["inputs": link.inputs, "output": link.output] as [String: Any]
      }
      return entries
    }
    func entries(_ isSubskeleton: Bool) -> [[String: Any]] {
      headers.filter { $0.isSubskeleton == isSubskeleton }.map { header in
        var entry: [String: Any] = [
          "of": header.of, "header": header.path, "name": "n_\(header.path.dropFirst(5).dropLast(2))",
        ]
        if let payload = header.payload { entry["payload"] = payload }
        if header.assertMembers, !isSubskeleton { entry["assert_members"] = true }
        return entry
      }
    }
    let main: [String: Any] = [
      "bpfgen": 1, "objects": objects(false, ""), "libraries": linked(false), "finals": linked(true),
      "skeletons": entries(false), "subskeletons": entries(true),
      "include": [["file": "sub/bpfgen.json", "as": "sub"]],
    ]
    let sub: [String: Any] = ["bpfgen": 1, "objects": objects(true, "../")]
    try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
    for (name, object) in [("bpfgen.json", main), ("sub/bpfgen.json", sub)] {
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
      try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
  }
}
