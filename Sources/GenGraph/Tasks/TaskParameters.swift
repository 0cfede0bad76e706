internal import Emit
internal import Files

/// What a task of a project is told beside its files: its rule, with the rule's parameters.
///
/// The task graph, and with it the state of a build, holds the coded form. What comes back from a state is not trusted.
package enum TaskParameters: Hashable, Sendable {
  case link(isFinal: Bool)
  /// - Parameter hasContract: whether the contract's id follows the layout ids of the headers.
  case inspect([HeaderSpec], hasContract: Bool)
  case header(HeaderSpec)
  /// - Parameter fileName: what a payload in C calls the object's file; `nil` for a payload that is an object.
  case payload(HeaderSpec, fileName: String?)
  case check
  case needs
  case minimalBTF

  package var rule: ProjectRule {
    switch self {
    case .link: .link
    case .inspect: .inspect
    case .header: .header
    case .payload: .payload
    case .check: .check
    case .needs: .needs
    case .minimalBTF: .minimalBTF
    }
  }
}

/// The coded form, by rule:
///
///     link           library | final
///     inspect        the headers, a line each, then the line `contract` if there is one
///     header         the header
///     payload        the header, then a line with the file's name if there is one
///     check, needs, min-core-btf    nothing
extension TaskParameters {
  private static let (library, final, contract) = ("library", "final", "contract")

  package func encode() -> String {
    switch self {
    case .link(let isFinal): isFinal ? TaskParameters.final : TaskParameters.library
    case .inspect(let headers, let hasContract):
      (headers.map { $0.encode() } + (hasContract ? [TaskParameters.contract] : [])).joined(separator: "\n")
    case .header(let header): header.encode()
    case .payload(let header, let fileName): header.encode() + (fileName.map { "\n" + $0 } ?? "")
    case .check, .needs, .minimalBTF: ""
    }
  }

  /// - Returns: `nil` when the text is not the coded form of the rule's parameters: a state that has it is damaged.
  package init?(decoding text: String, rule: ProjectRule) {
    switch rule {
    case .link: self = .link(isFinal: text == TaskParameters.final)
    case .inspect:
      var lines = text.split(at: "\n")
      let hasContract = lines.last.map { $0 == TaskParameters.contract } ?? false
      if hasContract { lines.removeLast() }
      let headers = lines.compactMap { HeaderSpec(decoding: $0) }
      guard headers.count == lines.count else { return nil }
      self = .inspect(headers, hasContract: hasContract)
    case .header:
      guard let header = HeaderSpec(decoding: text[...]) else { return nil }
      self = .header(header)
    case .payload:
      let end = text.utf8.firstIndex(of: UInt8(ascii: "\n"))
      guard let header = HeaderSpec(decoding: text[..<(end ?? text.endIndex)]), header.kind.hasPayload else {
        return nil
      }
      self = .payload(header, fileName: end.map { String(text[text.utf8.index(after: $0)...]) })
    case .check: self = .check
    case .needs: self = .needs
    case .minimalBTF: self = .minimalBTF
    }
    // Parameters have one coded form: what was skipped above is not of it.
    guard encode().utf8.elementsEqual(text.utf8) else { return nil }
  }
}
