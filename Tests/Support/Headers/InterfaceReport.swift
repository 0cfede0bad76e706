import Foundation
import Testing

/// What the comparison of two headers' interfaces found, as lines.
struct InterfaceReport: Sendable {
  var object: String
  var differences: [String]

  /// Structs of data sections that our headers may leave out, because a user can name no variable in them.
  /// By the object's name; the struct's name is without `N__`, as its member in `struct N` is called.
  static let sectionsWithoutVariables: [String: Set<String>] = [:]

  /// Never throws for a header that is refused or does not compile: that is a difference like any other.
  static func compare(
    _ entry: ReferenceCache.Entry, _ kind: HeaderKind, split: Bool, libbpf: LibBPFVersion = .debian12
  ) throws -> InterfaceReport {
    guard case .header(let reference) = entry.reference[kind] else {
      return InterfaceReport(object: entry.object.name, differences: ["no reference"])
    }
    let scratch = try Scratch()
    let header = scratch.file("\(kind.rawValue).h")
    do {
      try Generator.bpfgen(
        kind, of: entry.object.path, name: entry.name, header: header,
        payload: split ? scratch.file("payload.o") : nil
      ).checked()
      let candidate = try HeaderInterface(header: header, name: entry.name, types: entry.types, libbpf: libbpf)
      let allowed = (sectionsWithoutVariables[entry.object.name] ?? []).flatMap { section -> [MissingPart] in
        [.record("\(entry.name)__\(section)"), .member("\(entry.name).\(section)")]
      }
      let missing = reference.missing(from: candidate, name: entry.name).filter { !allowed.contains($0) }
      return InterfaceReport(object: entry.object.name, differences: missing.map(\.description))
    } catch let failure as Shell.Failure {
      return InterfaceReport(object: entry.object.name, differences: ["\(failure)"])
    }
  }

  /// One issue for each object, with its first differences.
  static func record(_ reports: [InterfaceReport]) {
    for report in reports where !report.differences.isEmpty {
      let shown = report.differences.prefix(12).joined(separator: "\n  ")
      let more = report.differences.count > 12 ? "\n  and \(report.differences.count - 12) more" : ""
      Issue.record("\(report.object):\n  \(shown)\(more)")
    }
  }
}
