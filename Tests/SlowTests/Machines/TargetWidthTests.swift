import Foundation
import Synchronization
import Testing

@testable import TestSupport

/// A BPF object has one layout; a user may be built for any machine.
///
/// On a 32-bit target every offset and size of a header must hold, although i386 aligns `long long` to 4 bytes.
/// Where a variable's C type has another size (pointers, `long`), no such header can exist, and its asserts say so.
/// Structs without a name that libbpf padded with `long: 64`, or whose size differs only by the alignment of `long long`,
/// are between the two: it depends on the generator whether it finds padding and attributes that keep the size.
@Suite(
  "Headers hold on other machines, or say why not", .runsTools,
  .needs(.tool(.clang), .tool(.gcc), .tool(.bpftool), .corpus, .multilib))
struct TargetWidthTests {
  /// A compiler, and what makes it one for another machine.
  struct Target: Sendable, CustomTestStringConvertible {
    var compiler: Tool
    var flags: [String] = []
    /// The folder of the machine's C library.
    var library = "/usr/include"
    /// What makes clang lay structs out as the machine has them.
    var layout = ["-m32"]

    var testDescription: String { ([compiler.rawValue] + flags.prefix(1)).joined(separator: " ") }
    var dialect: Dialect { Dialect(compiler: compiler, standard: "gnu17") }

    /// gcc prints this for its name.
    init(_ compiler: Tool, _ flags: String..., like other: String? = nil) {
      (self.compiler, self.flags) = (compiler, flags)
      if let other { layout = Target(clang: other).flags }
    }

    init(clang triple: String) {
      library = "/usr/\(triple)/include"
      (compiler, flags) = (.clang, ["--target=\(triple)", "-isystem", library])
      layout = flags
    }

    func required() throws {
      if compiler.path == nil { try Test.cancel("SKIPPED: \(compiler.rawValue) is not there (Tests/cross/fetch)") }
      if access(library, F_OK) != 0 { try Test.cancel("SKIPPED: \(library) is not installed") }
    }
  }

  static let narrow = [
    Target(.gcc, "-m32"), Target(.clang, "-m32"), Target(.armgcc, like: "arm-linux-gnueabihf"),
    Target(clang: "arm-linux-gnueabihf"),
  ]

  static let machinesOf64Bits = [
    Target(.arm64gcc), Target(.s390xgcc), Target(clang: "aarch64-linux-gnu"), Target(clang: "s390x-linux-gnu"),
    Target(clang: "riscv64-linux-gnu"), Target(clang: "powerpc64le-linux-gnu"),
    Target(clang: "mips64el-linux-gnuabi64"),
  ]

  @Test("all asserts hold on 64-bit machines of either byte order", arguments: machinesOf64Bits)
  func wide(_ target: Target) throws { try Self.allHold(MatrixHeaders.shared().headers, for: target) }

  @Test("on 32-bit machines all asserts hold if all variables have the same size", arguments: narrow)
  func sameSizes(_ target: Target) throws {
    try target.required()
    let changing = try Self.changing(for: target)
    try Self.allHold(MatrixHeaders.shared().headers.filter { changing[$0.object.name] == .noVariable }, for: target)
  }

  private static func allHold(_ headers: [MatrixHeader], for target: Target) throws {
    try target.required()
    #expect(headers.count >= Tier.count(quick: 20, full: 100))
    let all = try MatrixHeaders.check(headers, in: target.dialect, extra: target.flags)
    print("width: \(headers.count) headers hold with \(target.testDescription): \(all.succeeded)")
    if all.succeeded { return }
    let culprits = try Parallel.map(headers) { header in
      let alone = try MatrixHeaders.check([header], in: target.dialect, extra: target.flags)
      return alone.succeeded ? nil : "\(header.label): \(alone.firstErrors)"
    }.compactMap(\.self)
    for culprit in culprits { Issue.record("\(culprit)") }
    #expect(!culprits.isEmpty, "only together: \(all.firstErrors)")
  }

  @Test("a variable of another size fails the size assert, and nothing but asserts fail", arguments: narrow)
  func otherSizes(_ target: Target) throws {
    try target.required()
    let changing = try Self.changing(for: target)
    let headers = try MatrixHeaders.shared().headers.filter { changing[$0.object.name] != .noVariable }
    #expect(!headers.isEmpty)
    let failures = try Parallel.map(headers) { header -> String? in
      let everyError = target.flags + [target.compiler == .clang ? "-ferror-limit=0" : "-fmax-errors=0"]
      let result = try MatrixHeaders.check([header], in: target.dialect, extra: everyError)
      let complaint: String? =
        switch changing[header.object.name] {
        case .variables(let names): Self.complaint(about: result, variables: names)
        case .dependsOnPadding where result.succeeded: nil
        default: Self.complaint(about: result, variables: [])
        }
      return complaint.map { "\(header.label): \($0)" }
    }.compactMap(\.self)
    for failure in failures { Issue.record("\(failure)") }
    print("width: \(headers.count) headers looked at with \(target.testDescription), \(failures.count) not as due")
  }
}

