import Foundation
import Incr
import Testing

@Suite("A build runs what an edit requires, and nothing else")
struct EngineTests {
  @Test("first everything, then nothing")
  func nothingToDo() throws {
    let story = try Story()
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
    #expect(try story.read("aab") == "one\none\ntwo\n")
  }

  @Test("an edit that does not change a value stops there")
  func earlyCutoff() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("zwei\n", to: "b")
    #expect(try story.build() == "ab aab n")
    try story.write("zwei\ndrei\n", to: "b")
    #expect(try story.build() == "ab aab n r")
  }

  @Test("a touched file without a change runs nothing")
  func touch() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("one\n", to: "a")
    #expect(try story.build() == "")
  }

  @Test("a tree whose files were all copied runs nothing but what was edited", arguments: [1, 4])
  func copied(_ jobs: Int) throws {
    let story = try Story(joins: 600)
    story.jobs = jobs
    _ = try story.build()
    for name in try FileManager.default.contentsOfDirectory(atPath: story.folder) where name != "state" {
      try story.write(name == "j7" ? "edited\n" : story.read(name), to: name)
    }
    #expect(try story.build() == "j7")
    #expect(try story.build() == "")
    #expect(try story.read("j7") == story.read("j9"))
  }

  @Test("new content of the same size under the old times is seen")
  func sameSizeSameTime() throws {
    let story = try Story()
    _ = try story.build()
    let old = try FileManager.default.attributesOfItem(atPath: story.path("b"))[.modificationDate]!
    try story.write("TWO\n", to: "b")
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: story.path("b"))
    #expect(try story.build() == "ab aab n")
  }

  @Test("an edited or removed output is made again, and nothing after it")
  func outputsAreChecked() throws {
    let story = try Story()
    _ = try story.build()
    try story.write("mine\n", to: "ab")
    #expect(try story.build() == "ab")
    try FileManager.default.removeItem(atPath: story.path("aab"))
    #expect(try story.build() == "aab")
    #expect(try story.read("aab") == "one\none\ntwo\n")
    #expect(try story.build() == "")
  }

  @Test("a state of another version is not damage, and is replaced")
  func otherVersion() throws {
    let story = try Story()
    _ = try story.build()
    let state = URL(fileURLWithPath: story.path("state/state"))
    var bytes = try Data(contentsOf: state)
    bytes[0] ^= 0xff
    try bytes.write(to: state)
    #expect(try !StateStore(folder: story.path("state"), waiting: { _ in }).wasDamaged)
    #expect(try story.build() == "ab aab n r")
    bytes[7] ^= 0xff
    try bytes.write(to: state)
    #expect(try StateStore(folder: story.path("state"), waiting: { _ in }).wasDamaged)
  }

  @Test("other parameters run every task")
  func parameters() throws {
    let story = try Story()
    _ = try story.build()
    story.parameters = "other"
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
  }

  @Test("another version of a rule runs its tasks, and tasks after them only if their results differ")
  func ruleVersion() throws {
    let story = try Story()
    _ = try story.build()
    story.joinVersion = 2
    #expect(try story.build() == "ab aab")
    #expect(try story.build() == "")
  }

  @Test("a failure stops the tasks that need it, and is gone when fixed")
  func failure() throws {
    let story = try Story()
    try story.write("broken\n", to: "b")
    #expect(try story.build() == " !ab")
    try story.write("two\n", to: "b")
    #expect(try story.build() == "ab aab n r")
  }

  @Test("a missing source is named")
  func missingSource() throws {
    let story = try Story()
    try FileManager.default.removeItem(atPath: story.path("b"))
    #expect(try story.build() == " !ab")
  }

  @Test("a lost state costs work and nothing else")
  func noState() throws {
    let story = try Story()
    _ = try story.build()
    try FileManager.default.removeItem(atPath: story.path("state"))
    try story.write("new\n", to: "b")
    #expect(try story.build() == "ab aab n r")
    #expect(try story.read("aab") == "one\none\nnew\n")
  }

  @Test("the number of jobs changes nothing", arguments: [1, 2, 8, 64])
  func jobs(_ jobs: Int) throws {
    let story = try Story()
    story.jobs = jobs
    #expect(try story.build() == "ab aab n r")
    #expect(try story.build() == "")
  }

  @Test("a cycle is reported completely, two writers by name")
  func badGraphs() throws {
    var builder = TaskGraphBuilder()
    let none = ""
    _ = try builder.add(TextRunner.join, name: "x", parameters: none, inputs: [.file("c")], outputs: ["a"])
    _ = try builder.add(TextRunner.join, name: "y", parameters: none, inputs: [.file("a")], outputs: ["b"])
    _ = try builder.add(TextRunner.join, name: "z", parameters: none, inputs: [.file("b")], outputs: ["c"])
    #expect(throws: GraphError.cycle(tasks: ["x", "z", "y", "x"])) { try builder.build() }
    #expect(throws: GraphError.twoWriters(path: "a", first: "x", second: "w")) {
      try builder.add(TextRunner.join, name: "w", parameters: none, inputs: [], outputs: ["a"])
    }
  }
}
