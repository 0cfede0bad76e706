import Foundation

/// A graph file as a monorepo has it: thousands of nodes, of all kinds. `bpfgen graph` needs no object to be there.
enum LargeGraph {
  /// Eight nodes a unit: an object, a common one for ten units, libraries, finals, their headers, payloads and checks.
  static func text(units: Int) throws -> String {
    var objects: [String: String] = [:]
    var libraries: [String: [String: Any]] = [:]
    var finals: [String: [String: Any]] = [:]
    var skeletons: [[String: String]] = []
    var subskeletons: [[String: String]] = []
    for unit in 0..<units {
      let team = "team\(unit / 50)"
      let common = "common\(unit / 10)"
      objects["o\(unit)"] = "build/\(team)/o\(unit).bpf.o"
      objects[common] = "build/\(team)/\(common).bpf.o"
      libraries["lib\(unit)"] = ["inputs": ["o\(unit)"], "output": "gen/\(team)/lib\(unit).bpf.o"]
      finals["app\(unit)"] = ["inputs": [common, "lib\(unit)"], "output": "gen/\(team)/app\(unit).bpf.o"]
      skeletons.append([
        "of": "app\(unit)", "header": "gen/\(team)/app\(unit).skel.h", "payload": "gen/\(team)/app\(unit).skel.o",
      ])
      skeletons.append(["of": "o\(unit)", "header": "gen/\(team)/o\(unit).skel.h"])
      subskeletons.append(["of": "lib\(unit)", "header": "gen/\(team)/lib\(unit).subskel.h"])
    }
    let graph: [String: Any] = [
      "bpfgen": 1, "objects": objects, "libraries": libraries, "finals": finals, "skeletons": skeletons,
      "subskeletons": subskeletons,
    ]
    return String(decoding: try JSONSerialization.data(withJSONObject: graph, options: .sortedKeys), as: UTF8.self)
  }

  /// Names and paths that each language in which a graph is drawn would take for something of its own.
  static let hostile = """
    { "bpfgen": 1,
      "objects": { "a<b>\\"q\\\\N\\\\": "in/</script><script>document.title='broken'</script>.bpf.o",
                   "{x|y} &amp; \\u65e5\\u672c <!-- \\\\": "in/&lt;i&gt; \\ud83d\\ude00 \\\\l\\\\G.bpf.o" },
      "libraries": { "lib": { "inputs": ["a<b>\\"q\\\\N\\\\"], "output": "gen/<lib>.bpf.o" } },
      "finals": { "fin": { "inputs": ["lib", "{x|y} &amp; \\u65e5\\u672c <!-- \\\\"], "output": "gen/fin\\"}];.bpf.o" } },
      "skeletons": [ { "of": "fin", "header": "gen/<h>\\\\.h", "payload": "gen/p.o" } ],
      "subskeletons": [ { "of": "lib", "header": "gen/<s attribute=\\"x\\" &quot;.h" } ] }
    """
}
