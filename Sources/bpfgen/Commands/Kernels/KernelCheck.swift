internal import BPF
internal import BTF
internal import Bytes
internal import Dispatch
internal import Files
internal import Synchronization

/// The result of checking some objects against some kernels.
struct KernelCheck: Sendable {
  struct Object: Sendable {
    let path: String
    let id: Fingerprint
    /// Needs that BTF does not show.
    let unanswered: [String]
    /// Each outcome with the indices of its kernels; the most severe first.
    let outcomes: [(verdict: KernelVerdict, kernels: [Int])]
  }

  /// The kernels that were read.
  let kernels: [KernelFile]
  let objects: [Object]
  /// The errors of objects and kernels that could not be read.
  let failures: [Diagnostic]

  /// Checks all objects against all kernels, with one kernel's BTF in memory per thread.
  ///
  /// O(kernels x (BTF + needs of the objects)), and for each object O(code) for each different set of answers.
  init(objects paths: [String], kernels files: [KernelFile], jobs: Int) {
    var failures: [Diagnostic] = []
    var objects: [(path: String, object: CheckedObject)] = []
    for path in paths {
      do throws(CommandError) {
        objects.append((path, try Self.object(path)))
      } catch { failures += error.diagnostics }
    }
    let runs = KernelRuns(objects: objects.map(\.object), kernels: files)
    runs.run(jobs: jobs)
    failures += runs.failures
    self.failures = failures
    let isRead = runs.verdicts.map { !$0.isEmpty }
    kernels = zip(files, isRead).filter(\.1).map(\.0)
    let verdicts = runs.verdicts.filter { !$0.isEmpty }
    self.objects = objects.enumerated().map { number, entry in
      var kernels: [KernelVerdict: [Int]] = [:]
      for (kernel, found) in verdicts.enumerated() { kernels[found[number], default: []].append(kernel) }
      return Object(
        path: entry.path, id: entry.object.needs.id, unanswered: entry.object.unanswered,
        outcomes: Self.sorted(kernels))
    }
  }

  init(kernels: [KernelFile], objects: [Object], failures: [Diagnostic]) {
    self.kernels = kernels
    self.objects = objects
    self.failures = failures
  }

  /// Outcomes, the most severe first.
  static func sorted(_ outcomes: [KernelVerdict: [Int]]) -> [(verdict: KernelVerdict, kernels: [Int])] {
    outcomes.map { (verdict: $0.key, kernels: $0.value) }.sorted {
      $0.verdict.level != $1.verdict.level ? $0.verdict.level > $1.verdict.level : $0.kernels[0] < $1.kernels[0]
    }
  }

  private static func object(_ path: String) throws(CommandError) -> CheckedObject {
    let file = try Inputs.read(path)
    do throws(ObjectError) {
      return try CheckedObject(file.bytes)
    } catch { throw CommandError.failed(Inputs.diagnostic(file, error)) }
  }
}

/// The kernels of one check, shared by several threads.
private final class KernelRuns: Sendable {
  private let objects: [CheckedObject]
  private let kernels: [KernelFile]
  private let names: KernelNames
  private let found: Mutex<Found>

  private struct Found {
    /// For each kernel the answers to each object; kernels with the same bytes share them.
    var answers: [[KernelAnswers]]
    var failures: [Int: [Diagnostic]] = [:]
    /// The first kernel that was read for each content.
    var first: [Fingerprint: Int] = [:]
    var same: [Int: Int] = [:]
    var verdicts: [[KernelVerdict]] = []
  }

  init(objects: [CheckedObject], kernels: [KernelFile]) {
    self.objects = objects
    self.kernels = kernels
    names = objects.reduce(into: KernelNames()) { $0.formUnion($1.needs.names) }
    found = Mutex(Found(answers: Array(repeating: [], count: kernels.count)))
  }

  /// For each kernel the verdict on each object; empty for kernels that could not be read.
  var verdicts: [[KernelVerdict]] { found.withLock { $0.verdicts } }
  var failures: [Diagnostic] { found.withLock { $0.failures.sorted { $0.key < $1.key }.flatMap(\.value) } }

  func run(jobs: Int) {
    guard !objects.isEmpty else { return found.withLock { $0.verdicts = Array(repeating: [], count: kernels.count) } }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(jobs, kernels.count)) { _ in
      while true {
        let kernel = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard kernel < kernels.count else { return }
        read(kernel)
      }
    }
    decide(jobs: jobs)
  }

  private func read(_ kernel: Int) {
    do throws(CommandError) {
      let file = try Inputs.read(kernels[kernel].path)
      let content = Fingerprint(of: file.bytes)
      let isFirst = found.withLock { found in
        if let first = found.first[content] {
          found.same[kernel] = first
          return false
        }
        found.first[content] = kernel
        return true
      }
      guard isFirst else { return }
      let types: KernelTypes
      do throws(BTFError) {
        types = KernelTypes(try TypesFile(file.bytes).checked(base: nil), asked: names)
      } catch { throw CommandError.failed(Inputs.typesDiagnostic(file, ObjectError(error))) }
      let answers = objects.map { KernelAnswers($0.needs, types) }
      found.withLock { $0.answers[kernel] = answers }
    } catch {
      found.withLock { $0.failures[kernel] = error.diagnostics }
    }
  }

  /// An object has few different verdicts: kernels with the same answers share one.
  private func decide(jobs: Int) {
    let (all, failures) = found.withLock { found in
      for (kernel, first) in found.same {
        found.answers[kernel] = found.answers[first]
        guard found.failures[first] != nil else { continue }
        found.failures[kernel] = [
          Diagnostic(
            path: kernels[kernel].path, what: "is the same as \(kernels[first].path), which cannot be read")
        ]
      }
      return (found.answers, found.failures)
    }
    let byObject = Mutex([[KernelVerdict?]](repeating: [], count: objects.count))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(jobs, objects.count)) { _ in
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < objects.count else { return }
        let object = objects[number]
        var known: [KernelAnswers: KernelVerdict] = [:]
        let verdicts: [KernelVerdict?] = kernels.indices.map { kernel in
          guard failures[kernel] == nil else { return nil }
          let answers = all[kernel][number].of(kernels[kernel].version, object.needs)
          if let verdict = known[answers] { return verdict }
          let verdict = object.verdict(answers)
          known[answers] = verdict
          return verdict
        }
        byObject.withLock { $0[number] = verdicts }
      }
    }
    let table = byObject.withLock { $0 }
    let verdicts = kernels.indices.map { kernel in table.compactMap { $0[kernel] } }
    found.withLock { $0.verdicts = verdicts }
  }
}
