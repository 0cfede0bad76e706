internal import BTF
package import Bytes

extension KernelAnswers {
  /// 128 bits that say what a kernel of any version answers: the same for kernels that load all objects of the needs alike.
  ///
  /// Symbols and attach targets count by their names, as in the id of the needs: their order is that of the object's code.
  package func id(_ needs: KernelNeeds) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(isOneByteOrder)
    traits.encode(into: &encoder)
    encoder.add(effects) { $1.encode(into: &$0) }
    encoder.add(zip(needs.symbols, symbols).sorted { $0.0.name < $1.0.name }) { encoder, pair in
      encoder.add(pair.0.name)
      pair.1.encode(into: &encoder)
    }
    let sorted = zip(needs.targets, targets).sorted {
      ($0.0.symbol, $0.0.kind.rawValue, $0.0.module ?? "") < ($1.0.symbol, $1.0.kind.rawValue, $1.0.module ?? "")
    }
    encoder.add(sorted) { encoder, pair in
      encoder.add(pair.0.symbol)
      encoder.add(pair.0.module)
      pair.1.encode(into: &encoder)
    }
    encoder.add(operations) { $1.encode(into: &$0) }
    return encoder.fingerprint
  }
}

extension KernelAnswers.Effect {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .constant(let value):
      encoder.add(0)
      encoder.add(value)
    case .unknown: encoder.add(1)
    case .invalid(.absent(let instead)):
      encoder.add(2)
      encoder.add(instead != nil)
      instead?.encode(into: &encoder)
    case .invalid(.otherSize(let bytes, let inKernel)):
      encoder.add(3)
      encoder.add(bytes)
      encoder.add(inKernel)
    case .refused(.relocation(let refusal)):
      encoder.add(4)
      refusal.encode(into: &encoder)
    case .refused(.instruction): encoder.add(5)
    case .refused(.offset(let offset)):
      encoder.add(6)
      encoder.add(offset)
    }
  }
}

extension CoreAlternative {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .noType: encoder.add(0)
    case .moved(let field):
      encoder.add(1)
      encoder.add(field)
    case .renamed(let fields):
      encoder.add(2)
      encoder.add(fields) { $0.add($1) }
    case .otherKind(let field):
      encoder.add(3)
      encoder.add(field)
    case .shorterArray(let field, let count):
      encoder.add(4)
      encoder.add(field)
      encoder.add(count)
    }
  }
}

extension CoreRefusal {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .badPath: encoder.add(0)
    case .anonymousType: encoder.add(1)
    case .ambiguous: encoder.add(2)
    case .unsized: encoder.add(3)
    case .bitfieldTooWide: encoder.add(4)
    case .unsupported: encoder.add(5)
    case .tooDeep: encoder.add(6)
    }
  }
}

extension KernelAnswers.Symbol {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .present: encoder.add(0)
    case .absent: encoder.add(1)
    case .otherType(let type):
      encoder.add(2)
      encoder.add(type)
    case .notCallable: encoder.add(3)
    case .unknown: encoder.add(4)
    case .unmarked: encoder.add(5)
    }
  }
}

extension KernelAnswers.Target {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .present(let slots):
      encoder.add(0)
      encoder.add(slots) { $1.encode(into: &$0) }
    case .absent: encoder.add(1)
    case .unsupported(let prototype):
      encoder.add(2)
      prototype.encode(into: &encoder)
    case .unknown: encoder.add(3)
    }
  }
}

extension KernelAnswers.Operations {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .present: encoder.add(0)
    case .absent: encoder.add(1)
    case .wrongMembers(let absent, let other):
      encoder.add(2)
      encoder.add(absent) { $0.add($1) }
      encoder.add(other) { $0.add($1) }
    }
  }
}
