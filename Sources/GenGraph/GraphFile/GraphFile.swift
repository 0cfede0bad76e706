internal import BPF
internal import BTF
internal import Emit
internal import Files
internal import Glibc
internal import Incr

/// The contents of one graph file, with positions; paths and names are unresolved.
struct GraphFile {
  struct Named {
    let name: String
    let position: TextPosition
  }

  struct Object {
    let name: Named
    let path: Named
  }

  struct Link {
    let name: Named
    let inputs: [Named]
    let output: Named
    let isFinal: Bool
  }

  struct Skeleton {
    /// The list of the file that it is in.
    enum Form {
      case skeleton, subskeleton, light
    }

    let of: Named
    let header: Named
    let payload: Named?
    let name: Named?
    let like: Named?
    let scope: PayloadScope?
    let strip: Bool
    let assertMembers: Bool
    let form: Form
    let position: TextPosition
  }

  /// Minimal BTF for some objects, one for each kernel.
  struct MinimalBTF {
    let of: [Named]
    let kernels: [Named]
    /// The output folder, in which each output has the name of the kernel's file.
    let folder: Named
  }

  /// Kernels under one name: a file, or all of a folder.
  struct Kernels {
    let name: Named
    let path: Named
    /// `nil` for the one that each kernel's name has.
    let version: KernelVersion?
    /// Those of a kernel that is a file; the modules of one in a folder are found there.
    var modules: [String] = []
  }

  /// Whether kernels load an object.
  struct KernelCheck {
    let of: Named
    /// Names of kernels; `nil` for all of the file.
    let kernels: [Named]?
    let report: Named?
    let baseline: Named?
    let isReportOnly: Bool
    let position: TextPosition
  }

  struct Include {
    let path: Named
    let alias: Named?
  }

  let path: String
  /// The file that was read; `nil` for a text that is not a file.
  private(set) var input: GraphInput?
  var objects: [Object] = []
  var links: [Link] = []
  var skeletons: [Skeleton] = []
  var minimalBTFs: [MinimalBTF] = []
  var kernels: [Kernels] = []
  var kernelChecks: [KernelCheck] = []
  var includes: [Include] = []

  /// The size limit of a graph file: 100,000 objects take 40 MB.
  private static let maximumBytes: Int64 = 1 << 30

  /// Reads and checks one file, without its includes.
  ///
  /// - Parameter name: its name in the graph: the path relative to the main file's folder.
  init(path: String, name: String) throws(GraphFileError) {
    let recorded = Clock.fileNanos()
    let content = try GraphFile.read(path)
    try self.init(path: path, bytes: content.bytes)
    input = GraphInput(name, content, recordedNanos: recorded)
  }

  private static func read(_ path: String) throws(GraphFileError) -> FileContent {
    do throws(FileError) {
      let size = try FileStamp(path: path)?.sizeBytes ?? 0
      if size <= maximumBytes { return try FileContent(path: path) }
      throw .system(path: path, operation: "read", errno: EFBIG)
    } catch { throw GraphFileError(path: path, position: nil, problem: .file(error)) }
  }

  /// One that no file describes.
  init(path: String) {
    self.path = path
    input = GraphInput(path, text: "")
  }

  init(path: String, bytes: [UInt8]) throws(GraphFileError) {
    self.path = path
    let root: JSONValue
    do throws(JSONReader.Failure) {
      root = try JSONReader.read(bytes)
    } catch {
      throw GraphFileError(path: path, position: error.position, problem: .syntax(error.what))
    }
    try read(root)
  }

  private mutating func read(_ root: JSONValue) throws(GraphFileError) {
    let fields = try Fields(
      root, path,
      known: [
        "bpfgen", "objects", "libraries", "finals", "skeletons", "subskeletons", "light_skeletons", "min_core_btfs",
        "kernels", "kernel_checks", "include",
      ])
    guard let version = fields["bpfgen"] else { throw fields.missing("bpfgen", of: "a graph file") }
    guard case .number(1) = version.content else {
      throw error(version, .version(GraphFile.spelling(version)))
    }
    for (key, value) in try members(fields["objects"]) {
      objects.append(Object(name: try name(key), path: try text(value)))
    }
    for (list, isFinal) in [("libraries", false), ("finals", true)] {
      for (key, value) in try members(fields[list]) { links.append(try link(key, value, isFinal)) }
    }
    let lists: [(String, Skeleton.Form)] = [
      ("skeletons", .skeleton), ("subskeletons", .subskeleton), ("light_skeletons", .light),
    ]
    for (list, form) in lists {
      for value in try elements(fields[list]) { skeletons.append(try skeleton(value, form)) }
    }
    for value in try elements(fields["min_core_btfs"]) { minimalBTFs.append(try minimalBTF(value)) }
    for (key, value) in try members(fields["kernels"]) { kernels.append(try kernel(key, value)) }
    for value in try elements(fields["kernel_checks"]) { kernelChecks.append(try kernelCheck(value)) }
    for value in try elements(fields["include"]) { includes.append(try include(value)) }
  }

