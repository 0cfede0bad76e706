public import Incr

/// Links several objects into one.
///
/// Inputs are added in their order, and nothing of their bytes is kept. Every input is checked first as for a header.
/// Objects of the other byte order are linked in this machine's, and the result is turned back.
public struct StaticLinker: ~Copyable {
  private var linker = ObjectLinker()
  private var order: ByteOrder?

  public init() {}

  /// Adds an object to the link. O(bytes + symbols + types).
  ///
  /// - Throws: the input's own error, or `ObjectError.link` when it does not fit those before it.
  public mutating func add(_ input: FileContent) throws(ObjectError) {
    let elf = try ELFFile(input.bytes)
    guard elf.byteOrder == order ?? elf.byteOrder else { throw .mixedByteOrders(elf.byteOrder) }
    order = elf.byteOrder
    try linker.add(try ByteOrderSwap.hostOrder(elf), path: input.path)
  }

  /// The linked object's bytes.
  ///
  /// - Throws: `ObjectError.libbpf` when libbpf cannot merge the types.
  public consuming func finish() throws(ObjectError) -> [UInt8] {
    let linked = try linker.finish()
    return order == ByteOrderSwap.host ? linked : ByteOrderSwap.swapped(try ELFFile(linked))
  }

  /// Links objects that are in memory.
  public static func link(_ inputs: [FileContent]) throws(LinkError) -> [UInt8] {
    var linker = StaticLinker()
    for input in inputs {
      do throws(ObjectError) { try linker.add(input) } catch { throw LinkError(path: input.path, error: error) }
    }
    do throws(ObjectError) {
      return try linker.finish()
    } catch { throw LinkError(path: inputs[0].path, error: error) }
  }
}
