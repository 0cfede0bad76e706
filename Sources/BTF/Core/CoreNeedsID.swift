package import Bytes

extension CoreNeeds {
  /// 128 bits that identify what the relocations need: objects with the same id get the same part of every kernel's
  /// BTF.
  ///
  /// It covers what `CoreMatcher` reads: names without flavors, the kinds on the path to a field, and the names of the
  /// parts of a type that is matched as a whole. It does not cover the positions of relocations in the program, nor the
  /// numbers of the program's own types.
  package var id: Fingerprint {
    let questions = Set(relocations.map { question($0.relocation, $0.name) })
    var encoder = CanonicalEncoder()
    encoder.add(questions.sorted { ($0.high, $0.low) < ($1.high, $1.low) }) { $0.add($1) }
    return encoder.fingerprint
  }

  private func question(_ relocation: CoreRelocation, _ name: String) -> Fingerprint {
    var encoder = CanonicalEncoder()
    encoder.add(relocation.kind.rawValue)
    encoder.add(name)
    encoder.add(comparable(relocation.type).rawValue)
    // Depends on the program only.
    let matcher = CoreMatcher(local: btf, target: btf)
    switch relocation.kind {
    case .fieldOffset, .fieldSize, .fieldExists, .fieldSigned, .fieldLeftShift, .fieldRightShift:
      let steps = matcher.steps(relocation)
      encoder.add(steps != nil)
      encoder.add(steps ?? []) { encoder, step in
        if case .member(let name, let type) = step {
          encoder.add(name)
          encoder.add(shape(type).map(\.rawValue)) { $0.add($1) }
        } else {
          encoder.add("")
        }
      }
    case .enumeratorExists, .enumeratorValue:
      encoder.add(matcher.enumeratorName(relocation))
    case .typeMatches:
      let type = btf.skippingModifiersAndTypedefs(relocation.type)
      encoder.add(CoreMatcher.partNames(type, of: btf).sorted()) { $0.add($1) }
    case .localTypeID, .targetTypeID, .typeExists, .typeSize: break
    }
    return encoder.fingerprint
  }

  /// The kind of a field, without its arrays.
  private func shape(_ type: TypeID) -> [BTFKind] {
    var shape: [BTFKind] = []
    var type = btf.skippingModifiersAndTypedefs(type)
    while btf.kind(type) == .array {
      shape.append(.array)
      type = btf.skippingModifiersAndTypedefs(btf.element(type))
    }
    return shape + [comparable(type)]
  }

  /// Replaces kinds that may match each other with one of them.
  private func comparable(_ type: TypeID) -> BTFKind {
    let kind = btf.kind(type)
    if kind.isEnumeration { return .enumeration }
    return kind
  }
}
