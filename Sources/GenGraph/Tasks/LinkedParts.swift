internal import Bytes
internal import ELF
package import Files

extension FileContent {
  /// Reads an object for a link. DWARF and its relocations, often nine tenths of a large object, are not read.
  ///
  /// The content is an object in which these sections have a size and no bytes.
  package init(objectToLink path: String) throws(FileError) {
    try self.init(path: path) { parts throws(FileError) in try LinkedParts.bytes(of: parts) }
  }
}

/// The parts of an object file that a link reads: the header, the section table, and all sections except DWARF.
private struct LinkedParts {
  private let file: FileParts
  private var bytes: [UInt8]
  private let count: Int

  /// Smaller files are read whole: one call takes no longer than several.
  private static let minimumBytes = 1 << 16
  /// Two sections with at most this many bytes between them are read with one call.
  private static let gapBytes = 64

  /// `nil` for a file that should be read as a whole: a small one, one of the other byte order, and one with invalid
  /// section offsets, for which reading the whole file gives the error.
  static func bytes(of file: FileParts) throws(FileError) -> [UInt8]? {
    guard var parts = try LinkedParts(file), try parts.readSections() else { return nil }
    return parts.bytes
  }

  /// Reads the header, and appends the table of sections to it.
  private init?(_ file: FileParts) throws(FileError) {
    guard file.sizeBytes >= LinkedParts.minimumBytes else { return nil }
    self.file = file
    bytes = try file.read(0..<FileHeader.size)
    guard let header = try? ELFFile.checkedReader(bytes), header.order == ByteOrder.host,
      bytes.load(FileHeader.sectionHeaderSize) == SectionHeader.size
    else { return nil }
    count = Int(bytes.load(FileHeader.sectionCount))
    let size = UInt64(count * SectionHeader.size)
    guard let table = LinkedParts.range(bytes.load(FileHeader.sectionTable), size, in: file) else { return nil }
    bytes += try file.read(table)
    bytes.set(FileHeader.sectionTable, to: UInt64(FileHeader.size))
  }

  /// - Returns: whether the section table and the section names are valid.
  private mutating func readSections() throws(FileError) -> Bool {
    let namesIndex = Int(bytes.load(FileHeader.sectionNames))
    guard namesIndex < count, let range = range(of: namesIndex) else { return false }
    let names = try file.read(range)
    var kept: [(section: Int, range: Range<Int>)] = []
    for section in 0..<count where ![0, ELFFormat.noBits].contains(type(of: section)) {
      let name = Int(bytes.load(SectionHeader.name, at: header(of: section)))
      guard name < names.count, let range = self.range(of: section) else { return false }
      if isUnread(section, named: names[name...]) {
        bytes.set(SectionHeader.type, at: header(of: section), to: ELFFormat.noBits)
      } else {
        kept.append((section, range))
      }
    }
    try read(kept.sorted { $0.range.lowerBound < $1.range.lowerBound })
    return true
  }

  /// Reads sections in ascending order, and adjacent ones with one call.
  private mutating func read(_ sections: [(section: Int, range: Range<Int>)]) throws(FileError) {
    var next = 0
    while next < sections.count {
      let start = sections[next].range.lowerBound
      var end = start
      while next < sections.count, sections[next].range.lowerBound <= end + LinkedParts.gapBytes {
        let (section, range) = sections[next]
        bytes.set(
          SectionHeader.offset, at: header(of: section), to: UInt64(bytes.count + range.lowerBound - start))
        end = max(end, range.upperBound)
        next += 1
      }
      bytes += try file.read(start..<end)
    }
  }

  private func header(of section: Int) -> Int { FileHeader.size + section * SectionHeader.size }

  private func type(of section: Int) -> UInt32 { bytes.load(SectionHeader.type, at: header(of: section)) }

  private func isUnread(_ section: Int, named name: ArraySlice<UInt8>) -> Bool {
    let types = [ELFFormat.programBits, ELFFormat.relocations, ELFFormat.relocationsWithAddend]
    let flags = bytes.load(SectionHeader.flags, at: header(of: section))
    return types.contains(type(of: section)) && flags & ELFFormat.executable == 0 && ELFFile.Section.isDebug(name)
  }

  /// The range of a section's bytes; `nil` if it is outside the file.
  private func range(of section: Int) -> Range<Int>? {
    let header = header(of: section)
    return LinkedParts.range(
      bytes.load(SectionHeader.offset, at: header), bytes.load(SectionHeader.byteCount, at: header), in: file)
  }

  private static func range(_ offset: UInt64, _ size: UInt64, in file: FileParts) -> Range<Int>? {
    let fileBytes = UInt64(file.sizeBytes)
    guard offset <= fileBytes, size <= min(fileBytes - offset, UInt64(UInt32.max)) else { return nil }
    return Int(offset)..<Int(offset + size)
  }
}
