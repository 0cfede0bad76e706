internal import BTF
internal import ELF

/// An object that is safe to pass to libbpf: its ELF and BTF were checked.
struct SoundObject {
  /// In this machine's byte order.
  let elf: ELFFile
  let btf: BTFSpec

  /// - Parameter bytes: the whole ELF file.
  /// - Throws: the first error found.
  init(_ bytes: [UInt8]) throws(ObjectError) {
    elf = try ObjectError.ofELF(try ELFFile(bytes)).inHostOrder()
    try ObjectError.ofELF(try elf.checkSymbolTable())
    try SectionSupport.check(elf, runningMinor: SectionSupport.runningMinor)
    guard let btf = try ObjectError.ofBTF(try BTFSpec(of: elf)) else { throw .btf(.missing(elf.missingBTF)) }
    self.btf = btf
    try ObjectError.ofELF(try elf.checkSectionlessSymbols(absoluteToo: false))
    try ObjectError.ofELF(try elf.checkSectionNames())
    try ObjectError.ofBTF(try btf.checkSymbolSections(in: elf))
    try ObjectError.ofBTF(try btf.checkEmptySections(of: elf))
    try ObjectError.ofBTF(try btf.checkDataSections(of: elf))
  }
}
