internal import Emit
internal import Files

/// The parameters of a task of a project: its rule, and everything that it depends on except its files.
///
/// The task graph, and so the state of a build, stores the encoded form. What is read back from a state is untrusted.
package enum TaskParameters: Hashable, Sendable {
  case link(isFinal: Bool)
  /// - Parameter hasContract: whether the contract's id follows the layout ids of the headers.
  case inspect([HeaderSpec], hasContract: Bool)
  case header(HeaderSpec)
  /// - Parameter fileName: the name of the object's file in a C payload; `nil` for a payload that is an object.
  case payload(HeaderSpec, fileName: String?)
  case check
  case needs
  case minimalBTF
  case kernelNeeds
  case kernel
  case kernelCheck(KernelCheckSpec)

  package var rule: ProjectRule {
    switch self {
    case .link: .link
    case .inspect: .inspect
    case .header: .header
    case .payload: .payload
    case .check: .check
    case .needs: .needs
    case .minimalBTF: .minimalBTF
    case .kernelNeeds: .kernelNeeds
    case .kernel: .kernel
    case .kernelCheck: .kernelCheck
    }
  }
}

/// The encoded form, by rule:
///
///     link           library | final
///     inspect        the headers, one line each, then the line `contract` if it is checked
///     header         the header
///     payload        the header, then a line with the file's name if there is one
///     check-kernels  as `KernelCheckSpec` codes it
///     check, needs, min-core-btf, kernel-needs, kernel    nothing
extension TaskParameters {
  private static let (library, final, contract) = ("library", "final", "contract")

  package func encode() -> String {
    switch self {
    case .link(let isFinal): isFinal ? TaskParameters.final : TaskParameters.library
    case .inspect(let headers, let hasContract):
      (headers.map { $0.encode() } + (hasContract ? [TaskParameters.contract] : [])).joined(separator: "\n")
    case .header(let header): header.encode()
    case .payload(let header, let fileName): header.encode() + (fileName.map { "\n" + $0 } ?? "")
    case .kernelCheck(let spec): spec.encode()
    case .check, .needs, .minimalBTF, .kernelNeeds, .kernel: ""
    }
  }

  /// - Returns: `nil` if the text is not the encoded form of the rule's parameters: a state that has it is damaged.
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
    case .kernelNeeds: self = .kernelNeeds
    case .kernel: self = .kernel
    case .kernelCheck:
      guard let spec = KernelCheckSpec(decoding: text) else { return nil }
      self = .kernelCheck(spec)
    }
    // Parameters have exactly one encoded form, which excludes what was skipped above.
    guard encode().utf8.elementsEqual(text.utf8) else { return nil }
  }
}
