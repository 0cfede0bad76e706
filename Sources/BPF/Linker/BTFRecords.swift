internal import BTF
internal import Bytes

/// The records of a `.BTF.ext` section for one program section: the function at each start, the source line of each
/// instruction, and the instructions that CO-RE relocations change.
struct BTFRecords {
  /// The words of each part's records.
  private var words: [[UInt32]] = [[], [], []]

  subscript(part: BTFExtension.Part) -> [UInt32] {
    get { words[part.rawValue] }
    _modify { yield &words[part.rawValue] }
  }
}

/// The sizes of records in 32-bit words, one for each part in the whole link.
struct BTFRecordSizes {
  private var words: [Int?] = [nil, nil, nil]
  private var origins = [0, 0, 0]

  subscript(part: BTFExtension.Part) -> Int { words[part.rawValue] ?? 0 }

  /// - Returns: the input that has records of another size, `nil` if there is none.
  mutating func add(_ count: Int, of part: BTFExtension.Part, from input: Int) -> Int? {
    if let known = words[part.rawValue] { return known == count ? nil : origins[part.rawValue] }
    words[part.rawValue] = count
    origins[part.rawValue] = input
    return nil
  }
}

extension LinkedSections {
  /// Removes the records of all sections and returns them as a `.BTF.ext` section; `nil` if it would be empty.
  mutating func takeRecords(_ sizes: BTFRecordSizes, _ types: inout LinkedTypes) -> [UInt8]? {
    let parts = BTFExtension.Part.allCases
    let lengths = parts.map { part in
      let words = all.reduce(0) { $1.records[part].isEmpty ? $0 : $0 + 2 + $1.records[part].count }
      return words > 0 ? 4 * (1 + words) : 0
    }
    guard lengths.contains(where: { $0 > 0 }) else { return nil }
    var section = ByteWriter(capacity: lengths.reduce(BTFExtension.headerSize, +))
    section.append(BTFExtension.header(partBytes: lengths))
    for (part, length) in zip(parts, lengths) where length > 0 {
      section.append(UInt32(4 * sizes[part]))
      for index in all.indices where !all[index].records[part].isEmpty {
        let records = all[index].records[part]
        section.append([types.string(all[index].name).rawValue, UInt32(records.count / sizes[part])])
        section.append(records)
        self[index].records[part] = []
      }
    }
    return section.bytes
  }
}
