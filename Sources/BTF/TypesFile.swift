package import Bytes
internal import ELF

/// The BTF of a file, checked unless it is split.
package struct TypesFile: Sendable {
  package let section: [UInt8]
  package let order: ByteOrder
  /// The types; `nil` for a split BTF, which cannot be read without its base.
  package let types: BTFSpec?

  /// - Parameters:
  ///   - file: raw BTF, as `/sys/kernel/btf/vmlinux` is, or any 64-bit ELF file with a section `.BTF`: a BPF object, a
  ///     vmlinux, a kernel module.
  ///   - isSplit: whether it needs a base to be read.
  /// - Throws: the errors of the file.
  package init(_ file: [UInt8], isSplit: Bool = false) throws(BTFError) {
    (section, order) = try TypesFile.section(file)
    types = isSplit ? nil : try BTFSpec(section: section, order: order)
  }

  private static func section(_ file: [UInt8]) throws(BTFError) -> ([UInt8], ByteOrder) {
    if let order = rawOrder(file) { return (file, order) }
    let found = try BTFError.ofELF(try ELFFile.section(named: ".BTF", ofAny: file))
    guard let found else { throw .missing(.noDebugInfo) }
    return found
  }

  /// Whether a file is raw BTF, by its first bytes.
  package static func isRaw(_ file: [UInt8]) -> Bool { rawOrder(file) != nil }

  /// Source: the kernel's Documentation/bpf/btf.rst: BTF begins with 0xeb9f in its own byte order.
  private static func rawOrder(_ file: [UInt8]) -> ByteOrder? {
    if file.starts(with: [0x9f, 0xeb]) { return .little }
    return file.starts(with: [0xeb, 0x9f]) ? .big : nil
  }

  /// All types, starting with those of the base.
  package func checked(base: TypesFile?) throws(BTFError) -> BTFSpec {
    if base == nil, let types { return types }
    return try BTFSpec(section: section, order: order, base: base?.types)
  }
}
