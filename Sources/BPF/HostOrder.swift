internal import BTF
internal import Bytes
internal import ELF

extension ELFFile {
  /// The object in this machine's byte order: the object itself, or a swapped copy. O(bytes).
  ///
  /// All checks of the object must be repeated on the result, which can differ if sections overlap.
  ///
  /// - Throws: the errors of an object of the other byte order, including its BTF, before or after swapping.
  /// - Throws: what is wrong with one of the other order, its BTF included, before or after.
  func inHostOrder() throws(ObjectError) -> ELFFile {
    if byteOrder == ByteOrder.host { return self }
    _ = try ObjectError.ofBTF(try BTFSpec(of: self))
    return try ObjectError.ofELF(try ELFFile(ByteOrderSwap.swapped(self)))
  }
}
