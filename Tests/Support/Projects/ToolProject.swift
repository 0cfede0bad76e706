import Foundation
import Synchronization
import Testing

/// The project of `Fixtures/project` in a folder of its own, built by a build system as its users run it.
struct ToolProject {
  let system: BuildSystem
  let scratch: Scratch
  /// The program under test, in a folder of its own so that it can be replaced.
  var program: String { scratch.file("program/bpfgen") }
  var source: String { scratch.file("project") }
  /// Where everything is made.
  var out: String { bazel?.bin ?? scratch.file("project/\(folder)") }
  /// The folder of outputs in the project's. CMake and Meson take any; the others' build files name it.
  var folder = "out"
  private let bazel: Bazel?
  /// Of one that ``built(_:)`` gave.
  fileprivate var lease: Lease?

  /// What one build did.
  struct Build {
    let result: Shell.Result
    /// The commands that ran, as `compile alpha` or `cc run`.
    let ran: Set<String>
    /// The headers that were written, and the objects of C and C++ files, by their names.
    let headers: Set<String>
    let objects: Set<String>

    /// The tool's output, for failures.
    var words: String { String((result.stdout + result.stderr).suffix(3000)) }
  }

  /// Copies the project; nothing is built yet.
  init(_ system: BuildSystem) throws {
    self.system = system
    scratch = try Scratch()
    let files = FileManager.default
    try files.copyItem(atPath: "\(Toolchain.fixtures)/project", toPath: scratch.file("project"))
    try files.createDirectory(atPath: scratch.file("program"), withIntermediateDirectories: true)
    let (program, workspace) = (scratch.file("program/bpfgen"), scratch.file("project"))
    bazel =
      system.kind == .bazel
      ? try Bazel(workspace, in: scratch, program: program, compiler: scratch.file("compiler/clang")) : nil
    try replaceProgram()
    try files.createDirectory(atPath: scratch.file("compiler"), withIntermediateDirectories: true)
    try replaceCompiler()
    switch system.kind {
    case .ninja:
      try files.copyItem(atPath: "\(Toolchain.root)/ninja/bpfgen.ninja", toPath: scratch.file("project/bpfgen.ninja"))
      _ = try scratch.write("bpfgen = \(program)\nbpf_clang = \(compiler)\n", to: "project/tools.ninja")
    case .meson:
      try files.createDirectory(atPath: scratch.file("project/subprojects"), withIntermediateDirectories: true)
      try files.createSymbolicLink(
        atPath: scratch.file("project/subprojects/bpfgen"), withDestinationPath: "\(Toolchain.root)/meson")
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake, .make, .bazel: break
    }
  }

  /// Replaces a program with a new copy.
  ///
  /// - Parameter other: by default the program under test.
  func replaceProgram(by other: String? = nil) throws {
    // By another process: a program that this one has open for writing is busy while its other threads start programs.
    try Shell.run("/usr/bin/env", ["cp", other ?? Toolchain.bpfgen(), program + ".new"]).checked()
    try Shell.run("/usr/bin/env", ["mv", program + ".new", program]).checked()
  }

  /// What is used as the compiler of BPF programs: a script that starts it.
  private var compiler: String { scratch.file("compiler/clang") }

  /// Replaces the compiler with another script.
  func replaceCompiler() throws {
    _ = try scratch.writeClang(UUID().uuidString, to: "compiler/clang")
  }

  // MARK: Runs

