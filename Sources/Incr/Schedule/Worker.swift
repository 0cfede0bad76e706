internal import Files

/// How a started task ended.
enum Conclusion<Failure: Error>: Sendable {
  /// - Parameter stamps: of the output files.
  case made(TaskOutcome, stamps: [TakenStamp])
  case failed(BuildFailure<Failure>)
  /// The task cannot be decoded from the graph.
  case unreadable
  /// The worker did not start it, because an earlier task of the batch did not succeed.
  case notBegun

  var isSuccess: Bool { if case .made = self { true } else { false } }
}

/// A worker's result for one task.
struct WorkerReport<Failure: Error>: Sendable {
  let task: TaskID
  let worker: Int
  let conclusion: Conclusion<Failure>
  /// The sources that were read for it, by slot.
  let signed: [(slot: Int, file: SignedFile)]
  let startNanos: Int64
  let endNanos: Int64
}

/// Runs tasks on its own thread: it takes and returns values, and knows nothing about the build.
struct Worker<Runner: TaskRunner>: Sendable {
  let number: Int
  let runner: Runner

  /// Runs tasks one after the other, up to the first that does not succeed.
  func run(_ batch: [TaskContext]) -> [WorkerReport<Runner.Failure>] {
    var reports: [WorkerReport<Runner.Failure>] = []
    var isStopped = false
    for context in batch {
      let start = Clock.monotonicNanos()
      var signed: [(slot: Int, file: SignedFile)] = []
      let conclusion = isStopped ? .notBegun : run(context, &signed)
      isStopped = !conclusion.isSuccess
      reports.append(
        WorkerReport(
          task: context.task, worker: number, conclusion: conclusion, signed: signed, startNanos: start,
          endNanos: Clock.monotonicNanos()))
    }
    return reports
  }

  private func run(
    _ context: TaskContext, _ signed: inout [(slot: Int, file: SignedFile)]
  ) -> Conclusion<Runner.Failure> {
    var context = context
    if !context.unsigned.isEmpty {
      let slots = context.graph.inputs(context.task)
      var (inputs, contents) = (context.inputs, context.contents)
      for index in context.unsigned {
        let slot = Int(slots[slots.startIndex + index])
        do throws(FileError) {
          let (file, content) = try SignedFile.read(context.graph.path(slot))
          signed.append((slot, file))
          inputs[index] = file.signature
          contents[index] = content
        } catch { return .failed(.source(error)) }
      }
      context = context.with(inputs: inputs, contents: contents)
    }
    let outcome: TaskOutcome
    do throws(Runner.Failure) {
      guard let made = try runner.run(context) else { return .unreadable }
      outcome = made
    } catch { return .failed(.task(error)) }
    var stamps = outcome.stamps
    for slot in context.graph.outputs(context.task).dropFirst(stamps.count) {
      let recorded = Clock.fileNanos()
      do throws(FileError) {
        let path = context.graph.path(slot)
        guard let stamp = try FileStamp(path: path) else { return .failed(.outputMissing(path: path)) }
        stamps.append(TakenStamp(stamp, recordedNanos: recorded))
      } catch { return .failed(.source(error)) }
    }
    return .made(outcome, stamps: stamps)
  }
}
