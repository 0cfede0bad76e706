internal import CLibBPF
internal import Glibc
public import Incr

/// libbpf's static linker: several objects into one.
public enum StaticLinker {
  /// Links objects, in their order, and gives the linked object's bytes.
  ///
  /// Every input is checked first as for a header. libbpf writes into a file in memory: nothing partial is ever visible.
  ///
  /// - Throws: the input's own error, or `ObjectError.libbpf` with libbpf's words, together with the path that it is about.
  public static func link(_ inputs: [FileContent]) throws(LinkError) -> [UInt8] {
    for input in inputs {
      do throws(ObjectError) {
        _ = try BTF(of: try ELFFile(input.bytes))
      } catch { throw LinkError(path: input.path, error: error) }
    }
    let linked = try pass(inputs, for: inputs[0].path)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try linked.content(0..<linked.size())
    } catch { throw LinkError(path: inputs[0].path, error: .file(error)) }
    do throws(ObjectError) {
      return try DataSectionRepair.repaired(bytes)
    } catch { throw LinkError(path: inputs[0].path, error: error) }
  }

  /// - Parameter subject: the input that an error is about when it is about none in particular.
  private static func pass(_ inputs: [FileContent], for subject: String) throws(LinkError) -> MemoryFile {
    let output: MemoryFile
    do throws(FileError) {
      output = try MemoryFile(name: "bpfgen-link")
    } catch { throw LinkError(path: subject, error: .file(error)) }
    let outputPath = output.path
    var failure: (path: String, operation: String, errno: Int32)?
    // What libbpf calls each input.
    var spoken: [(String, path: String)] = []
    let (_, words) = LibBPFLog.capture {
      guard let linker = bpf_linker__new(outputPath, nil) else {
        failure = (subject, "start linking", errno)
        return
      }
      defer { bpf_linker__free(linker) }
      for input in inputs {
        let result = add(input, to: linker, &spoken)
        if result != 0 {
          failure = (input.path, "link", -result)
          return
        }
      }
      let result = bpf_linker__finalize(linker)
      if result != 0 { failure = (subject, "finish linking", -result) }
    }
    if let failure {
      let log = spoken.reduce(words) { $0.replacing($1.0, with: $1.path) }
      throw LinkError(
        path: failure.path, error: .libbpf(operation: failure.operation, errno: failure.errno, log: log))
    }
    return output
  }

  /// libbpf is given the bytes that were checked: at the path there may be others by now, half of an object, say.
  ///
  /// - Returns: 0, or an error's negative number.
  private static func add(_ input: FileContent, to linker: OpaquePointer, _ spoken: inout [(String, path: String)])
    -> Int32
  {
    do throws(FileError) {
      let file = try MemoryFile(name: "bpfgen-input")
      try file.fill(input.bytes)
      spoken.append((file.path, input.path))
      return bpf_linker__add_file(linker, file.path, nil)
    } catch { return -ENOMEM }
  }
}

/// An error of linking, with the input that it is about.
public struct LinkError: Error, Hashable, Sendable {
  public let path: String
  public let error: ObjectError
}
