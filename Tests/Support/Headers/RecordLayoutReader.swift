import Foundation

/// Reads clang's `-fdump-record-layouts`.
///
/// ```
/// *** Dumping AST Record Layout
///          0 | struct app__bss
///          0 |   struct app__bss::(unnamed at app.skel.h:9:3) range
///          0 |     int low
///     4:0-2 |   int flags
///          8 |   struct (unnamed struct at app.skel.h:12:3)[4] pairs
///            | [sizeof=40, align=8]
/// ```
/// Two spaces of indentation are one level; a line that ends in a space has no name; bit-fields have `byte:first-last`.
/// A struct without a name is expanded in place when a member holds it by value, and has only a record of its own,
/// found by its place in the file, when the member is an array of it or a pointer to it.
struct RecordLayoutReader {
  /// One line of a record, its text split but not judged.
  private struct Line {
    var offsetBits: Int
    var depth: Int
    var type: String
    var name: String
  }

  private struct RawRecord {
    var sizeBytes: Int
    var lines: [Line]
  }

  private var named: [(name: String, record: RawRecord)] = []
  private var unnamed: [String: RawRecord] = [:]

  /// - Parameters:
  ///   - dump: clang's complete output; of irrelevant records only the first line is read.
  ///   - header: as it was passed to clang; anonymous records are distinguished by their position in it.
  init(dump: String, header: String) {
    for block in dump.components(separatedBy: "*** Dumping AST Record Layout\n").dropFirst() {
      let title = block.prefix { $0 != "\n" }
      if let location = Self.location(in: String(title)) {
        guard title.contains(header) else { continue }
        unnamed[location] = Self.record(block)
      } else if title.hasPrefix("         0 | struct ") {
        named.append((String(title.dropFirst("         0 | struct ".count)), RawRecord(sizeBytes: -1, lines: [])))
        named[named.count - 1].record = Self.record(block)
      }
    }
  }

  /// The records with a wanted name, in the order of the dump.
  func records(where isWanted: (String) -> Bool) -> [HeaderInterface.Record] {
    named.filter { isWanted($0.name) }.map {
      .init(name: $0.name, sizeBytes: $0.record.sizeBytes, members: members(of: $0.record, prefix: "", depth: 0))
    }
  }
}

// MARK: - From lines to members

extension RecordLayoutReader {
  private func members(of record: RawRecord, prefix: String, depth: Int) -> [HeaderInterface.Member] {
    precondition(depth < 32, "records without a name cannot hold themselves")
    var members: [HeaderInterface.Member] = []
    // The prefix of the names at each level; `nil` inside a named struct, which is the user's own.
    var prefixes: [String?] = [prefix]
    for line in record.lines {
      prefixes.removeLast(prefixes.count - line.depth)
      guard let outer = prefixes[line.depth - 1] else {
        prefixes.append(nil)
        continue
      }
      let path = outer + line.name
      let location = Self.location(in: line.type)
      if !line.name.isEmpty {
        members.append(.init(path: path, type: Self.withoutLocation(line.type), offsetBits: line.offsetBits))
      }
      if let location, let record = unnamed[location], let step = Self.step(of: line.type) {
        members += self.members(of: record, prefix: path + step, depth: depth + 1)
      }
      // The members of a struct that is a member without a name belong to the struct around it.
      prefixes.append(location == nil ? nil : line.name.isEmpty ? outer : path + ".")
    }
    return members
  }

  /// How C goes from a member to the struct without a name that its type mentions; `nil` when it holds it by value.
  private static func step(of type: String) -> String? {
    guard let end = type.lastIndex(of: ")") else { return nil }
    let derived = type[type.index(after: end)...].trimmingCharacters(in: .whitespaces)
    if derived.isEmpty { return nil }
    return derived.contains("*") ? "->" : "[]."
  }

  /// `FILE:LINE:COLUMN` of the struct, union or enum without a name that a type mentions.
  private static func location(in type: String) -> String? {
    guard let end = type.lastIndex(of: ")"),
      let start = type.range(of: " at ", options: .backwards), start.upperBound < end,
      type.contains("(unnamed") || type.contains("(anonymous")
    else { return nil }
    return String(type[start.upperBound..<end])
  }

  /// `struct app::(unnamed at app.skel.h:9:3)[4]` as `struct {}[4]`.
  private static func withoutLocation(_ type: String) -> String {
    guard location(in: type) != nil, let end = type.lastIndex(of: ")") else { return type }
    let tag = ["struct", "union", "enum"].first { type.hasPrefix($0) || type.contains(" \($0) ") } ?? ""
    let qualifiers = type.prefix(upTo: type.range(of: tag)?.lowerBound ?? type.startIndex)
    return "\(qualifiers)\(tag) {}\(type[type.index(after: end)...])"
  }
}

// MARK: - From text to lines

extension RecordLayoutReader {
  private static func record(_ block: String) -> RawRecord {
    var record = RawRecord(sizeBytes: -1, lines: [])
    for text in block.components(separatedBy: "\n").dropFirst() {
      guard let bar = text.range(of: " | ") else { break }
      let rest = text[bar.upperBound...]
      if rest.hasPrefix("[sizeof=") {
        record.sizeBytes = Int(rest.dropFirst("[sizeof=".count).prefix { $0.isNumber }) ?? -1
        break
      }
      record.lines.append(line(offset: text[..<bar.lowerBound], rest: rest))
    }
    return record
  }

  private static func line(offset: Substring, rest: Substring) -> Line {
    let depth = rest.prefix { $0 == " " }.count / 2
    let text = rest.drop { $0 == " " }
    let split = text.lastIndex(of: " ") ?? text.startIndex
    // `4:0-2` is byte 4, bits 0 to 2.
    let numbers = offset.split { !$0.isNumber }.compactMap { Int($0) }
    return Line(
      offsetBits: (numbers.first ?? 0) * 8 + (numbers.count > 1 ? numbers[1] : 0),
      depth: max(1, depth),
      type: text[..<split].trimmingCharacters(in: .whitespaces),
      name: String(text[split...].drop { $0 == " " }))
  }
}
