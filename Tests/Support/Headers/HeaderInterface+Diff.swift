/// Something that a reference header offers and a candidate does not, or not so.
enum MissingPart: Equatable, Sendable, CustomStringConvertible {
  case record(String)
  case recordSize(String, reference: Int, candidate: Int)
  case member(String)
  case memberType(String, reference: String, candidate: String)
  case memberOffset(String, referenceBits: Int, candidateBits: Int)
  /// The first of the common members that has another offset.
  case memberOrder(String)
  case function(String)
  case prototype(String, reference: String, candidate: String)

  var description: String {
    switch self {
    case .record(let name): "struct \(name): missing"
    case .recordSize(let name, let reference, let candidate):
      "struct \(name): \(reference) bytes in the reference, \(candidate) here"
    case .member(let path): "\(path): missing"
    case .memberType(let path, let reference, let candidate):
      "\(path): type '\(reference)' in the reference, '\(candidate)' here"
    case .memberOffset(let path, let reference, let candidate):
      "\(path): bit offset \(reference) in the reference, \(candidate) here"
    case .memberOrder(let path): "\(path): another place in the order of members"
    case .function(let name): "\(name)(): missing"
    case .prototype(let name, let reference, let candidate):
      "\(name)(): '\(reference)' in the reference, '\(candidate)' here"
    }
  }
}

extension HeaderInterface {
  /// What this header offers and a candidate does not. The candidate may offer more.
  ///
  /// Offsets and sizes count in the structs that describe a data section (`N__…`); `struct N` itself is allocated by
  /// the header's own code, and only the order of its members is promised.
  /// - Parameter name: `N`.
  func missing(from candidate: HeaderInterface, name: String) -> [MissingPart] {
    let offered = Dictionary(candidate.records.map { ($0.name, $0) }) { first, _ in first }
    let inRecords = records.flatMap { record in
      offered[record.name].map { record.missing(from: $0, layoutCounts: record.name != name) }
        ?? [.record(record.name)]
    }
    return inRecords + Self.missing(functions, from: candidate.functions, name: name)
  }

  /// The functions that only check the header itself are not part of the interface.
  static func missing(_ reference: [Function], from candidate: [Function], name: String) -> [MissingPart] {
    let offered = Dictionary(candidate.map { ($0.name, $0.prototype) }) { first, _ in first }
    let selfChecks = ["\(name)__assert", "\(name)__type_asserts"]
    return reference.filter { !selfChecks.contains($0.name) }.compactMap { function in
      guard let prototype = offered[function.name] else { return .function(function.name) }
      if prototype == function.prototype { return nil }
      return .prototype(function.name, reference: function.prototype, candidate: prototype)
    }
  }
}

extension HeaderInterface.Record {
  fileprivate func missing(from candidate: Self, layoutCounts: Bool) -> [MissingPart] {
    let offered = Dictionary(candidate.members.map { ($0.path, $0) }) { first, _ in first }
    var parts: [MissingPart] = []
    if layoutCounts && sizeBytes != candidate.sizeBytes {
      parts.append(.recordSize(name, reference: sizeBytes, candidate: candidate.sizeBytes))
    }
    for member in members where !member.isPadding {
      let path = "\(name).\(member.path)"
      guard let other = offered[member.path] else {
        parts.append(.member(path))
        continue
      }
      if other.type != member.type {
        parts.append(.memberType(path, reference: member.type, candidate: other.type))
      }
      if layoutCounts && other.offsetBits != member.offsetBits {
        parts.append(
          .memberOffset(path, referenceBits: member.offsetBits, candidateBits: other.offsetBits))
      }
    }
    return parts + misplaced(in: candidate)
  }

  private func misplaced(in candidate: Self) -> [MissingPart] {
    let theirs = Set(candidate.members.filter { !$0.isPadding }.map(\.path))
    let ours = Set(members.filter { !$0.isPadding }.map(\.path))
    let expected = members.map(\.path).filter(theirs.contains)
    let found = candidate.members.map(\.path).filter(ours.contains)
    return zip(expected, found).first { $0 != $1 }.map { [.memberOrder("\(name).\($0.0)")] } ?? []
  }
}
