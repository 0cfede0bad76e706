internal import Bytes
internal import ELF

/// Links several objects into one.
///
/// Inputs are added in order, and their bytes are not kept. Every input is checked as for a header. Objects of the
/// other byte order are linked in this machine's byte order, and the result is swapped back.
package struct StaticLinker: ~Copyable {
  private var linker = ObjectLinker()
  private var order: ByteOrder?

  package init() {}

  /// Adds an object to the link. O(bytes + symbols + types).
  ///
  /// - Parameter path: for messages about it and later inputs.
  /// - Throws: the input's own error, or `ObjectError.link` if it conflicts with earlier inputs.
  package mutating func add(_ bytes: [UInt8], path: String) throws(ObjectError) {
    let elf = try ObjectError.ofELF(try ELFFile(bytes))
    guard elf.byteOrder == order ?? elf.byteOrder else { throw .mixedByteOrders(elf.byteOrder) }
    order = elf.byteOrder
    try linker.add(try elf.inHostOrder(), path: path)
  }

  /// The linked object's bytes.
  ///
  /// - Throws: `ObjectError.libbpf` if libbpf cannot merge the types.
  package consuming func finish() throws(ObjectError) -> [UInt8] {
    let linked = try linker.finish()
    return order == ByteOrder.host ? linked : ByteOrderSwap.swapped(try ObjectError.ofELF(try ELFFile(linked)))
  }

  /// Links objects in memory.
  package static func link(_ inputs: [(path: String, bytes: [UInt8])]) throws(LinkError) -> [UInt8] {
    var linker = StaticLinker()
    for (path, bytes) in inputs {
      do throws(ObjectError) { try linker.add(bytes, path: path) } catch { throw LinkError(path: path, error: error) }
    }
    do throws(ObjectError) {
      return try linker.finish()
    } catch { throw LinkError(path: inputs[0].path, error: error) }
  }
}
