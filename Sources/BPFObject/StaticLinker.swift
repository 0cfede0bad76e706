internal import CLibBPF
internal import Glibc
public import Incr

/// libbpf's static linker: several objects into one.
public enum StaticLinker {
  /// Links objects, in their order, and gives the linked object's bytes.
  ///
  /// Every input is checked first as for a header. Objects of the other byte order are linked in this machine's, and the
  /// result is turned back. libbpf writes into a file in memory: nothing partial is ever visible.
  ///
  /// - Throws: the input's own error, or `ObjectError.libbpf` with libbpf's words, together with the path that it is about.
  public static func link(_ inputs: [FileContent]) throws(LinkError) -> [UInt8] {
    var order: ByteOrder?
    var variables = SharedVariables()
    var readable: [Input] = []
    for input in inputs {
      do throws(ObjectError) {
        let own = try ELFFile(input.bytes)
        guard own.byteOrder == order ?? own.byteOrder else { throw .mixedByteOrders(own.byteOrder) }
        order = own.byteOrder
        let elf = try ByteOrderSwap.hostOrder(own)
        if let btf = try BTF(of: elf) { try variables.take(btf) }
        readable.append(Input(path: input.path, bytes: elf.reader.bytes))
      } catch { throw LinkError(path: input.path, error: error) }
    }
    let linked = try pass(readable, for: inputs[0].path)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try linked.content(0..<linked.size())
    } catch { throw LinkError(path: inputs[0].path, error: .file(error)) }
    do throws(ObjectError) {
      let repaired = try DataSectionRepair.repaired(bytes)
      return order == ByteOrderSwap.host ? repaired : ByteOrderSwap.swapped(try ELFFile(repaired))
    } catch { throw LinkError(path: inputs[0].path, error: error) }
  }

  /// An object as libbpf is given it: in this machine's byte order.
  private struct Input {
    let path: String
    let bytes: [UInt8]
  }

  /// - Parameter subject: the input that an error is about when it is about none in particular.
  private static func pass(_ inputs: [Input], for subject: String) throws(LinkError) -> MemoryFile {
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
  private static func add(_ input: Input, to linker: OpaquePointer, _ spoken: inout [(String, path: String)])
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

/// In which section inputs have the variables that they share.
private struct SharedVariables {
  private var sections: [String: String] = [:]

  /// Refuses a variable that is in another section than an input before has it in, be it one that it only declares there:
  /// libbpf's linker would look for it among the variables of the other section. Source: `linker_append_btf`.
  mutating func take(_ btf: BTF) throws(ObjectError) {
    for section in btf.ids(of: .dataSection) {
      for index in 0..<btf.vlen(section) {
        let variable = btf.sectionVariable(section, index).variable
        guard btf.kind(variable) == .variable, btf.linkage(variable) != 0 else { continue }
        let (name, place) = (btf.name(variable), btf.name(section))
        if let other = sections.updateValue(place, forKey: name), other != place {
          throw .movedVariable(name, section: place, other: other)
        }
      }
    }
  }
}

/// An error of linking, with the input that it is about.
public struct LinkError: Error, Hashable, Sendable {
  public let path: String
  public let error: ObjectError
}