extension TargetWidthTests {
  /// What is wrong with a compiler's refusal; `nil` when it is as it must be.
  private static func complaint(about result: Shell.Result, variables: [String]) -> String? {
    if result.succeeded { return "taken, although the size differs of \(variables.joined(separator: ", "))" }
    let errors = result.stderr.split(separator: "\n").filter { $0.contains("error:") }
    let others = errors.filter { !$0.contains("static assertion failed") && !$0.contains("static_assert failed") }
    if let first = others.first { return "refused by something else than an assert: \(first)" }
    let unnamed = variables.filter { !result.stderr.contains($0) }
    if !unnamed.isEmpty { return "no assert names \(unnamed.joined(separator: ", "))\n\(result.stderr.prefix(1500))" }
    if !errors.contains(where: { $0.contains("size") }) { return "no assert speaks of a size: \(errors.first ?? "")" }
    return nil
  }

  /// Which variables of an object have another size on a machine.
  private enum Changing: Equatable, Sendable {
    case noVariable
    case variables([String])
    case dependsOnPadding
  }

  /// For each object of the matrix, what changes between a machine and this one.
  ///
  /// Found without our headers: clang lays out, for both, a struct with a `char[sizeof …]` for each variable of bpftool's
  /// header. i386 and arm differ: the offset of a `long long` may be 4 there and not here.
  private static func changing(for target: Target) throws -> [String: Changing] {
    try found.withLock { found in
      if let known = found[target.layout] { return known }
      let objects = try MatrixHeaders.shared().objects
      let changes = try Parallel.map(objects) { try changingVariables(of: $0, for: target) }
      let made = Dictionary(uniqueKeysWithValues: zip(objects.map(\.name), changes))
      found[target.layout] = made
      return made
    }
  }

  private static let found = Mutex<[[String]: [String: Changing]]>([:])

  private static func changingVariables(of object: MatrixObject, for target: Target) throws -> Changing {
    let scratch = try Scratch()
    let header = scratch.file("reference.h")
    let name = "width_probe"
    try Generator.bpftool(.skeleton, of: object.path, name: name, header: header).checked()
    let types = try TypesHeader(of: object.path, writingTo: scratch.file("types.h"))
    let variables = try HeaderInterface(header: header, name: name, types: types).records
      .filter { $0.name != name }
      .flatMap { record in record.members.filter(\.isVariable).map { (record: record.name, variable: $0.path) } }
    if try String(contentsOfFile: header, encoding: .utf8).contains("\tlong: ") { return .dependsOnPadding }
    let probes = variables.enumerated().map { "char v\($0)[sizeof(((struct \($1.record) *)0)->\($1.variable))];\n" }
    let source =
      (object.types.map { "#include \"\($0)\"\n" } ?? "") + "#include \"\(header)\"\n"
      + "struct probe {\n\(probes.joined())};\nextern char probe_is_laid_out[sizeof(struct probe)];\n"
    let file = try scratch.write(source, to: "probe.c")
    // i386 as it would be if it aligned `long long` to 8 bytes.
    let aligned = target.layout == ["-m32"] ? ["-m32", "-malign-double"] : target.layout
    let sizes = try [target.layout, aligned, ["-m64"]].map { machine in
      let arguments = machine + ["-std=gnu17", "-w", "-D_Static_assert(a,b)=", "-fsyntax-only", "-Xclang"]
      let dump = try Shell.run(Tool.clang.required(), arguments + ["-fdump-record-layouts", file]).checked()
      return RecordLayoutReader(dump: dump.stdout, header: file).records { $0 == "probe" }[0].members.map(\.type)
    }
    func differing(_ sizes: [String], _ others: [String]) -> [String] {
      zip(variables, zip(sizes, others)).filter { $1.0 != $1.1 }.map(\.0.variable)
    }
    let names = differing(sizes[1], sizes[2])
    if !names.isEmpty { return .variables(names) }
    return differing(sizes[0], sizes[2]).isEmpty ? .noVariable : .dependsOnPadding
  }
}
