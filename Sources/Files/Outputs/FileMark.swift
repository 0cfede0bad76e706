internal import Bytes
internal import Glibc

/// What a file must be for an output to take its place: no wrong path costs anybody a file of theirs.
///
/// An empty file always is, and one that is cut short of what is written now: nothing is lost with them.
package struct FileMark: Hashable, Sendable {
  private enum Kind: Hashable {
    /// It begins with one of these, all of one length.
    case beginning([[UInt8]])
    /// It is an ELF file to be linked further, as compilers make them.
    case relocatable
    /// Its first 512 bytes have one of these: line ends may have been converted, and a comment put in front.
    case phrase([String])
    /// It is a depfile and nothing else.
    case depfile
  }

  private let kind: Kind

  /// - Parameter beginnings: of one length, not empty.
  package init(_ beginnings: [UInt8]...) { kind = .beginning(beginnings) }

  package init(_ phrases: String...) { self.init(phrases) }
  package init(_ phrases: [String]) { kind = .phrase(phrases) }

  private init(kind: Kind) { self.kind = kind }

  package static let relocatable = FileMark(kind: .relocatable)
  package static let depfile = FileMark(kind: .depfile)

  private static let beginningSize = 512

  /// Whether the mark is on a file.
  ///
  /// - Parameter bytes: what is to take its place.
  /// - Throws: `FileError` for what cannot be read.
  func isOn(_ path: String, before bytes: ByteRope) throws(FileError) -> Bool {
    let found = try FileContent.beginning(of: path, bytes: FileMark.beginningSize)
    if found.count < FileMark.beginningSize, bytes.starts(with: found) { return true }
    switch kind {
    case .beginning(let beginnings): return beginnings.contains { found.starts(with: $0) }
    case .relocatable:
      // Source: elf.h: `e_ident`, and behind it `e_type`, in the file's byte order.
      return found.starts(with: [0x7f] + "ELF".utf8) && found.count > 18 && found[16] | found[17] == 1
    case .phrase(let phrases):
      let text = String(decoding: found, as: UTF8.self)
      return phrases.contains(where: text.contains)
    case .depfile: return Depfile.isDepfile(try FileContent(path: path).bytes)
    }
  }
}
