internal import Glibc

/// What a file must be for an output to take its place: no wrong path costs anybody a file of theirs.
///
/// An empty file always is: nothing is lost with that.
public struct FileMark: Hashable, Sendable {
  private enum Kind: Hashable {
    /// It begins with one of these, all of one length.
    case beginning([[UInt8]])
    /// Its first lines have this: line ends may have been converted, and a comment put in front.
    case phrase(String)
    /// It reads as a depfile's rule.
    case rule
    case empty
  }

  private let kind: Kind

  /// - Parameter beginnings: of one length, not empty.
  public init(_ beginnings: [UInt8]...) { kind = .beginning(beginnings) }

  /// - Parameter phrase: that its first 512 bytes have.
  public init(_ phrase: String) { kind = .phrase(phrase) }

  private init(kind: Kind) { self.kind = kind }

  public static let depfile = FileMark(kind: .rule)
  /// On an empty file alone: what is written is somebody's from then on.
  public static let empty = FileMark(kind: .empty)

  /// Whether the mark is on a file.
  ///
  /// - Throws: `FileError` for what cannot be read.
  func isOn(_ path: String) throws(FileError) -> Bool {
    switch kind {
    case .beginning(let beginnings):
      let found = try FileContent.beginning(of: path, bytes: beginnings[0].count)
      return found.isEmpty || beginnings.contains(found)
    case .phrase(let phrase):
      let found = try FileContent.beginning(of: path, bytes: 512)
      return found.isEmpty || String(decoding: found, as: UTF8.self).contains(phrase)
    case .rule:
      let text = try FileContent(path: path).bytes
      return text.isEmpty || Depfile(text: text) != nil
    case .empty: return try FileContent.beginning(of: path, bytes: 1).isEmpty
    }
  }
}