  /// What comes before the first build.
  func configure(_ more: String...) throws -> Shell.Result {
    let clang = compiler
    switch system.kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      return try Shell.run(
        system.cmake,
        [
          "-G", system.kind.generator, "-S", source, "-B", out, "-DBpfgen_DIR=\(Toolchain.root)/cmake",
          "-DBPFGEN_EXECUTABLE=\(program)", "-DBPFGEN_CLANG=\(clang)",
          system.kind == .cmakeMake ? "-DCMAKE_MAKE_PROGRAM=\(system.make)" : "-DCMAKE_MAKE_PROGRAM=\(system.ninja)",
        ] + more)
    case .meson:
      return try Shell.run(
        system.meson,
        ["setup", "-Dbpfgen:program=\(program)", "-Dbpfgen:clang=\(clang)", out, source] + more,
        environment: ["NINJA": system.ninja])
    case .ninja, .make, .bazel:
      return try Shell.run("/bin/true", [])
    }
  }

  /// Configures a project that was not built, with these options for the compiler and the linker of C and C++.
  ///
  /// - Parameter bazelOption: Bazel's own option for the same, used instead of them.
  func configure(flags: String, bazelOption: String? = nil) throws {
    switch system.kind {
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake:
      try configure(
        "-DCMAKE_C_FLAGS=\(flags)", "-DCMAKE_CXX_FLAGS=\(flags)", "-DCMAKE_EXE_LINKER_FLAGS=\(flags)"
      ).checked()
    case .meson:
      try configure(
        "-Dc_args=\(flags)", "-Dcpp_args=\(flags)", "-Dc_link_args=\(flags)", "-Dcpp_link_args=\(flags)"
      ).checked()
    case .ninja:
      try edit("build.ninja", "\nflags = ", "\nflags = \(flags) ")
      try edit("build.ninja", "command = c++ $in", "command = c++ \(flags) $in")
    case .make:
      try edit("Makefile", "CFLAGS ?= ", "CFLAGS ?= \(flags) ")
      try edit("Makefile", "CXXFLAGS ?= ", "CXXFLAGS ?= \(flags) ")
      try edit("Makefile", "LDLIBS ?= ", "LDFLAGS = \(flags)\nLDLIBS ?= ")
    case .bazel:
      let options = flags.split(separator: " ").map { "--copt=\($0) --linkopt=\($0)" }.joined(separator: " ")
      _ = try scratch.write("build \(bazelOption ?? options)\n", to: "project/.bazelrc")
    }
  }

  /// A build of everything that is ended as by Ctrl-C.
  func buildInterrupted(afterSeconds seconds: Double, jobs: Int = 2) throws -> Shell.Result {
    if let bazel { return try bazel.build(jobs: jobs, interruptedAfterSeconds: seconds).result }
    return try runTool(nil, jobs: jobs, under: Bazel.interrupting(afterSeconds: seconds))
  }

  /// Builds everything, or a target.
  func build(_ target: String? = nil, jobs: Int = 2) throws -> Build {
    // A change in the clock's tick in which the last build ended would not be seen by its time.
    usleep(20_000)
    let before = try states()
    let (result, ran) = try run(target, jobs: jobs)
    let after = try states()
    let written = after.filter { before[$0.key] != $0.value }.keys
    return Build(
      result: result, ran: ran.subtracting(["cc like"]),
      headers: Self.names(written, ending: "skel.h"),
      objects: Set(written.filter { $0.hasSuffix(".o") }.map { ($0 as NSString).lastPathComponent }))
  }

  private func run(_ target: String?, jobs: Int) throws -> (Shell.Result, ran: Set<String>) {
    if let bazel {
      let build = try bazel.build([target.map { "//:\($0)" } ?? "//..."], jobs: jobs)
      return (build.result, Set(build.steps.compactMap(\.name)))
    }
    let result = try runTool(target, jobs: jobs)
    return (result, Self.commands(in: result.stdout))
  }

  /// - Parameter launcher: a command that runs the tool.
  private func runTool(_ target: String?, jobs: Int, under launcher: [String] = []) throws -> Shell.Result {
    let command = launcher + toolCommand(jobs: jobs) + targetWords(target)
    // Meson also reads the log when it runs setup again, with the Ninja that it knows.
    let environment = system.kind == .meson ? ["NINJA": system.ninja] : [:]
    return try Shell.run(command[0], Array(command.dropFirst()), environment: environment)
  }

  private func toolCommand(jobs: Int) -> [String] {
    switch system.kind {
    case .bazel: preconditionFailure("Bazel has a class of its own")
    case .cmakeNinja, .cmakeNinjaMulti, .cmakeMake: [system.cmake, "--build", out, "-v", "-j\(jobs)"]
    case .ninja: [system.ninja, "-C", source, "-v", "-j\(jobs)"]
    case .make:
      [
        system.make, "-C", source, "-j\(jobs)", "V=1", "BPFGEN=\(program)", "CLANG=\(compiler)",
        "BPFGEN_MK=\(Toolchain.root)/make/bpfgen.mk",
      ]
    case .meson: [system.ninja, "-C", out, "-v", "-j\(jobs)"]
    }
  }

  private func targetWords(_ target: String?) -> [String] {
    guard let target else { return [] }
    return system.kind.isCMake ? ["--target", target] : [target]
  }

  /// Removes all that builds made.
  func clean() throws {
    switch system.kind {
    case .ninja: try Shell.run(system.ninja, ["-C", source, "-t", "clean"]).checked()
    case .make: try FileManager.default.removeItem(atPath: out)
    case .bazel: try bazel?.run(["clean"]).checked()
    default: _ = try runTool("clean", jobs: 1).checked()
    }
  }

  /// What the programs print; they run in the kernel.
  func answers() throws -> [String] {
    try ["alpha", "beta"].map { name in
      let program = try #require(files().first { ($0 as NSString).lastPathComponent == name })
      return try Shell.run("\(out)/\(program)", []).checked().stdout.trimmingCharacters(in: .newlines)
    }
  }

  // MARK: Edits

  func edit(_ file: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: "\(source)/\(file)", encoding: .utf8)
    try #require(text.contains(old), "\(file) has no \(old)")
    _ = try scratch.write(text.replacing(old, with: new), to: "project/\(file)")
  }

  /// Writes at the end of an output.
  func append(_ text: String, to path: String) throws {
    usleep(20_000)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path)) + Data(text.utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  func touch(_ path: String) throws { try Shell.run("/usr/bin/env", ["touch", path]).checked() }

  /// An output by its file's name.
  func output(_ name: String) throws -> String {
    "\(out)/" + (try #require(files().first { ($0 as NSString).lastPathComponent == name }, "no \(name)"))
  }

  // MARK: Files

  /// All files below the folder of outputs, but for the build tools' own.
  private func files() throws -> [String] {
    guard let all = FileManager.default.enumerator(atPath: out) else { return [] }
    return all.compactMap { $0 as? String }.filter { path in
      !path.contains("CMakeFiles/") || path.contains(".dir/")
    }.filter { path in
      !path.contains(".runfiles/") && !path.hasPrefix("external/")
    }.filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(out)/\(path)", isDirectory: &isFolder) && !isFolder.boolValue
    }
  }

  /// Headers and the objects of C and C++ files, each with a value that changes when it is written.
  private func states() throws -> [String: AnyHashable] {
    // Meson's subproject has an object of its own.
    let wanted = try files().filter { !$0.hasPrefix("subprojects/") }.filter { path in
      path.hasSuffix("skel.h") || path.hasSuffix(".o") && !path.hasSuffix(".bpf.o") && !path.hasSuffix(".skel.o")
    }
    return try Dictionary(
      uniqueKeysWithValues: wanted.map { path in
        // Bazel replaces outputs, and compares their content.
        guard bazel != nil, path.hasSuffix(".h") else { return (path, try FileState("\(out)/\(path)")) }
        return (path, try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(path)")))
      })
  }

  /// The generated headers.
  func headers() throws -> [String: Data] {
    let wanted = try files().filter { $0.hasSuffix("skel.h") }
    return try Dictionary(
      uniqueKeysWithValues: wanted.map { path in
        ((path as NSString).lastPathComponent, try Data(contentsOf: URL(fileURLWithPath: "\(out)/\(path)")))
      })
  }

  private static func names(_ paths: some Sequence<String>, ending: String) -> Set<String> {
    Set(paths.filter { $0.hasSuffix(ending) }.map { ($0 as NSString).lastPathComponent })
  }

  /// The commands in what a tool printed, each by what it is and what it is about.
  static func commands(in log: String) -> Set<String> {
    Set(log.split(separator: "\n").compactMap(command))
  }

  private static func command(_ line: Substring) -> String? {
    if let match = line.firstMatch(of: /bpfgen['"]? compile .* ['"]?.*?([a-z_]+)\.bpf\.c\b/) {
      return "compile \(match.1)"
    }
    if let match = line.firstMatch(of: /bpfgen['"]? link .*?-o .*?(alpha|beta|limit)[a-z_.]*\.bpf\.o/) {
      return "link \(match.1)"
    }
    if let match = line.firstMatch(of: /bpfgen['"]? (skeleton|subskeleton) .*?--name ['"]?([a-z]+)/) {
      return "\(match.1) \(match.2)"
    }
    if line.contains("bpfgen") && !line.contains("-o") { return nil }
    if line.contains(" -c "), let match = line.firstMatch(of: /([a-z_]+)\.(c|cpp)['"]?( |$)(?!.*\.(c|cpp)['"]?( |$))/) {
      return "\(match.2 == "c" ? "cc" : "c++") \(match.1)"
    }
    if !line.contains(" -c "), let match = line.firstMatch(of: /\s-o ['"]?(?:[^ ]*\/)?(alpha|beta)['"]?( |$)/) {
      return "ld \(match.1)"
    }
    return nil
  }
}

extension ToolProject {
  /// What its programs print before any edit.
  static let firstAnswers = ["alpha 1042, 1 passed", "beta 70, 1 passed"]
  /// The commands of a first build.
  static let allCommands: Set = [
    "compile alpha", "compile beta", "compile limit", "link alpha", "link beta", "link limit", "skeleton alpha",
    "skeleton beta", "subskeleton limit", "cc alpha", "cc alpha_report", "cc limit", "cc run", "c++ beta",
    "c++ beta_report", "ld alpha", "ld beta",
  ]

  /// A configured and built project for the caller only: one of another test, restored, or a new one.
  ///
  /// A configured project cannot be moved: each is restored at its own path.
  static func built(_ system: BuildSystem) throws -> ToolProject {
    // Bazel keeps what it knows outside the project.
    if system.kind == .bazel { return try made(system) }
    var project: ToolProject
    if let free = free.withLock({ $0[system]?.popLast() }) {
      project = free
      try project.restore()
    } else {
      project = try made(system)
      try project.save()
    }
    project.lease = Lease(project)
    return project
  }

  /// The built projects that no test has.
  private static let free = Mutex<[BuildSystem: [ToolProject]]>([:])

  /// Gives a project back when the last copy of the value that has it is gone.
  fileprivate final class Lease: Sendable {
    private let project: ToolProject
    init(_ project: ToolProject) { self.project = project }
    deinit { ToolProject.free.withLock { $0[project.system, default: []].append(project) } }
  }

  /// A project of the caller's own that is configured and built.
  static func made(_ system: BuildSystem) throws -> ToolProject {
    let project = try ToolProject(system)
    try project.configure().checked()
    let build = try project.build()
    try build.result.checked()
    #expect(build.ran == allCommands)
    #expect(try project.answers() == firstAnswers)
    return project
  }

  private func save() throws {
    try Shell.run("/usr/bin/env", ["cp", "-a", scratch.path, scratch.path + ".saved"]).checked()
    try Shell.run("/usr/bin/env", ["mv", scratch.path + ".saved", scratch.file("saved")]).checked()
  }

  private func restore() throws {
    let script = "cd \"$1\" && find . -mindepth 1 -maxdepth 1 ! -name saved -exec rm -rf {} + && cp -a saved/. ."
    try Shell.run("/bin/sh", ["-c", script, "restore", scratch.path]).checked()
  }
}
