internal import BTF
internal import Bytes
internal import ELF

/// The symbols of a linked object. Global ones are resolved as in C: a strong definition wins over weak ones, and among
/// weak ones the first wins.
struct LinkedSymbols {
  struct Symbol {
    /// The name's offset in the string table.
    let name: Int
    var info: UInt8
    var other: UInt8
    var location: Location
    var value: UInt64
    var size: UInt64
  }

  /// The location of a symbol.
  enum Location: Hashable {
    case undefined
    /// In a section of the linked object.
    case section(Int)
    /// One of the special sections of the ELF format.
    case special(UInt16)
  }

  enum Strength { case weak, strong }

  /// The global symbol to which a name refers in all inputs.
  struct Global {
    let name: ByteName
    /// Its index in the symbol table.
    let symbol: Int
    let kind: SymbolKind
    /// The input with the definition, or with the first declaration while there is no definition.
    var origin: Int
    /// `nil` while the symbol is only declared.
    var definition: Strength?
    /// Whether an input requires it: an undefined symbol is weak only if all declarations are.
    var isNeeded: Bool
    /// The section with the definition, or with the declaration; `nil` for a plain `extern`.
    var section: Int?
    /// Its variable or function in the linked object's BTF; `nil` until the types of the first input that has it are
    /// appended.
    var type: TypeID?
    /// Its position in its data section's list.
    var entry: (section: Int, index: Int)?
  }

  private(set) var all = [Symbol(name: 0, info: 0, other: 0, location: .undefined, value: 0, size: 0)]
  private(set) var globals: [Global] = []
  private var byName: [ByteName: Int] = [:]

  func global(named name: ByteName) -> Int? { byName[name] }

  subscript(global index: Int) -> Global {
    get { globals[index] }
    _modify { yield &globals[index] }
  }

  mutating func append(_ symbol: Symbol) -> Int {
    all.append(symbol)
    return all.count - 1
  }

  mutating func append(_ global: Global) -> Int {
    byName[global.name] = globals.count
    globals.append(global)
    return globals.count - 1
  }

  /// Makes an input's symbol the definition of a global symbol.
  mutating func define(
    _ index: Int, as symbol: Symbol, _ strength: Strength, from input: Int, in section: Int
  ) {
    globals[index].definition = strength
    globals[index].origin = input
    globals[index].section = section
    globals[index].entry = nil
    let own = globals[index].symbol
    all[own].info = all[own].info & 0xf0 | symbol.info & 0xf
    all[own].location = symbol.location
    all[own].value = symbol.value
    all[own].size = symbol.size
  }

  /// The linked object's visibility is the strictest of all inputs.
  mutating func restrict(_ index: Int, to other: UInt8) {
    let own = globals[index].symbol
    guard ELFFormat.strictness(other) > ELFFormat.strictness(all[own].other) else { return }
    all[own].other = all[own].other & ~3 | other & 3
  }

  /// Decides whether each global symbol is weak.
  mutating func bindGlobals() {
    for global in globals {
      let isWeak = global.definition.map { $0 == .weak } ?? !global.isNeeded
      all[global.symbol].info =
        all[global.symbol].info & 0xf | (isWeak ? ELFFormat.weakBinding : ELFFormat.globalBinding) << 4
    }
  }

  /// The symbol table's bytes.
  ///
  /// - Parameter number: the number in the file of each section of the linked object, 0 if the file does not have it.
  func table(number: (Int) -> Int) -> [UInt8] {
    var table = ELFWriter.SymbolTable(.bpf, capacity: all.count)
    for symbol in all {
      let section: UInt16 =
        switch symbol.location {
        case .undefined: 0
        case .section(let section): UInt16(number(section))
        case .special(let number): number
        }
      table.append(
        ELFWriter.Symbol(
          name: symbol.name, info: symbol.info, other: symbol.other, section: section, value: symbol.value,
          size: symbol.size))
    }
    return table.bytes
  }
}

extension LinkedSymbols.Symbol {
  var isDefined: Bool { location != .undefined }

  func named(_ name: Int) -> Self {
    Self(name: name, info: info, other: other, location: location, value: value, size: size)
  }

  mutating func undefine() {
    // Type, value and size belong to a definition.
    self = Self(name: name, info: info & 0xf0, other: other, location: .undefined, value: 0, size: 0)
  }
}
