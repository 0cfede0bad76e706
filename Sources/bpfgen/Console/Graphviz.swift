internal import Bytes
internal import Files
internal import Glibc
internal import GraphView

/// Runs Graphviz's `dot`, if it is installed.
enum Graphviz {
  /// A drawing as SVG.
  static func svg(_ drawing: GraphDrawing) throws(CommandError) -> ByteRope {
    let dot: ChildProcess
    do throws(FileError) {
      dot = try ChildProcess(["dot", "-Tsvg"], input: Array(drawing.dot().utf8))
    } catch {
      guard case .system(_, _, ENOENT) = error else { throw CommandError.failed(Diagnostic(error)) }
      throw CommandError.failed(
        Diagnostic(
          path: "dot", what: "Graphviz is not installed",
          hint: "install it (apt install graphviz), or use --format html"))
    }
    guard dot.ending == .exited(0) else { throw CommandError.failed(failure(dot)) }
    return ByteRope(dot.output)
  }

  private static func failure(_ dot: ChildProcess) -> Diagnostic {
    let how =
      switch dot.ending {
      case .exited(let status): "failed with exit status \(status)"
      case .signalled(let number): "was killed by signal \(number)"
      }
    let message = String(decoding: dot.standardError, as: UTF8.self)
    return Diagnostic(path: "dot", what: how, facts: message.isEmpty ? [] : [("output", message)])
  }
}
