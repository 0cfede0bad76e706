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
    var empty: Set<String> = []
    var types = 0
    for input in inputs {
      do throws(ObjectError) {
        let own = try ELFFile(input.bytes)
        guard own.byteOrder == order ?? own.byteOrder else { throw .mixedByteOrders(own.byteOrder) }
        order = own.byteOrder
        let elf = try ByteOrderSwap.hostOrder(own)
        try elf.checkLinkable()
        if let btf = try BTF(of: elf) {
          try btf.checkPlaces(in: elf)
          try btf.checkSharedSections(of: elf)
          try btf.checkMerging()
          try variables.take(btf)
          types += btf.count
        }
        readable.append(Input(path: input.path, bytes: elf.passingOverEmptySections(besides: &empty)))
      } catch { throw LinkError(path: input.path, error: error) }
    }
    let linked = try pass(readable, types: types, for: inputs[0].path)
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

  /// - Parameters:
  ///   - types: how many all inputs have: as deep does libbpf go, with two calls of 200 bytes at most for each.
  ///   - subject: the input that an error is about when it is about none in particular.
  private static func pass(_ inputs: [Input], types: Int, for subject: String) throws(LinkError) -> MemoryFile {
    let output: MemoryFile
    do throws(FileError) {
      output = try MemoryFile(name: "bpfgen-link")
    } catch { throw LinkError(path: subject, error: .file(error)) }
    let outputPath = output.path
    var failure: Failure?
    // What libbpf calls each input.
    var spoken: [(String, path: String)] = []
    var words = ""
    LargeStack.run(bytes: 512 * types) {
      (failure, words) = LibBPFLog.capture { write(inputs, to: outputPath, for: subject, &spoken) }
    }
    if let failure {
      let log = spoken.reduce(words) { $0.replacing($1.0, with: $1.path) }
      throw LinkError(
        path: failure.path, error: .libbpf(operation: failure.operation, errno: failure.errno, log: log))
    }
    return output
  }

  private struct Failure {
    let path: String
    let operation: String
    let errno: Int32
  }

  private static func write(
    _ inputs: [Input], to output: String, for subject: String, _ spoken: inout [(String, path: String)]
  ) -> Failure? {
    guard let linker = bpf_linker__new(output, nil) else {
      return Failure(path: subject, operation: "start linking", errno: errno)
    }
    defer { bpf_linker__free(linker) }
    for input in inputs {
      let result = add(input, to: linker, &spoken)
      if result != 0 { return Failure(path: input.path, operation: "link", errno: -result) }
    }
    let result = bpf_linker__finalize(linker)
    return result == 0 ? nil : Failure(path: subject, operation: "finish linking", errno: -result)
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

extension ELFFile {
  /// The bytes, with sections that are empty marked as ones that linkers pass over, where an object before has an empty one
  /// of the name as well: libbpf before 1.2 frees the memory of both, which is one. Source: `extend_sec`.
  fileprivate func passingOverEmptySections(besides seen: inout Set<String>) -> [UInt8] {
    var bytes = reader.bytes
    let table = Int(reader.load(UInt64.self, at: 40)!)
    for (index, section) in sections.enumerated() where section.size == 0 {
      guard section.type == ELF.programBits || section.type == ELF.relocations else { continue }
      guard !seen.insert(section.name).inserted else { continue }
      withUnsafeBytes(of: ELF.addressSignificance) {
        bytes.replaceSubrange(
          table + index * ELF.sectionHeaderSize + 4..<table + index * ELF.sectionHeaderSize + 8, with: $0)
      }
    }
    return bytes
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
