public import BPFObject
internal import Emit
public import Incr

/// Why a task of a project failed.
public enum ProjectFailure: Error, Sendable {
  case file(FileError)
  case object(path: String, ObjectError)
  case payload(path: String, message: String)
  /// `--like` names no object of a machine that programs run on.
  case likeNotObject(path: String)
  /// A library and the final that it was linked into disagree.
  case contract(library: String, final: String, [LayoutChange])
}

/// Does what the tasks of a project ask for.
public struct ProjectRunner: TaskRunner {
  private let actions: [Project.Action]
  private let staging: String

  public init(_ project: Project) {
    actions = project.actions
    staging = StateStore.staging(in: Paths.join(project.root, ProjectBuild.stateFolder))
  }

  public func run(_ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    switch actions[Int(context.task.raw)] {
    case .link(let inputs, let output): try link(inputs, output, context)
    case .inspect(let path, let headers, let hasContract): try inspect(path, headers, hasContract, context)
    case .header(let spec, let path): try header(spec, path, context)
    case .payload(let path, let spec, let output, let like, let strip):
      try payload(path, spec, output, like, strip, context)
    case .check(let library, let final): try check(library, final, context)
    }
  }

  // MARK: The tasks

  private func link(_ paths: [String], _ output: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var files: [FileContent] = []
    for (path, signature) in zip(paths, context.inputs) { files.append(try read(path, expecting: signature)) }
    let linked: [UInt8]
    do throws(LinkError) {
      linked = try StaticLinker.link(files)
    } catch { throw .object(path: error.path, error.error) }
    return try write(ByteRope(linked), to: output, bytesRead: files.reduce(0) { $0 + $1.bytes.count })
  }

  private func inspect(
    _ path: String, _ headers: [Project.HeaderSpec], _ hasContract: Bool, _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    let file = try read(path, expecting: context.inputs[0])
    let object = try open(file, assertMembers: headers.contains(where: \.assertMembers))
    var results = headers.map { layout(object, $0).id(for: HeaderOptions(kind: $0.kind)) }
    if hasContract { results.append(object.contract().id) }
    return TaskOutcome(results: results, bytesRead: file.bytes.count, product: object)
  }

  private func header(_ spec: Project.HeaderSpec, _ path: String, _ context: TaskContext) throws(ProjectFailure)
    -> TaskOutcome
  {
    var payload: [UInt8] = []
    var bytesRead = 0
    if spec.kind == .selfContained {
      let file = try read(path, expecting: context.inputs[1])
      bytesRead = file.bytes.count
      payload = spec.strip ? try strip(file) : file.bytes
    }
    let object = try object(path, from: 0, context, assertMembers: spec.assertMembers)
    let header = Header(layout(object, spec), options: HeaderOptions(kind: spec.kind), payload: payload)
    guard header.banner.layout == context.inputs[0] else { throw .file(.changedWhileRead(path: path)) }
    return try write(header.text(), to: spec.path, bytesRead: bytesRead)
  }

  private func payload(
    _ path: String, _ spec: Project.HeaderSpec, _ output: String, _ like: String?, _ isStripped: Bool,
    _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    let file = try read(path, expecting: context.inputs[1])
    let bytes = isStripped ? try strip(file) : file.bytes
    let symbols = PayloadSymbols(name: spec.name, layoutID: context.inputs[0])
    if output.hasSuffix(".c") {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let source = PayloadSource(symbols: symbols, payload: bytes, fileName: name)
      return try write(source.text(), to: output, bytesRead: file.bytes.count)
    }
    var target = TargetMachine.host
    if let like {
      guard let machine = TargetMachine(likeObject: try read(like, expecting: context.inputs[2]).bytes) else {
        throw .likeNotObject(path: like)
      }
      target = machine
    }
    let object: ByteRope
    do throws(PayloadObject.Failure) {
      object = try PayloadObject(symbols: symbols, target: target, payload: bytes).bytes()
    } catch {
      switch error {
      case .libelf(let message): throw .payload(path: output, message: message)
      case .file(let error): throw .file(error)
      }
    }
    return try write(object, to: output, bytesRead: file.bytes.count)
  }

  private func check(_ library: String, _ final: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    let libraryObject = try object(library, from: 0, context, assertMembers: false)
    let finalObject = try object(final, from: 1, context, assertMembers: false)
    let violations = ContractCheck.violations(library: libraryObject, final: finalObject)
    guard violations.isEmpty else { throw .contract(library: library, final: final, violations) }
    return TaskOutcome(results: [Fingerprint(of: "agreed")])
  }

  // MARK: Files and objects

  /// - Parameter expecting: the signature that the task consumes: a file that changed since would give it wrong results.
  private func read(_ path: String, expecting signature: Fingerprint?) throws(ProjectFailure) -> FileContent {
    do throws(FileError) {
      let file = try FileContent(path: path)
      if let signature, Fingerprint(of: file.bytes) != signature { throw .changedWhileRead(path: path) }
      return file
    } catch { throw .file(error) }
  }

  private func write(_ bytes: ByteRope, to path: String, bytesRead: Int) throws(ProjectFailure) -> TaskOutcome {
    do throws(FileError) {
      try Folders.make(for: path)
      let outcome = try AtomicOutput.write(bytes, to: path, staging: staging)
      return TaskOutcome(
        results: [Fingerprint(of: bytes)], filesWritten: outcome == .written ? 1 : 0, bytesRead: bytesRead,
        bytesWritten: outcome == .written ? bytes.count : 0)
    } catch { throw .file(error) }
  }

  private func strip(_ file: FileContent) throws(ProjectFailure) -> [UInt8] {
    do throws(ObjectError) {
      return try DebugStripper.strip(file.bytes)
    } catch { throw .object(path: file.path, error) }
  }

  /// The struct's name is each header's own: the object is opened once for all of them.
  private func open(_ file: FileContent, assertMembers: Bool) throws(ProjectFailure) -> BPFObject {
    do throws(ObjectError) {
      return try BPFObject(file.bytes, name: "object", assertMembers: assertMembers)
    } catch { throw .object(path: file.path, error) }
  }

  private func layout(_ object: BPFObject, _ spec: Project.HeaderSpec) -> ExportedLayout {
    var layout = object.layout
    layout.name = spec.name
    if !spec.assertMembers { layout.userTypes = [] }
    return layout
  }

  /// The object that the producer of an input opened in this build, or else opened again.
  private func object(
    _ path: String, from input: Int, _ context: TaskContext, assertMembers: Bool
  ) throws(ProjectFailure) -> BPFObject {
    let inputs = context.graph.inputs(context.task)
    let producer = context.graph.producer(SlotID(inputs[inputs.startIndex + input]))
    if let producer, let object = context.products[producer] as? BPFObject { return object }
    return try open(try read(path, expecting: nil), assertMembers: assertMembers)
  }
}