  private func link(_ key: JSONKey, _ value: JSONValue, _ isFinal: Bool) throws(GraphFileError) -> Link {
    let fields = try Fields(value, path, known: ["inputs", "output"])
    let subject = "'\(key.text)'"
    guard let output = fields["output"] else { throw fields.missing("output", of: subject) }
    return Link(
      name: try name(key), inputs: try texts("inputs", fields, of: subject), output: try text(output),
      isFinal: isFinal)
  }

  private func minimalBTF(_ value: JSONValue) throws(GraphFileError) -> MinimalBTF {
    let fields = try Fields(value, path, known: ["of", "btfs", "out_dir"])
    let subject = "an entry of min_core_btfs"
    guard let folder = fields["out_dir"] else { throw fields.missing("out_dir", of: subject) }
    return MinimalBTF(
      of: try texts("of", fields, of: subject), kernels: try texts("btfs", fields, of: subject),
      folder: try text(folder))
  }

  private func kernel(_ key: JSONKey, _ value: JSONValue) throws(GraphFileError) -> Kernels {
    if case .string = value.content { return Kernels(name: try name(key), path: try text(value), version: nil) }
    let fields = try Fields(value, path, known: ["btf", "version"])
    guard let file = fields["btf"] else { throw fields.missing("btf", of: "'\(key.text)'") }
    var version: KernelVersion?
    if let value = fields["version"] {
      let text = try text(value).name
      version = KernelVersion(text: text)
      guard version != nil else { throw error(value, .badKernelVersion(text)) }
    }
    return Kernels(name: try name(key), path: try text(file), version: version)
  }

  private func kernelCheck(_ value: JSONValue) throws(GraphFileError) -> KernelCheck {
    let fields = try Fields(value, path, known: ["of", "kernels", "report", "baseline", "report_only"])
    let subject = "an entry of kernel_checks"
    guard let of = fields["of"] else { throw fields.missing("of", of: subject) }
    let isReportOnly = try flag(fields["report_only"])
    if isReportOnly, fields["report"] == nil { throw fields.missing("report", of: "a check with 'report_only'") }
    return KernelCheck(
      of: try text(of), kernels: fields["kernels"] == nil ? nil : try texts("kernels", fields, of: subject),
      report: try optionalText(fields["report"]), baseline: try optionalText(fields["baseline"]),
      isReportOnly: isReportOnly, position: value.position)
  }

  /// A list of one text at least.
  private func texts(_ key: String, _ fields: Fields, of subject: String) throws(GraphFileError) -> [Named] {
    guard let list = fields[key] else { throw fields.missing(key, of: subject) }
    var texts: [Named] = []
    for element in try elements(list) { texts.append(try text(element)) }
    guard !texts.isEmpty else { throw error(list, .emptyList(key, of: subject)) }
    return texts
  }

  private func skeleton(_ value: JSONValue, _ form: Skeleton.Form) throws(GraphFileError) -> Skeleton {
    let common = ["of", "header", "name"]
    let (more, subject) =
      switch form {
      case .skeleton: (["payload", "like", "scope", "strip", "assert_members"], "a skeleton")
      case .subskeleton: ([], "a subskeleton")
      case .light: (["payload", "like", "scope", "assert_members"], "a light skeleton")
      }
    let fields = try Fields(value, path, known: common + more)
    guard let of = fields["of"] else { throw fields.missing("of", of: subject) }
    guard let header = fields["header"] else { throw fields.missing("header", of: subject) }
    try checkPayload(fields, form)
    return Skeleton(
      of: try text(of), header: try text(header), payload: try optionalText(fields["payload"]),
      name: try optionalText(fields["name"]), like: try optionalText(fields["like"]),
      scope: try scope(fields), strip: try flag(fields["strip"]), assertMembers: try flag(fields["assert_members"]),
      form: form, position: value.position)
  }

  /// The same checks as in `bpfgen skeleton`.
  private func checkPayload(_ fields: Fields, _ form: Skeleton.Form) throws(GraphFileError) {
    guard let payload = fields["payload"] else { return }
    let name = try text(payload).name
    if name.hasSuffix(".o") { return }
    if form == .light { throw error(payload, .badLightPayloadName(name)) }
    guard name.hasSuffix(".c") else { throw error(payload, .badPayloadName(name)) }
    if let strip = fields["strip"], try flag(strip) { throw error(strip, .strippedSource(name)) }
  }

