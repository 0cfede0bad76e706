import Foundation

/// The two kinds of header.
enum HeaderKind: String, CaseIterable, Codable, Sendable {
  case skeleton, subskeleton
}

/// Makes headers, with the generator under test and with the one whose interface it keeps.
enum Generator {
  /// Runs `bpfgen skeleton|subskeleton OBJECT --name NAME -o HEADER [--payload PAYLOAD]`.
  static func bpfgen(
    _ kind: HeaderKind, of object: String, name: String, header: String, payload: String? = nil
  ) throws -> Shell.Result {
    let split = payload.map { ["--payload", $0] } ?? []
    return try Shell.run(
      Toolchain.bpfgen(), [kind.rawValue, object, "--name", name, "-o", header] + split)
  }

  /// Runs `bpftool gen skeleton|subskeleton OBJECT name NAME > HEADER`; writes nothing when bpftool refuses.
  static func bpftool(
    _ kind: HeaderKind, of object: String, name: String, header: String
  ) throws -> Shell.Result {
    let result = try Shell.run(Tool.bpftool.required(), ["gen", kind.rawValue, object, "name", name])
    if result.succeeded { try Data(result.stdout.utf8).write(to: URL(fileURLWithPath: header)) }
    return result
  }
}
