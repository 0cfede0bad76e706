// Paths, a zero byte between them, as a depfile's: read back as they were by us, by Ninja, by make and by CMake.
import FuzzSupport
import Glibc
import MutationRunner

@testable import Bytes
@testable import Files

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = bytes(start, count)
  if let read = Depfile(text: bytes), !(read.outputs + read.inputs).contains(where: Depfile.cannotName) {
    _ = try! read.text()
  }
  let paths = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter { !$0.hasSuffix("\\") }
  guard let first = paths.first, !paths.contains(where: Depfile.cannotName) else { return 0 }
  let depfile = Depfile(outputs: [first], inputs: paths)
  require(Depfile(text: Array(try! depfile.text().utf8)) == depfile, "\(paths) are not read back")
  for tool in tools { tool.add(paths) }
  return 0
}

// Safe because: libFuzzer has one thread.
nonisolated(unsafe) private let tools = [
  Tool("Ninja", refusing: "", read: ninja), Tool("make", refusing: ":=%(", read: make),
  Tool("CMake", refusing: "$\\", read: cmake),
]

/// A tool reads many paths at once: a process takes as long as thousands of inputs.
private final class Tool {
  private let name: String
  private let refused: Set<Unicode.Scalar>
  /// The paths that the tool finds in a depfile's text for the target `out`.
  private let read: (String) -> [String]
  private var paths: Set<String> = []
  private static let batch = 400

  init(_ name: String, refusing characters: String, read: @escaping (String) -> [String]) {
    self.name = name
    self.read = read
    // docs/emit.md and docs/cmake.md document these.
    refused = Set(";|*?\"'&<>^`".unicodeScalars + characters.unicodeScalars)
  }

  func add(_ new: [String]) {
    for path in new where isNameable(path) { paths.insert("/" + path) }
    if paths.count >= Tool.batch { check() }
  }

  /// Whether the tool's syntax can express the path, in the form that the tool prints.
  private func isNameable(_ path: String) -> Bool {
    let bytes = Array((path + "/").utf8)
    return path.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && !refused.contains($0) }
      && !path.split(at: "/", omittingEmpty: false).contains { ["", ".", ".."].contains($0) }
      // Ninja and make read a backslash before these differently: no text means the same to both. A name that ends in a colon
      // is a target, make ignores a blank at the end, and its answer is split at those before a slash.
      && ["\\#", "\\$", "\\:", ":/", " /"].allSatisfy { !bytes.contains(Array($0.utf8)) }
  }

  private func check() {
    let sorted = paths.sorted()
    paths = []
    guard difference(sorted) else { return }
    // Names that are misread by themselves; else names that affect others.
    let culprits = sorted.filter { difference([$0]) }
    let reported = culprits.isEmpty ? Array(Set(sorted).symmetricDifference(read(text(sorted)))) : culprits
    require(false, "\(name) reads others: \(reported.map(\.debugDescription))")
  }

  private func difference(_ paths: [String]) -> Bool { read(text(paths)) != paths }

  private func text(_ paths: [String]) -> String { try! Depfile(outputs: ["out"], inputs: paths).text() }
}

private func put(_ text: String, _ path: String) { _ = try! AtomicOutput.write(ByteRope(text), to: path) }

private func ninja(_ text: String) -> [String] {
  put(text, "in.d")
  put("rule r\n command = cp in.d out.d\n depfile = out.d\n deps = gcc\nbuild out: r\n", "build.ninja")
  unlink(".ninja_deps")
  unlink(".ninja_log")
  _ = try! ChildProcess(["ninja"], input: [])
  return lines(try! ChildProcess(["ninja", "-t", "deps", "out"], input: []).output).dropFirst()
    .filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
}

/// Its database prints the prerequisites separated by spaces: the known spaces distinguish them.
private func make(_ text: String) -> [String] {
  put(text, "in.d")
  put(".SUFFIXES:\ninclude in.d\n.DEFAULT_GOAL := show\nshow: ; @true\n%: ; @true\n", "Makefile")
  let database = lines(try! ChildProcess(["make", "-rRpn", "show"], input: []).output)
  guard let rule = database.first(where: { $0.hasPrefix("out: /") }) else { return [] }
  return Array(rule.utf8).dropFirst(6).split(separator: Array(" /".utf8))
    .map { "/" + String(decoding: $0, as: UTF8.self) }
}

private func cmake(_ text: String) -> [String] {
  put(text, "in.d")
  unlink("out.d")
  let folder = getcwd(nil, 0)!
  defer { free(folder) }
  let here = String(cString: folder)
  _ = try! ChildProcess(
    ["cmake", "-E", "cmake_transform_depfile", "Ninja", "gccdepfile", here, here, here, here, "in.d", "out.d"],
    input: [])
  return (try? FileContent(path: "out.d")).flatMap { Depfile(text: $0.bytes)?.inputs } ?? []
}

private func lines(_ bytes: [UInt8]) -> [String] {
  bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
}
