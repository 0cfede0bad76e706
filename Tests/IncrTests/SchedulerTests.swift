import Foundation
import Testing

@testable import Incr

/// The decisions of a build, without files, threads and a state: what is due, what is decided, what can run.
@Suite("The scheduler")
struct SchedulerTests {
  /// A scheduler of a graph, and its results so far.
  private final class Play {
    let graph: TaskGraph
    var scheduler: Scheduler
    /// Tasks that are up to date, and tasks of which a source is missing.
    var upToDate: Set<String> = []
    var missing: Set<String> = []

    /// - Parameter needs: for each task, by its name, the tasks that it consumes something of.
    /// - Parameters:
    ///   - tolerant: tasks that do without values of other tasks, but not of one another.
    ///   - showsLosses: whether they run again when such a value is lost.
    init(
      _ needs: [(String, [String])], maximumFailures: Int = 0, tolerant: Set<String> = [], showsLosses: Bool = false
    ) throws {
      var builder = TaskGraphBuilder()
      var ids: [String: TaskID] = [:]
      for (name, producers) in needs {
        ids[name] = try builder.add(
          Rule(name: tolerant.contains(name) ? "tolerant" : "value", version: 1), name: name, parameters: "",
          inputs: producers.map { .value(ids[$0]!, 0) },
          values: 1)
      }
      graph = try builder.build()
      scheduler = Scheduler(
        graph, maximumFailures: maximumFailures,
        tolerances: ["tolerant": Tolerance(of: ["value"], showsLosses: showsLosses)])
      scheduler.begin(Array(graph.order))
    }

    /// Makes all decisions that are possible now, and returns them as text.
    func decisions() -> [String] {
      var log: [String] = []
      while let step = scheduler.next() {
        switch step {
        case .skipped(let task): log.append("\(graph.name(task)) skipped")
        case .due(let task):
          let name = graph.name(task)
          let files: Scheduler.FileStatus =
            missing.contains(name)
            ? .unusable(.missing(path: name)) : upToDate.contains(name) ? .upToDate : .outOfDate(.neverRan)
          switch scheduler.decide(task, files) {
          case .kept: log.append("\(name) kept")
          case .ready: log.append("\(name) ready")
          case .skipped: log.append("\(name) skipped")
          case .failed: log.append("\(name) failed")
          }
        }
      }
      return log
    }

    /// Starts all ready tasks; returns their names in order.
    func started() -> [String] {
      var names: [String] = []
      while let task = scheduler.start() { names.append(graph.name(task)) }
      return names
    }

    func task(_ name: String) -> TaskID { graph.tasks.first { graph.name($0) == name }! }
  }

