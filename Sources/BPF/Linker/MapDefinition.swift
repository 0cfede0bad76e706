internal import BTF

/// A map as defined or declared in `SEC(".maps")`: a struct whose members' types are the attributes.
///
/// `__uint(max_entries, 4)` is a pointer to an array of four elements, `__ulong` a pointer to an enumeration with one
/// value, `__type(key, int)` a pointer to the type, `__array(values, T)` an array of pointers. Source: libbpf's
/// bpf_helpers.h.
struct MapDefinition {
  private let btf: BTFSpec
  private let id: TypeID

  /// - Parameter variable: the map's variable.
  init(of variable: TypeID, in btf: BTFSpec) { self.init(btf, struct: btf.target(variable)) }

  private init(_ btf: BTFSpec, struct id: TypeID) {
    self.btf = btf
    self.id = btf.skippingModifiersAndTypedefs(id)
  }

  private static let numbers = ["type", "max_entries", "map_flags", "numa_node", "pinning", "map_extra"]

  /// Whether the variable is a struct, as maps are.
  var isMap: Bool { btf.kind(id) == .structure }

  /// The name of an attribute that differs between two definitions of a map; `nil` if they agree.
  func difference(from other: MapDefinition) -> String? {
    if let name = MapDefinition.numbers.first(where: { number($0) != other.number($0) }) { return name }
    for (name, size) in [("key", "key_size"), ("value", "value_size")] {
      let (mine, theirs) = (pointee(name), other.pointee(name))
      guard self.size(name, size) == other.size(name, size) else { return size }
      guard (mine == nil) == (theirs == nil) else { return name }
      if let mine, let theirs, TypeAgreement(btf, other.btf).difference(mine, theirs) != nil { return name }
    }
    let (inner, otherInner) = (innerMap, other.innerMap)
    guard (inner == nil) == (otherInner == nil) else { return "values" }
    return inner.flatMap { $0.difference(from: otherInner!) }.map { "values.\($0)" }
  }

  private func member(_ name: String) -> TypeID? {
    let index = (0..<btf.vlen(id)).first { btf.string(at: btf.member(id, $0).nameOffset) == name }
    return index.map { btf.skippingModifiersAndTypedefs(btf.member(id, $0).type) }
  }

  /// The target of a pointer member.
  private func pointee(_ name: String) -> TypeID? {
    member(name).flatMap { btf.kind($0) == .pointer ? btf.target($0) : nil }
  }

  /// An attribute's number; 0 if it is missing.
  private func number(_ name: String) -> UInt64 {
    guard let type = pointee(name).map(btf.skippingModifiersAndTypedefs) else { return 0 }
    switch btf.kind(type) {
    case .array: return UInt64(btf.elementCount(type))
    case .enumeration, .enumeration64:
      return btf.vlen(type) > 0 ? UInt64(bitPattern: btf.enumerator(type, 0).value) : 0
    case .void, .int, .pointer, .structure, .union, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag:
      return 0
    }
  }

  private func size(_ name: String, _ attribute: String) -> UInt64 {
    pointee(name).flatMap { btf.sizeBytes($0) }.map(UInt64.init) ?? number(attribute)
  }

  /// The element type of a map of maps; `nil` for other maps, and for a map of programs.
  private var innerMap: MapDefinition? {
    guard let values = member("values"), btf.kind(values) == .array else { return nil }
    let element = btf.skippingModifiersAndTypedefs(btf.element(values))
    guard btf.kind(element) == .pointer else { return nil }
    let inner = MapDefinition(btf, struct: btf.target(element))
    // libbpf does not support maps of maps of maps.
    return inner.isMap && inner.member("values") == nil ? inner : nil
  }
}
