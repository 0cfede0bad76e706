internal import CLibELF
public import Incr

/// The relocatable object that carries a BPF object's bytes into the user's program.
///
/// One read-only section, aligned to eight bytes: the size as a 64-bit number in the target's byte order, then the bytes,
/// each under a hidden or protected symbol whose name has the layout id in it. Beside it the notes that linkers read of
/// every object: that the stack is not executable, and the ``PropertyNote`` of the target.
public struct PayloadObject: Sendable {
  public let symbols: PayloadSymbols
  public let target: TargetMachine
  public let payload: [UInt8]

  public init(symbols: PayloadSymbols, target: TargetMachine, payload: [UInt8]) {
    self.symbols = symbols
    self.target = target
    self.payload = payload
  }

  public enum Failure: Error, Hashable, Sendable {
    /// libelf refused; its own message.
    case libelf(message: String)
    case file(FileError)
  }

  /// The object file's bytes, the same for the same arguments; the payload's own are shared, not copied.
  public func bytes() throws(Failure) -> ByteRope {
    var sectionNames = StringTable()
    var symbolNames = StringTable()
    var sections: [Section] = [
      Section(
        name: sectionNames.add(".rodata.bpfgen"), type: SHT_PROGBITS, flags: SHF_ALLOC, alignment: 8,
        content: number(UInt64(payload.count)), room: payload.count),
      // Without it linkers take the stack for executable.
      Section(name: sectionNames.add(".note.GNU-stack"), type: SHT_PROGBITS, flags: 0, alignment: 1, content: []),
    ]
    if !target.properties.isEmpty {
      sections.append(
        Section(
          name: sectionNames.add(PropertyNote.sectionName), type: SHT_NOTE, flags: SHF_ALLOC,
          alignment: PropertyNote.alignment(is64Bit: target.is64Bit), content: target.properties.bytes(for: target)))
    }
    let table = symbolTable(&symbolNames)
    // The names come next. The sections before it and the null section are counted.
    let symbolNamesIndex = UInt32(sections.count + 2)
    sections += [
      Section(
        name: sectionNames.add(".symtab"), type: SHT_SYMTAB, flags: 0, alignment: 8, content: table,
        link: symbolNamesIndex, info: 1),
      Section(name: sectionNames.add(".strtab"), type: SHT_STRTAB, flags: 0, alignment: 1, content: symbolNames.bytes),
    ]
    let names = Section(
      name: sectionNames.add(".shstrtab"), type: SHT_STRTAB, flags: 0, alignment: 1, content: sectionNames.bytes)
    return ByteRope([try ELFImage(target: target).write(sections + [names]), payload])
  }

  private func symbolTable(_ names: inout StringTable) -> [UInt8] {
    let info = UInt8(STB_GLOBAL << 4 | STT_OBJECT)
    let other = UInt8(symbols.isShared ? STV_PROTECTED : STV_HIDDEN)
    var table = symbol(name: 0, value: 0, size: 0, info: 0, other: 0, section: 0)
    let entries = [(symbols.size, 0, 8), (symbols.start, 8, payload.count)]
    for (name, value, size) in entries {
      table += symbol(
        name: names.add(name), value: UInt64(value), size: UInt64(size), info: info, other: other, section: 1)
    }
    return table
  }

  /// One symbol in the file's own form: the two classes order its fields differently.
  private func symbol(name: UInt32, value: UInt64, size: UInt64, info: UInt8, other: UInt8, section: UInt16) -> [UInt8]
  {
    if target.is64Bit {
      return number(name) + [info, other] + number(section) + number(value) + number(size)
    }
    return number(name) + number(UInt32(value)) + number(UInt32(size)) + [info, other] + number(section)
  }

  private func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: target.isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}

/// A section to be written; its content is in the target's byte order already.
private struct Section {
  let name: UInt32
  let type: Int32
  let flags: Int32
  let alignment: Int
  let content: [UInt8]
  /// Bytes that follow the content in the file and that libelf does not see.
  var room = 0
  var link: UInt32 = 0
  var info: UInt32 = 0
}

/// Names of sections or symbols, NUL-terminated, after the empty one that every table begins with.
private struct StringTable {
  private(set) var bytes: [UInt8] = [0]

  mutating func add(_ name: String) -> UInt32 {
    let offset = UInt32(bytes.count)
    bytes += Array(name.utf8) + [0]
    return offset
  }
}

/// Lays out a relocatable ELF file through libelf, all but the payload: its section comes last in the file, so that two
/// megabytes that would be copied four times are written once, behind what libelf made.
private struct ELFImage {
  let target: TargetMachine