  private static let diamond: [(String, [String])] = [("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"])]

  @Test("a task is due when everything that it consumes is settled, and not before")
  func order() throws {
    let play = try Play(Self.diamond)
    #expect(play.decisions() == ["a ready"])
    #expect(play.started() == ["a"])
    #expect(play.decisions() == [])
    play.scheduler.finish(play.task("a"), product: nil)
    #expect(play.decisions() == ["b ready", "c ready"])
    #expect(play.started() == ["b", "c"])
    play.scheduler.finish(play.task("c"), product: nil)
    #expect(play.decisions() == [])
    play.scheduler.finish(play.task("b"), product: nil)
    #expect(play.decisions() == ["d ready"])
  }

  @Test("an up-to-date task is kept, and tasks that need it are due immediately")
  func kept() throws {
    var play = try Play(Self.diamond)
    play.upToDate = ["a", "b", "c", "d"]
    #expect(play.decisions() == ["a kept", "b kept", "c kept", "d kept"])
    play = try Play(Self.diamond)
    play.upToDate = ["b", "c", "d"]
    #expect(play.decisions() == ["a ready"])
    _ = play.started()
    play.scheduler.finish(play.task("a"), product: nil)
    #expect(play.decisions() == ["b kept", "c kept", "d kept"])
  }

  @Test("tasks that need a failed task are skipped, and no others")
  func failed() throws {
    let play = try Play(Self.diamond + [("e", [])])
    #expect(play.decisions() == ["a ready", "e ready"])
    #expect(play.started() == ["a", "e"])
    play.scheduler.fail(play.task("a"))
    #expect(play.decisions() == ["b skipped", "c skipped", "d skipped"])
    play.scheduler.finish(play.task("e"), product: nil)
    #expect(play.decisions() == [])
  }

  @Test("a task of a tolerant rule does without the value of a failed task, and what needs the failed task is skipped")
  func tolerant() throws {
    let play = try Play(
      [("a", []), ("b", []), ("list", ["a", "b"]), ("c", ["a"]), ("d", ["list"])], tolerant: ["list"])
    play.missing = ["a"]
    #expect(play.decisions() == ["a failed", "b ready", "c skipped"])
    #expect(play.started() == ["b"])
    play.scheduler.finish(play.task("b"), product: nil)
    #expect(play.decisions() == ["list ready"])
    #expect(play.started() == ["list"])
    #expect(play.scheduler.lostProducers(of: play.task("list")) == [play.task("a")])
    play.scheduler.finish(play.task("list"), product: nil)
    #expect(play.decisions() == ["d ready"])
  }

  @Test("a task is tolerant of values of some rules only")
  func tolerantOfSome() throws {
    let play = try Play([("a", []), ("list", ["a"]), ("more", ["list"])], tolerant: ["list", "more"])
    play.missing = ["list"]
    #expect(play.decisions() == ["a ready"])
    _ = play.started()
    play.scheduler.finish(play.task("a"), product: nil)
    #expect(play.decisions() == ["list failed", "more skipped"])
  }

  @Test("a loss is shown when its task failed, and not when the build ended before the task could run")
  func shownLosses() throws {
    for shows in [true, false] {
      let play = try Play([("a", []), ("b", []), ("list", ["a", "b"])], tolerant: ["list"], showsLosses: shows)
      play.missing = ["a"]
      #expect(play.decisions() == ["a failed", "b ready"])
      play.scheduler.abandon()
      #expect(play.decisions() == ["b skipped", "list ready", "list skipped"])
      #expect(play.scheduler.shownLosses(of: play.task("list")) == (shows ? [play.task("a")] : []))
      #expect(play.scheduler.lostProducers(of: play.task("list")) == [play.task("a"), play.task("b")])
    }
  }

  @Test("a missing source fails its task, and after enough failures the task is skipped", arguments: [0, 1, 2])
  func missing(_ maximumFailures: Int) throws {
    let play = try Play([("a", []), ("b", []), ("c", ["a"]), ("d", [])], maximumFailures: maximumFailures)
    play.missing = ["a", "b"]
    let second = maximumFailures == 1 ? "skipped" : "failed"
    #expect(play.decisions() == ["a failed", "b \(second)", "d ready", "c skipped"])
    #expect(play.scheduler.hasFailedEnough == (maximumFailures > 0))
  }

  @Test("an abandoned build skips ready tasks and the tasks that need them")
  func abandoned() throws {
    let play = try Play(Self.diamond + [("e", []), ("f", ["e"])])
    #expect(play.decisions() == ["a ready", "e ready"])
    play.scheduler.abandon()
    #expect(play.decisions() == ["a skipped", "b skipped", "c skipped", "d skipped", "e skipped", "f skipped"])
    #expect(play.scheduler.start() == nil)
  }

  @Test("a started task that did not run is ready again")
  func putBack() throws {
    let play = try Play(Self.diamond)
    _ = play.decisions()
    #expect(play.started() == ["a"])
    play.scheduler.putBack(play.task("a"))
    #expect(play.started() == ["a"])
  }

  @Test("the longest path starts first, but after tasks whose values are in memory")
  func priorities() throws {
    let play = try Play([("a", []), ("b", ["a"]), ("x", []), ("p", []), ("q", ["p"]), ("r", ["q"])])
    _ = play.decisions()
    #expect(play.started() == ["p", "a", "x"])
    play.scheduler.finish(play.task("p"), product: nil)
    play.scheduler.finish(play.task("a"), product: 1)
    _ = play.decisions()
    #expect(play.scheduler.handedOn(to: play.task("b")).count == 1)
    #expect(play.started() == ["b", "q"])
  }

  // MARK: Shapes

  private static let count = ProcessInfo.processInfo.environment["BPFGEN_TEST_TIER"] == "full" ? 200_000 : 50_000

  @Test("decides about graphs of any depth and width on a stack of 256 KiB", arguments: GraphShapeTests.Shape.allCases)
  func stack(_ shape: GraphShapeTests.Shape) async throws {
    let graph = try shape.graph(Self.count)
    let decided: (ran: Int, skipped: Int) = await withCheckedContinuation { continuation in
      let thread = Thread {
        let ran = Self.play(graph, failing: nil).ran
        continuation.resume(returning: (ran, Self.play(graph, failing: TaskID(0)).skipped))
      }
      thread.stackSize = 256 << 10
      thread.start()
    }
    #expect(decided.ran == Self.count)
    #expect(decided.skipped == shape.lost(Self.count))
  }

  /// Goes through a graph in which every task has to run.
  private static func play(_ graph: TaskGraph, failing: TaskID?) -> (ran: Int, skipped: Int) {
    var scheduler = Scheduler(graph, maximumFailures: 0)
    scheduler.begin(Array(graph.order))
    var (ran, skipped) = (0, 0)
    while true {
      while let step = scheduler.next() {
        switch step {
        case .skipped: skipped += 1
        case .due(let task): _ = scheduler.decide(task, .outOfDate(.neverRan))
        }
      }
      guard let task = scheduler.start() else { return (ran, skipped) }
      if task == failing {
        scheduler.fail(task)
      } else {
        scheduler.finish(task, product: nil)
        ran += 1
      }
    }
  }
}
