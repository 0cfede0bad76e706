internal import BPF
internal import BTF
internal import Bytes
internal import Files
internal import Incr

/// Whether kernels load objects. What takes long is to read a kernel, and a task does it that consumes no code: what a
/// kernel answers depends on its BTF and on what the objects ask. What programs reach depends on the code, and is a task
/// for each object that reads no kernel but one of each kind of answers.
extension ProjectRunner {
  func kernelNeeds(_ path: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let file = try content(path, at: 0, context, &work)
    let opened = try open(file, signature: context.inputs[0], &work)
    return work.outcome([opened.id])
  }

  func kernel(_ paths: [String], _ objects: [String], _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    var opened: [KernelPool.Opened] = []
    // An object that cannot be read keeps no kernel from answering the others.
    let readable = objects.indices.filter { !context.isLost(paths.count + $0) }
    guard !readable.isEmpty else { return work.outcome(objects.map { _ in KernelPool.noAnswer }) }
    func outcome(_ ids: [Fingerprint]) -> TaskOutcome {
      var all = objects.map { _ in KernelPool.noAnswer }
      for (index, id) in zip(readable, ids) { all[index] = id }
      return work.outcome(all)
    }
    for index in readable {
      let object = objects[index]
      // The object as it is now may ask something else than when its needs were found.
      if let known = kernels.opened(object), known.id == context.inputs[paths.count + index] {
        opened.append(known)
        continue
      }
      let found = try open(try work.read(object, expecting: nil), signature: nil, &work)
      guard found.id == context.inputs[paths.count + index] else { throw .file(.changedWhileRead(path: object)) }
      opened.append(found)
    }
    let signatures = Array(context.inputs[..<paths.count])
    if let known = kernels.ids(of: signatures, for: opened) { return outcome(known) }
    var files: [FileContent] = []
    for (index, path) in paths.enumerated() { files.append(try content(path, at: index, context, &work)) }
    let answers = try answers(of: files, to: kernels.questions(opened), &work)
    let ids = work.measure(.hash) { zip(answers, opened).map { $0.id($1.object.needs) } }
    for (index, object) in opened.enumerated() { kernels.add(answers[index], ids[index], to: object) }
    kernels.add(ids, of: signatures, for: opened)
    return outcome(ids)
  }

  func kernelCheck(
    _ spec: KernelCheckSpec, _ path: String, _ paths: [[String]], baseline: String?, report: String?,
    _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let signature = context.inputs[0]
    let opened: KernelPool.Opened
    if let known = kernels.opened(path), known.signature == signature {
      opened = known
    } else {
      opened = try open(try content(path, at: 0, context, &work), signature: signature, &work)
    }
    // A kernel that cannot be read is an error of its own task.
    let unread = paths.indices.filter { context.isLost(2 + $0) }
    var answers: [KernelAnswers?] = []
    for (index, kernel) in paths.enumerated() {
      guard !context.isLost(2 + index) else {
        answers.append(nil)
        continue
      }
      let found = try self.answers(context.inputs[2 + index], to: opened, of: kernel, &work)
      answers.append(found.of(spec.kernels[index].version, opened.object.needs))
    }
    var known: KernelBaseline?
    if let baseline {
      let file = try content(baseline, at: 2 + paths.count, context, &work)
      do throws(KernelBaseline.Fault) {
        known = try KernelBaseline(file.bytes)
      } catch { throw .baseline(path: baseline, error) }
    }
    let check = work.measure(.check) {
      let check = KernelCheck(
        kernels: zip(spec.kernels, paths).map {
          KernelFile(name: $0.name, path: shortPath($1[0], context), version: $0.version)
        }, unread: unread,
        objects: [KernelCheck.Object(path: shortPath(path, context), opened.object, kernels: answers)])
      return known?.compared(with: check, distinct: spec.baseline.map { [$0] }) ?? check
    }
    // A report has all failures: a new baseline is made of it.
    var outcome = work.outcome([Fingerprint(of: "loads")])
    if let report { outcome = try work.write(ByteRope(check.json()), to: report, .kernelCheck, self, context) }
    guard spec.isReportOnly || check.worstNew < .possible else { throw .kernels(object: path, check) }
    return outcome
  }

  /// As the graph has the path: a report is the same wherever the build runs.
  private func shortPath(_ path: String, _ context: TaskContext) -> String {
    let root = context.graph.root + "/"
    return !context.graph.root.isEmpty && path.hasBytes(root) ? String(path.dropFirst(root.count)) : path
  }

  // MARK: Reading

  private func open(
    _ file: FileContent, signature: Fingerprint?, _ work: inout TaskWork
  ) throws(ProjectFailure) -> KernelPool.Opened {
    let object = try work.measure(.open) { () throws(ProjectFailure) in
      do throws(ObjectError) {
        return try CheckedObject(file.bytes)
      } catch { throw .object(path: file.path, error) }
    }
    let opened = work.measure(.hash) {
      KernelPool.Opened(object: object, signature: signature ?? Fingerprint(of: file.bytes), id: object.needs.id)
    }
    kernels.add(opened, file.path)
    return opened
  }

  /// - Parameter files: a kernel's BTF, and that of its modules.
  private func answers(
    of files: [FileContent], to questions: KernelQuestions, _ work: inout TaskWork
  ) throws(ProjectFailure) -> [KernelAnswers] {
    try work.measure(.check) { () throws(ProjectFailure) in
      let modules = files.dropFirst().map { (name: Paths.name(of: $0.path), file: $0.bytes) }
      do throws(KernelReadingError) {
        return try questions.answers(of: files[0].bytes, modules: modules)
      } catch { throw .types(path: files[error.module.map { $0 + 1 } ?? 0].path, ObjectError(error.error)) }
    }
  }

  /// What a kernel answers to an object: what was found in this build, or is found again.
  ///
  /// - Parameter id: that of the answers.
  private func answers(
    _ id: Fingerprint, to object: KernelPool.Opened, of kernel: [String], _ work: inout TaskWork
  ) throws(ProjectFailure) -> KernelAnswers {
    if let known = kernels.answers(id, to: object) { return known }
    var files: [FileContent] = []
    for path in kernel { files.append(try work.read(path, expecting: nil)) }
    let found = try answers(of: files, to: kernels.questions([object]), &work)[0]
    guard found.id(object.object.needs) == id else { throw .file(.changedWhileRead(path: kernel[0])) }
    kernels.add(found, id, to: object)
    return found
  }
}
