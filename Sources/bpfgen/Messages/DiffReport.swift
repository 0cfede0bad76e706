internal import BPF
internal import GenGraph

/// Differences as text: a heading for each section, a line for each change.
enum DiffReport {
  static func text(_ changes: [LayoutChange]) -> String {
    var text = ""
    var heading: String?
    let width = changes.map { $0.name.utf8.count }.max() ?? 0
    for change in changes {
      let group =
        switch change.subject {
        case .section: change.name
        case .variable: change.section ?? ""
        case .map: "maps"
        case .program: "programs"
        }
      if group != heading {
        text += Diagnostic.printable(group) + "\n"
        heading = group
      }
      text += Diagnostic.printable(line(change, width)) + "\n"
    }
    return text
  }

  /// `{"changes": [...]}`, with an object for each change that has the non-empty fields of `LayoutChange`.
  static func json(_ changes: [LayoutChange]) -> String {
    let objects = changes.map { change in
      let fields: [(String, String?)] = [
        ("subject", change.subject.rawValue), ("section", change.section), ("name", change.name),
        ("kind", change.kindName), ("property", change.propertyName), ("old", change.old), ("new", change.new),
      ]
      let members = fields.compactMap { key, value in value.map { "\(JSONText.string(key)): \(JSONText.string($0))" } }
      return "    {" + members.joined(separator: ", ") + "}"
    }
    return "{\n  \"changes\": [" + (objects.isEmpty ? "" : "\n" + objects.joined(separator: ",\n") + "\n  ") + "]\n}\n"
  }

  private static func line(_ change: LayoutChange, _ width: Int) -> String {
    let name = change.name + String(repeating: " ", count: width - change.name.utf8.count)
    if change.subject == .section {
      return "  \(sign(change.kind)) \(change.kind == .added ? "new section" : "section is gone")"
    }
    switch change.kind {
    case .added: return "  + \(name)  added" + (change.new.map { "    \(flat($0))" } ?? "")
    case .removed: return "  - \(name)  removed" + (change.old.map { "  \(flat($0))" } ?? "")
    case .retyped(let member):
      let path = member.map { ".\($0)" } ?? ""
      return "  ~ \(name)  retyped  \(path.isEmpty ? "" : change.name + path + ": ")\(arrow(change))"
    case .moved, .resized, .changed:
      let padded = change.kindName + String(repeating: " ", count: 9 - change.kindName.utf8.count)
      return "  ~ \(name)  \(padded)\(change.propertyName.map { $0 + " " } ?? "")\(arrow(change))"
    }
  }

  private static func sign(_ kind: LayoutChange.Kind) -> String {
    switch kind {
    case .added: "+"
    case .removed: "-"
    case .moved, .resized, .retyped, .changed: "~"
    }
  }

  private static func arrow(_ change: LayoutChange) -> String {
    "\(change.old.map(flat) ?? "(none)") -> \(change.new.map(flat) ?? "(none)")"
  }

  /// A declaration on one line.
  private static func flat(_ text: String) -> String {
    text.split { $0 == "\n" || $0 == "\t" || $0 == " " }.joined(separator: " ")
  }
}