  /// The same for a scope.
  private func scope(_ fields: Fields) throws(GraphFileError) -> PayloadScope? {
    guard let value = fields["scope"] else { return nil }
    guard fields["payload"] != nil else { throw error(value, .scopeWithoutPayload) }
    guard case .string(let text) = value.content else {
      throw error(value, .wrongType(expected: "a string", found: value.kind))
    }
    guard let scope = PayloadScope(text) else { throw error(value, .badScope(text)) }
    return scope
  }

  private func include(_ value: JSONValue) throws(GraphFileError) -> Include {
    if case .string = value.content { return Include(path: try text(value), alias: nil) }
    let fields = try Fields(value, path, known: ["file", "as"])
    guard let file = fields["file"] else { throw fields.missing("file", of: "an include") }
    return Include(path: try text(file), alias: try optionalText(fields["as"]))
  }

  // MARK: Values

  private func error(_ value: JSONValue, _ problem: GraphFileError.Problem) -> GraphFileError {
    GraphFileError(path: path, position: value.position, problem: problem)
  }

  /// A name that can be referred to: it must not be empty, and must not contain `:`, which separates it from its file.
  private func name(_ key: JSONKey) throws(GraphFileError) -> Named {
    guard !key.text.isEmpty, !key.text.hasByte(where: { $0 == UInt8(ascii: ":") || $0 < 32 })
    else { throw GraphFileError(path: path, position: key.position, problem: .badName(key.text)) }
    return Named(name: key.text, position: key.position)
  }

  private func text(_ value: JSONValue) throws(GraphFileError) -> Named {
    guard case .string(let text) = value.content else {
      throw error(value, .wrongType(expected: "a string", found: value.kind))
    }
    guard !text.isEmpty, !text.hasByte(where: { $0 == 0 || $0 == 10 }) else { throw error(value, .badName(text)) }
    return Named(name: text, position: value.position)
  }

  private func optionalText(_ value: JSONValue?) throws(GraphFileError) -> Named? {
    guard let value else { return nil }
    return try text(value)
  }

  private func flag(_ value: JSONValue?) throws(GraphFileError) -> Bool {
    guard let value else { return false }
    guard case .bool(let flag) = value.content else {
      throw error(value, .wrongType(expected: "true or false", found: value.kind))
    }
    return flag
  }

  private func elements(_ value: JSONValue?) throws(GraphFileError) -> [JSONValue] {
    guard let value else { return [] }
    guard case .array(let elements) = value.content else {
      throw error(value, .wrongType(expected: "a list", found: value.kind))
    }
    return elements
  }

  private func members(_ value: JSONValue?) throws(GraphFileError) -> [(key: JSONKey, value: JSONValue)] {
    guard let value else { return [] }
    guard case .object(let members) = value.content else {
      throw error(value, .wrongType(expected: "an object", found: value.kind))
    }
    return members
  }

  private static func spelling(_ value: JSONValue) -> String {
    switch value.content {
    case .number(let number): number == number.rounded() ? "\(Int(clamping: Int64(number.clamped)))" : "\(number)"
    case .string(let text): "\"\(text)\""
    default: value.kind
    }
  }
}

extension String {
  /// The standard library's `utf8.contains` takes a call for each byte.
  fileprivate func hasByte(where matches: (UInt8) -> Bool) -> Bool {
    let bytes = utf8.span
    return bytes.indices.contains { matches(bytes[$0]) }
  }
}

extension Double {
  fileprivate var clamped: Double { max(-1e15, min(1e15, self)) }
}

/// The members of an object whose keys are known beforehand.
private struct Fields {
  private let members: [(key: JSONKey, value: JSONValue)]
  private let path: String
  private let position: TextPosition

  init(_ value: JSONValue, _ path: String, known: [String]) throws(GraphFileError) {
    guard case .object(let members) = value.content else {
      throw GraphFileError(
        path: path, position: value.position, problem: .wrongType(expected: "an object", found: value.kind))
    }
    // No dictionary: an object has few keys, and a large graph has many objects.
    for (index, (key, _)) in members.enumerated() {
      guard known.contains(key.text) else {
        let closest = Spelling.closest(to: key.text, among: known)
        throw GraphFileError(
          path: path, position: key.position, problem: .unknownKey(key.text, closest: closest, known: known))
      }
      guard !members[..<index].contains(where: { $0.key.text == key.text }) else {
        throw GraphFileError(path: path, position: key.position, problem: .duplicateKey(key.text))
      }
    }
    self.members = members
    self.path = path
    position = value.position
  }

  subscript(key: String) -> JSONValue? { members.first { $0.key.text == key }?.value }

  func missing(_ key: String, of subject: String) -> GraphFileError {
    GraphFileError(path: path, position: position, problem: .missingKey(key, of: subject))
  }
}
