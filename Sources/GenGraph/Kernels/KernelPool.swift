internal import BPF
internal import Bytes
internal import Synchronization

/// What the tasks of one build know of objects and kernels, so that none reads again what another one has read.
///
/// It is a convenience: what is not in it is read. Of what kernels answer it holds so much that memory stays bounded
/// when thousands of kernels all answer differently.
final class KernelPool: Sendable {
  /// An object as a task opened it.
  struct Opened: Sendable {
    let object: CheckedObject
    /// Of the file's content.
    let signature: Fingerprint
    /// What it asks.
    let id: Fingerprint
  }

  private struct AnswersKey: Hashable {
    /// Of the object: its order is that of the answers.
    let object: Fingerprint
    let answers: Fingerprint
  }

  private struct KernelKey: Hashable {
    let kernel: [Fingerprint]
    let objects: [Fingerprint]
  }

  /// For an object that could not be read: no id of answers, which are hashes.
  static let noAnswer = Fingerprint(high: 0, low: 0)

  private struct Known {
    var opened: [String: Opened] = [:]
    var questions: [[Fingerprint]: KernelQuestions] = [:]
    var answers: [AnswersKey: KernelAnswers] = [:]
    var kernels: [KernelKey: [Fingerprint]] = [:]
  }

  /// In one struct: to release a dictionary that is directly in a mutex, Swift first makes its type's metadata, which
  /// was a twelfth of the instructions of a build with nothing to do.
  private let known = Mutex(Known())

  /// An answer takes a few KiB.
  private static let maximumAnswers = 10_000

  func opened(_ path: String) -> Opened? { known.withLock { $0.opened[path] } }

  func add(_ object: Opened, _ path: String) { known.withLock { $0.opened[path] = object } }

  /// What objects ask together.
  func questions(_ objects: [Opened]) -> KernelQuestions {
    let key = objects.map(\.signature)
    if let questions = known.withLock({ $0.questions[key] }) { return questions }
    let made = KernelQuestions(objects.map(\.object.needs))
    known.withLock { $0.questions[key] = made }
    return made
  }

  func answers(_ id: Fingerprint, to object: Opened) -> KernelAnswers? {
    known.withLock { $0.answers[AnswersKey(object: object.signature, answers: id)] }
  }

  func add(_ found: KernelAnswers, _ id: Fingerprint, to object: Opened) {
    known.withLock { known in
      if known.answers.count < KernelPool.maximumAnswers {
        known.answers[AnswersKey(object: object.signature, answers: id)] = found
      }
    }
  }

  /// What another kernel of the same bytes answered.
  ///
  /// - Parameter kernel: the signatures of its files.
  func ids(of kernel: [Fingerprint], for objects: [Opened]) -> [Fingerprint]? {
    known.withLock { $0.kernels[KernelKey(kernel: kernel, objects: objects.map(\.signature))] }
  }

  func add(_ ids: [Fingerprint], of kernel: [Fingerprint], for objects: [Opened]) {
    known.withLock { $0.kernels[KernelKey(kernel: kernel, objects: objects.map(\.signature))] = ids }
  }
}