  /// The file's bytes up to the room in its first section, which ends the file.
  ///
  /// - Parameter sections: the last one has the sections' names.
  func write(_ sections: [Section]) throws(PayloadObject.Failure) -> [UInt8] {
    guard elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE) else { throw failure() }
    let file: MemoryFile
    do throws(FileError) {
      file = try MemoryFile(name: "bpfgen-payload")
    } catch { throw .file(error) }
    guard let elf = elf_begin(file.descriptor, ELF_C_WRITE, nil) else { throw failure() }
    defer { elf_end(elf) }

    // libelf keeps pointers into the contents until it has written them.
    let buffers = sections.map { section in
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, section.content.count), alignment: 8)
      buffer.copyBytes(from: section.content)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    guard gelf_newehdr(elf, target.is64Bit ? Int32(ELFCLASS64) : Int32(ELFCLASS32)) != nil else { throw failure() }
    // We place the sections, because libelf would put them in the order of their numbers.
    guard elf_flagelf(elf, ELF_C_SET, UInt32(ELF_F_LAYOUT)) != 0 else { throw failure() }
    let places = Layout(sections, headerSize: target.is64Bit ? 64 : 52, tableEntry: target.is64Bit ? 64 : 40)
    for (index, section) in sections.enumerated() {
      try add(section, buffers[index], at: places.offsets[index], to: elf)
    }
    try describe(elf, sectionTable: places.sectionTable, names: sections.count)
    guard elf_update(elf, ELF_C_WRITE) > 0 else { throw failure() }
    do throws(FileError) {
      return try file.content(0..<places.offsets[0] + sections[0].content.count)
    } catch { throw .file(error) }
  }

  /// Where each part lies: the header, all sections but the first, the section table, the first section.
  private struct Layout {
    var offsets: [Int]
    let sectionTable: Int

    init(_ sections: [Section], headerSize: Int, tableEntry: Int) {
      offsets = [0]
      var end = headerSize
      for section in sections.dropFirst() {
        offsets.append(Layout.aligned(end, section.alignment))
        end = offsets.last! + section.content.count
      }
      sectionTable = Layout.aligned(end, 8)
      offsets[0] = Layout.aligned(sectionTable + (sections.count + 1) * tableEntry, sections[0].alignment)
    }

    private static func aligned(_ offset: Int, _ alignment: Int) -> Int {
      (offset + alignment - 1) / alignment * alignment
    }
  }

  private func describe(_ elf: OpaquePointer, sectionTable: Int, names: Int) throws(PayloadObject.Failure) {
    var header = GElf_Ehdr()
    guard gelf_getehdr(elf, &header) != nil else { throw failure() }
    withUnsafeMutableBytes(of: &header.e_ident) {
      $0[Int(EI_DATA)] = UInt8(target.isBigEndian ? ELFDATA2MSB : ELFDATA2LSB)
    }
    header.e_type = UInt16(ET_REL)
    header.e_machine = target.machine
    header.e_version = UInt32(EV_CURRENT)
    header.e_flags = target.flags
    header.e_shstrndx = UInt16(names)
    header.e_shoff = UInt64(sectionTable)
    guard gelf_update_ehdr(elf, &header) != 0 else { throw failure() }
  }

  private func add(
    _ section: Section, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, to elf: OpaquePointer
  ) throws(PayloadObject.Failure) {
    guard let handle = elf_newscn(elf), let data = elf_newdata(handle) else { throw failure() }
    data.pointee.d_buf = buffer.baseAddress
    data.pointee.d_size = section.content.count
    data.pointee.d_align = section.alignment
    data.pointee.d_version = UInt32(EV_CURRENT)
    // The bytes are in the target's order: libelf must not translate them.
    data.pointee.d_type = ELF_T_BYTE
    var header = GElf_Shdr()
    guard gelf_getshdr(handle, &header) != nil else { throw failure() }
    header.sh_name = section.name
    header.sh_type = UInt32(section.type)
    header.sh_flags = UInt64(section.flags)
    header.sh_link = section.link
    header.sh_info = section.info
    header.sh_addralign = UInt64(section.alignment)
    header.sh_offset = UInt64(offset)
    header.sh_size = UInt64(section.content.count + section.room)
    if section.type == SHT_SYMTAB { header.sh_entsize = target.is64Bit ? 24 : 16 }
    guard gelf_update_shdr(handle, &header) != 0 else { throw failure() }
  }

  private func failure() -> PayloadObject.Failure {
    .libelf(message: elf_errmsg(-1).map { String(cString: $0) } ?? "unknown error")
  }
}
