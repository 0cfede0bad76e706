internal import BPF
internal import BTF
internal import Bytes
internal import Files
internal import GenGraph
internal import Synchronization

/// Objects and kernels of one command, read by several threads.
struct KernelRuns {
  let check: KernelCheck
  /// What is wrong with objects and kernels that could not be read.
  let failures: [Diagnostic]
  /// What is wrong with objects that could not be read.
  let objectFailures: [Diagnostic]

  /// Checks all objects against all kernels, with a kernel's BTF in memory for each thread.
  ///
  /// O(kernels x (a BTF + what objects ask)), and for each object O(its code) for each set of answers that is another one.
  init(objects paths: [String], kernels files: [KernelFile], jobs: Int) {
    var failures: [Diagnostic] = []
    var unreadObjects: [String] = []
    var objects: [(path: String, object: CheckedObject)] = []
    for path in paths {
      do throws(CommandError) {
        objects.append((path, try Self.object(path)))
      } catch {
        failures += error.diagnostics
        unreadObjects.append(path)
      }
    }
    let reading = KernelReading(objects: objects.map(\.object), kernels: files)
    if !objects.isEmpty { reading.run(jobs: jobs) }
    objectFailures = failures
    self.failures = failures + reading.failures
    let answers = reading.answers
    let unread = objects.isEmpty ? [] : files.indices.filter { answers[$0] == nil }
    let opened = objects
    let byObject = Mutex([KernelCheck.Object?](repeating: nil, count: opened.count))
    Threads.perform(opened.count, atMost: jobs) { number in
      let (path, object) = opened[number]
      let answers = files.indices.map { answers[$0]?[number].of(files[$0].version, object.needs) }
      let outcome = KernelCheck.Object(path: path, object, kernels: answers)
      byObject.withLock { $0[number] = outcome }
    }
    check = KernelCheck(
      kernels: files, unread: unread, objects: byObject.withLock { $0.compactMap(\.self) }, unreadObjects: unreadObjects
    )
  }

  private static func object(_ path: String) throws(CommandError) -> CheckedObject {
    let file = try Inputs.read(path) { Diagnostic(missingInput: $0) }
    do throws(ObjectError) {
      return try CheckedObject(file.bytes)
    } catch { throw CommandError.failed(Inputs.diagnostic(file, error)) }
  }
}

/// The kernels of one check, read by several threads.
private final class KernelReading: Sendable {
  private let questions: KernelQuestions
  private let kernels: [KernelFile]
  private let found: Mutex<Found>

  private struct Found {
    /// By kernel the answers to each object; kernels of the same bytes share them.
    var answers: [Int: [KernelAnswers]] = [:]
    var failures: [Int: [Diagnostic]] = [:]
    /// The kernel that was read first of those with the same bytes.
    var first: [[Fingerprint]: Int] = [:]
    var same: [Int: Int] = [:]
  }

  init(objects: [CheckedObject], kernels: [KernelFile]) {
    self.kernels = kernels
    questions = KernelQuestions(objects.map(\.needs))
    found = Mutex(Found())
  }

  /// By kernel the answers to each object; nothing for kernels that could not be read.
  var answers: [Int: [KernelAnswers]] { found.withLock { $0.answers } }
  var failures: [Diagnostic] { found.withLock { $0.failures.sorted { $0.key < $1.key }.flatMap(\.value) } }

  func run(jobs: Int) {
    Threads.perform(kernels.count, atMost: jobs) { [self] in read($0) }
    found.withLock { found in
      for (kernel, first) in found.same {
        found.answers[kernel] = found.answers[first]
        guard let failures = found.failures[first] else { continue }
        // Files of the same content are damaged in the same way.
        let paths = Dictionary(zip(kernels[first].paths, kernels[kernel].paths)) { first, _ in first }
        found.failures[kernel] = failures.map { failure in
          var failure = failure
          failure.path = failure.path.map { paths[$0] ?? $0 }
          return failure
        }
      }
    }
  }

  private func read(_ kernel: Int) {
    do throws(CommandError) {
      var files: [FileContent] = []
      for path in kernels[kernel].paths { files.append(try Inputs.kernel(path)) }
      let content = files.map { Fingerprint(of: $0.bytes) }
      let isFirst = found.withLock { found in
        if let first = found.first[content] {
          found.same[kernel] = first
          return false
        }
        found.first[content] = kernel
        return true
      }
      guard isFirst else { return }
      let answers: [KernelAnswers]
      let modules = files.dropFirst().map {
        (name: $0.path.split(at: "/").last.map(String.init) ?? "", file: $0.bytes)
      }
      do throws(KernelReadingError) {
        answers = try questions.answers(of: files[0].bytes, modules: modules)
      } catch {
        let path = files[error.module.map { $0 + 1 } ?? 0].path
        throw CommandError.failed(Inputs.kernelDiagnostic(path, ObjectError(error.error)))
      }
      found.withLock { $0.answers[kernel] = answers }
    } catch {
      found.withLock { $0.failures[kernel] = error.diagnostics }
    }
  }
}
