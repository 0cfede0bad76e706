internal import Bytes
internal import Glibc

/// The signature that a file must have before an output replaces it, so that a wrong path does not destroy a user's
/// file.
///
/// An empty file and a prefix of the new bytes always match: replacing them loses nothing.
package struct FileMarker: Hashable, Sendable {
  private enum Kind: Hashable {
    /// The file begins with one of these; all have the same length.
    case beginning([[UInt8]])
    /// A relocatable ELF file, as compilers write it.
    case relocatable
    /// The first 512 bytes contain one of these: line ends may have been converted, and a comment prepended.
    case phrase([String])
    /// The whole file is a depfile.
    case depfile
  }

  private let kind: Kind

  /// - Parameter beginnings: all of the same length, not empty.
  package init(_ beginnings: [UInt8]...) { kind = .beginning(beginnings) }

  package init(_ phrases: String...) { self.init(phrases) }
  package init(_ phrases: [String]) { kind = .phrase(phrases) }

  private init(kind: Kind) { self.kind = kind }

  package static let relocatable = FileMarker(kind: .relocatable)
  package static let depfile = FileMarker(kind: .depfile)

  private static let beginningSize = 512

  /// Whether a file has the signature.
  ///
  /// - Parameter bytes: the new content.
  /// - Throws: `FileError` if the file cannot be read.
  func isPresent(in path: String, before bytes: ByteRope) throws(FileError) -> Bool {
    let found = try FileContent.beginning(of: path, bytes: FileMarker.beginningSize)
    if found.count < FileMarker.beginningSize, bytes.starts(with: found) { return true }
    switch kind {
    case .beginning(let beginnings): return beginnings.contains { found.starts(with: $0) }
    case .relocatable:
      // Source: elf.h: `e_ident`, followed by `e_type` in the file's byte order.
      return found.starts(with: [0x7f] + "ELF".utf8) && found.count > 18 && found[16] | found[17] == 1
    case .phrase(let phrases):
      let text = String(decoding: found, as: UTF8.self)
      return phrases.contains(where: text.contains)
    case .depfile: return Depfile.isDepfile(try FileContent(path: path).bytes)
    }
  }
}
