internal import BPF

extension Diagnostic {
  /// The message for an input that does not link. `path` is that of the input.
  init(_ path: String, _ fault: LinkFault) {
    self.init(path: path, what: "")
    switch fault {
    case .duplicateDefinition(let symbol, let other):
      what = "duplicate definition of '\(symbol)'"
      facts = [("also in", other)]
      hint =
        path == other
        ? "list each object once"
        : "make one of them `static` or `__weak`, or declare it `extern` in one of the sources"
    case .differentKinds(let symbol, let kind, let other, let otherKind):
      what = "'\(symbol)' is a \(kind.word) here and a \(otherKind.word) in another object"
      facts = [("other", other)]
      hint = "rename one of them"
    case .differentTypes(let symbol, let here, let there, let part, let other):
      what = "the type of '\(symbol)' differs in another object"
      facts = [("here", here), (other, there)]
      if !part.isEmpty { facts.append(("differs in", "member '\(part)'")) }
      hint = "declare it in one header that both sources include"
    case .differentMaps(let symbol, let attribute, let other):
      what = "the map '\(symbol)' is defined differently in another object"
      facts = [("attribute", attribute), ("other", other)]
      hint = "declare it in one header that both sources include"
    case .mapAndVariable(let symbol, let other):
      what = "'\(symbol)' is a map in one object and another variable in the other"
      facts = [("other", other)]
      hint = "rename one of them, or declare the map in one header that both sources include"
    case .differentProviders(let symbol, let here, let there, let other):
      what = "'\(symbol)' is a symbol of the kernel in one object and a setting of it in the other"
      facts = [("here", here), (other, there)]
      hint = "declare it in both with __ksym, or in both with __kconfig"
    case .providedByKernel(let symbol, let section, let other):
      what = "'\(symbol)' is the kernel's in one object and defined in another"
      facts = [("section", section), ("other", other)]
      hint = "rename the definition, or declare it without \(section == ".ksyms" ? "__ksym" : "__kconfig")"
    case .differentSections(let section, let attribute, let other):
      what = "the attributes of section '\(section)' differ in another object"
      facts = [("attribute", attribute), ("other", other)]
      hint =
        attribute == "type"
        ? "choose another SEC() in one of them: '\(section)' has values in one object, and only zeros in the other"
        : "variables of one section must be all const, or all not const"
    case .sectionTooLarge(let section):
      what = "the section '\(section)' of the linked object is too large"
      facts = [("maximum", "2 GiB")]
      hint = "put some of its variables into another section: SEC(\".data.NAME\")"
    case .differentContent(let section, let other):
      what = "the content of section '\(section)' differs in another object"
      facts = [("other", other)]
      hint = "the linked object has one \(section): use the same in all sources"
    case .untypedSymbol(let symbol):
      what = "no BTF type information for the symbol '\(symbol)'"
      hint =
        "gcc 12 omits functions; every compiler omits aliases, assembly, and what -fsanitize and -pg insert"
    case .missingSymbol(let variable, let section):
      what = "the variable '\(variable)' has no symbol"
      facts = [("section", section)]
      hint = "the symbol table was stripped: link the object that the compiler wrote"
    case .unsupportedSection(let section, let type):
      what = "the section '\(section)' cannot be linked"
      facts = [("type", "\(type)")]
      hint = "BPF objects have code, data and relocations without addends (SHT_REL)"
    case .unsupportedRelocation(let section, let type):
      what = "a relocation in '\(section)' cannot be linked"
      facts = [("type", "\(type)")]
      hint = "a pointer in data needs 64 bits"
    case .tooManyVariables(let section):
      what = "too many variables in the section '\(section)' of the linked object"
      facts = [("maximum", "\(0xffff)")]
      hint = "put some of them into another section: SEC(\".data.NAME\")"
    case .recordSizes(let other):
      what = "the size of its .BTF.ext records differs in another object"
      facts = [("other", other)]
      hint = "compile both with the same compiler"
    }
  }
}

extension SymbolKind {
  fileprivate var word: String {
    switch self {
    case .function: "function"
    case .variable: "variable"
    }
  }
}
