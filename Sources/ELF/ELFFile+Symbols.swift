package import Bytes

extension ELFFile {
  package struct Symbol: Hashable {
    package let nameOffset: UInt32
    package let info: UInt8
    /// The visibility, in the lowest two bits.
    package let other: UInt8
    package let section: UInt16
    package let value: UInt64
    package let size: UInt64

    package var type: UInt8 { info & 15 }
    package var binding: UInt8 { info >> 4 }
    /// Whether other objects can use the symbol.
    package var isOffered: Bool { binding != ELFFormat.localBinding && section != 0 }

    /// Reads a symbol that is known to be inside the file.
    fileprivate init(_ reader: ByteReader, at start: Int) {
      nameOffset = reader.load(SymbolEntry.name, at: start)!
      info = reader.load(SymbolEntry.info, at: start)!
      other = reader.load(SymbolEntry.other, at: start)!
      section = reader.load(SymbolEntry.section, at: start)!
      value = reader.load(SymbolEntry.value, at: start)!
      size = reader.load(SymbolEntry.byteCount, at: start)!
    }
  }

  /// The symbol table, whose first entry is unused. Symbols are read on access.
  package struct Symbols: RandomAccessCollection {
    private let reader: ByteReader
    private let start: Int
    package let endIndex: Int

    fileprivate init(_ reader: ByteReader, _ table: Section?) {
      self.reader = reader
      start = table?.offset ?? 0
      endIndex = table.map { $0.size / SymbolEntry.size } ?? 0
    }

    package var startIndex: Int { 0 }
    package subscript(index: Int) -> Symbol { Symbol(reader, at: start + index * SymbolEntry.size) }
  }

  /// All symbols, by number. Empty if the file has no symbol table.
  package var symbols: Symbols { Symbols(reader, symbolTable.map { sections[$0] }) }

  package var functionCount: Int { symbols.count { $0.type == ELFFormat.functionSymbol } }

  /// A symbol's name, as bytes. O(length).
  package func name(of symbol: Symbol) -> ByteName {
    let names = sections[Int(sections[symbolTable!].link)]
    let start = names.offset + Int(symbol.nameOffset)
    let end = reader.bytes[start..<names.offset + names.size].firstIndex(of: 0)!
    return ByteName(reader.bytes[start..<end])
  }
}
