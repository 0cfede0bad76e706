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

  private let opened = Mutex<[String: Opened]>([:])
  private let questions = Mutex<[[Fingerprint]: KernelQuestions]>([:])
  private let answers = Mutex<[AnswersKey: KernelAnswers]>([:])
  private let kernels = Mutex<[KernelKey: [Fingerprint]]>([:])

  /// An answer takes a few KiB.
  private static let maximumAnswers = 10_000

  func opened(_ path: String) -> Opened? { opened.withLock { $0[path] } }

  func add(_ object: Opened, _ path: String) { opened.withLock { $0[path] = object } }

  /// What objects ask together.
  func questions(_ objects: [Opened]) -> KernelQuestions {
    let key = objects.map(\.signature)
    if let known = questions.withLock({ $0[key] }) { return known }
    let made = KernelQuestions(objects.map(\.object.needs))
    questions.withLock { $0[key] = made }
    return made
  }

  func answers(_ id: Fingerprint, to object: Opened) -> KernelAnswers? {
    answers.withLock { $0[AnswersKey(object: object.signature, answers: id)] }
  }

  func add(_ found: KernelAnswers, _ id: Fingerprint, to object: Opened) {
    answers.withLock { known in
      if known.count < KernelPool.maximumAnswers {
        known[AnswersKey(object: object.signature, answers: id)] = found
      }
    }
  }

  /// What another kernel of the same bytes answered.
  ///
  /// - Parameter kernel: the signatures of its files.
  func ids(of kernel: [Fingerprint], for objects: [Opened]) -> [Fingerprint]? {
    kernels.withLock { $0[KernelKey(kernel: kernel, objects: objects.map(\.signature))] }
  }

  func add(_ ids: [Fingerprint], of kernel: [Fingerprint], for objects: [Opened]) {
    kernels.withLock { $0[KernelKey(kernel: kernel, objects: objects.map(\.signature))] = ids }
  }
}
