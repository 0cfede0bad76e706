internal import BTF
internal import Bytes
internal import ELF

extension ELFFile {
  /// The object in this machine's byte order: itself, or turned. O(bytes).
  ///
  /// All that is checked of an object is to be checked of the result: it can be another one, where sections lie over one
  /// another.
  ///
  /// - Throws: what is wrong with one of the other order, its BTF included, before or after.
  func inHostOrder() throws(ObjectError) -> ELFFile {
    if byteOrder == ByteOrder.host { return self }
    _ = try ObjectError.ofBTF(try BTFSpec(of: self))
    return try ObjectError.ofELF(try ELFFile(ByteOrderSwap.swapped(self)))
  }
}
