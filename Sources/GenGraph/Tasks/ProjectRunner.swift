package import BPF
internal import BTF
internal import Bytes
internal import ELF
package import Emit
package import Files
package import Incr

/// Why a task of a project failed.
package enum ProjectFailure: Error, Sendable {
  case file(FileError)
  case object(path: String, ObjectError)
  /// A file that is read only for its types, like a kernel's.
  case types(path: String, ObjectError)
  /// What `like` names does not describe a machine.
  case like(path: String, TargetMachine.Fault)
  /// The file given as `like` has another byte order than the object and its loader.
  case likeByteOrder(path: String, object: String)
  /// A library and the final that contains it disagree.
  case contract(library: String, final: String, [LayoutChange])
  /// Kernels do not load an object, for something that its baseline does not have: all that was found of it.
  case kernels(object: String, KernelCheck)
  /// A baseline is something else.
  case baseline(path: String, KernelBaseline.Fault)
}

/// Runs the tasks of a project.
package struct ProjectRunner: TaskRunner {
  /// The folder for temporary files; `nil` to put them next to each output.
  let staging: String?
  let folders: OutputFolders
  let kernels = KernelPool()
  /// Whether files that this program did not make are written over.
  let replacesAnything: Bool

  package init(_ project: Project) {
    let (folder, _) = ProjectBuild.state(of: project.name, below: project.root)
    self.init(root: project.root, staging: StateStore.staging(in: folder))
  }

  init(root: String, staging: String?, replacesAnything: Bool = false) {
    self.staging = staging
    folders = OutputFolders(root: root)
    self.replacesAnything = replacesAnything
  }

  package func run(_ context: TaskContext) throws(ProjectFailure) -> TaskOutcome? {
    switch TaskAction(context.task, of: context.graph) {
    case nil: nil
    case .link(let inputs, let output, _): try link(inputs, output, context)
    case .inspect(let path, let headers, let hasContract): try inspect(path, headers, hasContract, context)
    case .header(let spec, let path, let output): try header(spec, path, output, context)
    case .payload(let spec, let path, let output, let like): try payload(spec, path, output, like, context)
    case .check(let library, let final): try check(library, final, context)
    case .needs(let path): try needs(path, context)
    case .minimalBTF(let kernel, let objects, let output): try minimalBTF(kernel, objects, output, context)
    case .kernelNeeds(let path): try kernelNeeds(path, context)
    case .kernel(let path, let objects): try kernel(path, objects, context)
    case .kernelCheck(let spec, let path, let paths, let baseline, let report):
      try kernelCheck(spec, path, paths, baseline: baseline, report: report, context)
    }
  }

  // MARK: The tasks

  private func link(_ paths: [String], _ output: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    var files: [FileContent] = []
    for (index, path) in paths.enumerated() { files.append(try content(path, at: index, context, &work)) }
    let linked = try work.measure(.link) { () throws(ProjectFailure) in
      do throws(LinkError) {
        return try StaticLinker.link(files.map { ($0.path, $0.bytes) })
      } catch { throw .object(path: error.path, error.error) }
    }
    return try work.write(ByteRope(linked), to: output, .link, self, context)
  }

  private func inspect(
    _ path: String, _ headers: [HeaderSpec], _ hasContract: Bool, _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let file = try content(path, at: 0, context, &work)
    let object = try work.open(file, assertMembers: headers.contains(where: \.assertMembers))
    var lights: [HeaderSpec: LightObject] = [:]
    for spec in headers where spec.kind.isLight { lights[spec] = try work.openLight(file, spec) }
    let results = work.measure(.hash) {
      headers.map { (lights[$0]?.layout ?? layout(object, $0)).id(for: $0.options) }
        + (hasContract ? [object.contract().id] : [])
    }
    return work.outcome(
      results, product: OpenedObject(object: object, lights: lights, file: file, signature: context.inputs[0]))
  }

  private func header(_ spec: HeaderSpec, _ path: String, _ output: String, _ context: TaskContext)
    throws(ProjectFailure)
    -> TaskOutcome
  {
    if spec.kind.isLight { return try lightHeader(spec, path, output, context) }
    var work = TaskWork()
    var payload: [UInt8] = []
    if spec.kind == .selfContained {
      let file = try content(path, at: 1, context, &work)
      payload = spec.strip ? try strip(file) : file.bytes
    }
    let object = try object(path, from: 0, context, assertMembers: spec.assertMembers, &work)
    let (header, text) = work.measure(.emit) {
      let header = Header(layout(object, spec), options: spec.options, payload: payload)
      return (header, header.text())
    }
    guard header.banner.layout == context.inputs[0] else { throw .file(.changedWhileRead(path: path)) }
    return try work.write(text, to: output, .header, self, context)
  }

  private func lightHeader(_ spec: HeaderSpec, _ path: String, _ output: String, _ context: TaskContext)
    throws(ProjectFailure) -> TaskOutcome
  {
    var work = TaskWork()
    let light = try light(spec, path, at: spec.kind.isSelfContained ? 1 : nil, context, &work)
    let (header, text) = work.measure(.emit) {
      let bytes = LightPayload(light.loader).bytes(TargetMachine.host.order)
      let header = Header(light.layout, options: spec.options, payload: bytes)
      return (header, header.text())
    }
    guard header.banner.layout == context.inputs[0] else { throw .file(.changedWhileRead(path: path)) }
    return try work.write(text, to: output, .header, self, context)
  }

  private func payload(
    _ spec: HeaderSpec, _ path: String, _ output: String, _ like: String?, _ context: TaskContext
  ) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let file = try content(path, at: 1, context, &work)
    var bytes = spec.strip ? try strip(file) : file.bytes
    let symbols = PayloadSymbols(name: spec.name, layoutID: context.inputs[0], scope: spec.scope)
    if output.hasSuffix(".c") {
      let source = PayloadSource(symbols: symbols, payload: bytes, fileName: PayloadSource.fileName(of: path))
      return try work.write(source.text(), to: output, .payload, self, context)
    }
    var target = TargetMachine.host
    if let like {
      let file = try content(like, at: 2, context, &work)
      do throws(TargetMachine.Fault) {
        target = try TargetMachine(likeObject: file.bytes)
      } catch { throw .like(path: like, error) }
    }
    if spec.kind.isLight {
      // The loader has this machine's byte order, and a kernel only runs loaders of its own byte order.
      if let like, target.isBigEndian != TargetMachine.host.isBigEndian {
        throw .likeByteOrder(path: like, object: path)
      }
      let light = try light(spec, path, at: 1, context, &work)
      bytes = LightPayload(light.loader).bytes(target.order)
    }
    let object = work.measure(.emit) { PayloadObject(symbols: symbols, target: target, payload: bytes).bytes() }
    return try work.write(object, to: output, .payload, self, context)
  }

  private func check(_ library: String, _ final: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let libraryObject = try object(library, from: 0, context, assertMembers: false, &work)
    let finalObject = try object(final, from: 1, context, assertMembers: false, &work)
    let violations = work.measure(.check) {
      ContractCheck.violations(library: libraryObject, final: finalObject)
    }
    guard violations.isEmpty else { throw .contract(library: library, final: final, violations) }
    return work.outcome([Fingerprint(of: "agreed")])
  }

  private func needs(_ path: String, _ context: TaskContext) throws(ProjectFailure) -> TaskOutcome {
    var work = TaskWork()
    let needs = try work.needs(of: try content(path, at: 0, context, &work))
    return work.outcome([work.measure(.hash) { needs.id }], product: needs)
  }

  private func minimalBTF(_ kernel: String, _ objects: [String], _ output: String, _ context: TaskContext)
    throws(ProjectFailure) -> TaskOutcome
  {
    var work = TaskWork()
    var needs: [CoreNeeds] = []
    for (index, path) in objects.enumerated() {
      if let known = product(of: index, context) as? CoreNeeds {
        needs.append(known)
      } else {
        needs.append(try work.needs(of: try work.read(path, expecting: nil)))
        guard needs[index].id == context.inputs[index] else { throw .file(.changedWhileRead(path: path)) }
      }
    }
    let file = try content(kernel, at: objects.count, context, &work)
    let bytes = try work.measure(.emit) { () throws(ProjectFailure) in
      do throws(BTFError) {
        return try MinimalBTF.bytes(of: file.bytes, for: needs)
      } catch { throw .types(path: kernel, ObjectError(error)) }
    }
    return try work.write(ByteRope(bytes), to: output, .minimalBTF, self, context)
  }

  // MARK: Objects

  private func strip(_ file: FileContent) throws(ProjectFailure) -> [UInt8] {
    do throws(ELFError) {
      return try DebugStripper.strip(file.bytes)
    } catch { throw .object(path: file.path, .elf(error)) }
  }

  private func layout(_ object: BPFObject, _ spec: HeaderSpec) -> ExportedLayout {
    var layout = object.layout
    layout.name = spec.name
    if !spec.assertMembers { layout.userTypes = [] }
    return layout
  }

  /// The object of an input: opened by its producer in this build, or opened again.
  private func object(
    _ path: String, from input: Int, _ context: TaskContext, assertMembers: Bool, _ work: inout TaskWork
  ) throws(ProjectFailure) -> BPFObject {
    if let opened = product(of: input, context) as? OpenedObject { return opened.object }
    return try work.open(try work.read(path, expecting: nil), assertMembers: assertMembers)
  }

  /// The loader of an object for a header: made by its inspection in this build, or made again.
  ///
  /// - Parameter input: that of the object's content; `nil` for a task that consumes the layout only.
  private func light(
    _ spec: HeaderSpec, _ path: String, at input: Int?, _ context: TaskContext, _ work: inout TaskWork
  ) throws(ProjectFailure) -> LightObject {
    if let opened = product(of: 0, context) as? OpenedObject, let light = opened.lights[spec],
      input.map({ opened.signature == context.inputs[$0] }) ?? true
    {
      return light
    }
    let file =
      if let input { try content(path, at: input, context, &work) } else { try work.read(path, expecting: nil) }
    return try work.openLight(file, spec)
  }

  /// The value from an input's producer, if that ran in this build.
  private func product(of input: Int, _ context: TaskContext) -> (any Sendable)? {
    let inputs = context.graph.inputs(context.task)
    return context.graph.producer(SlotID(inputs[inputs.startIndex + input])).flatMap { context.products[$0] }
  }

  /// The content with an input's signature, from an earlier read in this build or from the file.
  func content(
    _ path: String, at input: Int, _ context: TaskContext, _ work: inout TaskWork
  ) throws(ProjectFailure) -> FileContent {
    if let content = context.contents[input] { return content }
    for case let opened as OpenedObject in context.products.values where opened.signature == context.inputs[input] {
      return opened.file
    }
    return try work.read(path, expecting: context.inputs[input])
  }
}

/// The value that an object's inspection passes to its consumers.
private struct OpenedObject: Sendable {
  let object: BPFObject
  /// By light skeleton.
  let lights: [HeaderSpec: LightObject]
  let file: FileContent
  let signature: Fingerprint
}
