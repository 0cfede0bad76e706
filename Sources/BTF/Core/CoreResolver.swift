internal import Bytes

/// Resolves CO-RE relocations in a kernel's BTF, by libbpf's rules.
///
/// Unlike `CoreMatcher`, which keeps everything that could matter, this gives libbpf's result for loading the object:
/// the value, that the target does not exist, or that libbpf refuses the object.
///
/// Source: libbpf's relo_core.c, `bpf_core_calc_relo_insn`. Where its versions differ, the strictest one is followed.
package struct CoreResolver {
  let local: BTFSpec
  let target: BTFSpec
  let targetPointerSize: UInt32
  /// The target's types by essential name.
  private let named: [String: [TypeID]]
  /// The remaining candidates of each local type: libbpf drops those that an earlier relocation did not match.
  private var left: [TypeID: [TypeID]] = [:]
  /// Limits comparisons of types that expand to too many nested types.
  private var stepsLeft = 1 << 23

  /// - Parameter kernel: must know the essential names of all types that are looked up.
  package init(local: BTFSpec, kernel: KernelTypes) {
    self.local = local
    target = kernel.btf
    targetPointerSize = kernel.pointerSize
    named = kernel.types
  }

  /// libbpf's result for a relocation. The order of the calls matters, as the order of relocations does for libbpf.
  package mutating func resolve(_ relocation: CoreRelocation) -> CoreOutcome {
    do throws(CoreRefusal) {
      return try result(of: relocation)
    } catch { return .refused(error) }
  }

  private mutating func result(of relocation: CoreRelocation) throws(CoreRefusal) -> CoreOutcome {
    let path = try CoreFieldPath(relocation, local)
    if relocation.kind == .localTypeID {
      let id = UInt64(relocation.type.rawValue)
      return .resolved(CoreValue(original: id, value: id, isValidated: false))
    }
    guard local.hasName(relocation.type) else { throw .anonymousType }
    let candidates = left[relocation.type] ?? candidates(of: relocation.type)
    var (matching, found): ([TypeID], (value: CoreValue?, bits: UInt32)?) = ([], nil)
    for candidate in candidates {
      var search = CoreFieldSearch(self, relocation.kind, maximumSteps: stepsLeft)
      defer { stepsLeft -= search.steps }
      guard let match = try search.match(path, relocation, candidate) else { continue }
      let value = try value(of: relocation, path, match)
      if let found {
        guard match.bitOffset == found.bits, value?.value == found.value?.value else { throw .ambiguous }
      } else {
        found = (value, match.bitOffset)
      }
      matching.append(candidate)
    }
    left[relocation.type] = matching.isEmpty ? candidates : matching
    guard let found else {
      return try value(of: relocation, path, nil).map { .resolved($0) } ?? .absent
    }
    return found.value.map { .resolved($0) } ?? .absent
  }

  /// The types of the target that can match a local type.
  func candidates(of type: TypeID) -> [TypeID] {
    let matcher = CoreMatcher(local: local, target: target)
    return (named[CoreMatcher.essential(local.name(type))] ?? []).filter { matcher.isCandidate($0, for: type) }
  }

  /// Whether the kernel has types that the relocation may be about.
  package func hasCandidates(for relocation: CoreRelocation) -> Bool { !candidates(of: relocation.type).isEmpty }

  // MARK: Values

  /// The value in the program, and the one for the kernel, which is `nil` if libbpf makes the instruction invalid.
  private func value(
    of relocation: CoreRelocation, _ path: CoreFieldPath, _ match: CoreFieldPath?
  ) throws(CoreRefusal) -> CoreValue? {
    let kind = relocation.kind
    switch kind {
    case .fieldExists, .typeExists, .typeMatches, .enumeratorExists:
      return CoreValue(original: 1, value: match == nil ? 0 : 1)
    case .fieldOffset, .fieldSize, .fieldSigned, .fieldLeftShift, .fieldRightShift:
      let original = try field(kind, path, local, BTFSpec.pointerSize)
      guard let match else { return nil }
      let field = try field(kind, match, target, targetPointerSize)
      return CoreValue(
        original: original.value, value: field.value, isValidated: original.isValidated,
        sizes: original.size == field.size
          ? nil
          : .init(
            original: original.size, new: field.size,
            isSafe: isSafeToResize(original.type, field.type)))
    case .typeSize:
      let original = try size(of: relocation.type, local, BTFSpec.pointerSize)
      guard let match else { return CoreValue(original: UInt64(original), value: 0) }
      return CoreValue(original: UInt64(original), value: UInt64(try size(of: match.root, target, targetPointerSize)))
    case .targetTypeID:
      return CoreValue(
        original: UInt64(relocation.type.rawValue), value: UInt64(match?.root.rawValue ?? 0), isValidated: false)
    case .enumeratorValue:
      let original = enumerator(path, local)
      return match.map { CoreValue(original: original, value: enumerator($0, target)) }
    case .localTypeID: preconditionFailure("the number of a local type is known without a kernel")
    }
  }

  /// As libbpf reads it: a signed 32-bit value, even if the enumeration is unsigned.
  private func enumerator(_ path: CoreFieldPath, _ btf: BTFSpec) -> UInt64 {
    let (type, index) = (path.accessors[0].type, Int(path.accessors[0].index))
    let value = btf.enumerator(type, index).value
    return btf.kind(type) == .enumeration
      ? UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value))) : UInt64(bitPattern: value)
  }

  private struct FieldValue {
    var value: UInt64 = 0
    var size: UInt32 = 0
    var type = TypeID.void
    var isValidated = true
  }

  private func field(
    _ kind: CoreRelocation.Kind, _ path: CoreFieldPath, _ btf: BTFSpec, _ pointerSize: UInt32
  ) throws(CoreRefusal) -> FieldValue {
    let last = path.accessors[path.accessors.count - 1]
    guard last.name != nil else {
      let size = try size(of: last.type, btf, pointerSize)
      switch kind {
      case .fieldOffset: return FieldValue(value: UInt64(path.bitOffset / 8), size: size, type: last.type)
      case .fieldSize: return FieldValue(value: UInt64(size))
      default: throw .unsupported
      }
    }
    let member = btf.member(last.type, Int(last.index))
    let type = btf.skippingModifiersAndTypedefs(member.type)
    let bits: UInt32
    var byteSize: UInt32
    var byteOffset: UInt32
    let isBitfield = member.bitfieldBits > 0
    if isBitfield {
      bits = UInt32(member.bitfieldBits)
      byteSize = btf.kind(type) == .array || type.isVoid ? 0 : btf.statedSize(type)
      guard byteSize > 0 else { throw .unsupported }
      byteOffset = path.bitOffset / 8 / byteSize * byteSize
      while path.bitOffset &+ bits &- byteOffset &* 8 > byteSize &* 8 {
        guard byteSize < 8 else { throw .bitfieldTooWide }
        byteSize *= 2
        byteOffset = path.bitOffset / 8 / byteSize * byteSize
      }
    } else {
      byteSize = try size(of: type, btf, pointerSize)
      byteOffset = path.bitOffset / 8
      bits = byteSize &* 8
    }
    switch kind {
    case .fieldOffset:
      return FieldValue(
        value: UInt64(byteOffset), size: isBitfield ? 0 : byteSize, type: isBitfield ? .void : type,
        isValidated: !isBitfield)
    case .fieldSize: return FieldValue(value: UInt64(byteSize), isValidated: !isBitfield)
    case .fieldSigned: return FieldValue(value: btf.isSigned(type) ? 1 : 0)
    case .fieldLeftShift:
      let little = 64 &- (path.bitOffset &+ bits &- byteOffset &* 8)
      let big = (8 &- byteSize) &* 8 &+ (path.bitOffset &- byteOffset &* 8)
      return FieldValue(value: UInt64(target.byteOrder == .little ? little : big), isValidated: !isBitfield)
    case .fieldRightShift: return FieldValue(value: UInt64(64 &- bits))
    default: throw .unsupported
    }
  }

  /// Whether a load of one type may be resized to the other: true for pointers and for unsigned integers.
  private func isSafeToResize(_ original: TypeID, _ new: TypeID) -> Bool {
    switch (local.kind(original), target.kind(new)) {
    case (.pointer, .pointer): true
    case (.int, .int): !local.isSigned(original) && !target.isSigned(new)
    default: false
    }
  }

  private func size(of type: TypeID, _ btf: BTFSpec, _ pointerSize: UInt32) throws(CoreRefusal) -> UInt32 {
    guard let size = btf.sizeBytes(type, pointerSize: pointerSize) else { throw .unsized }
    return size
  }
}

/// libbpf's result for a relocation.
package enum CoreOutcome: Hashable, Sendable {
  case resolved(CoreValue)
  /// The instruction is replaced by one that the verifier refuses if a program can reach it.
  case absent
  /// libbpf does not load the object.
  case refused(CoreRefusal)
}

package struct CoreValue: Hashable, Sendable {
  /// The size of a load or store of the field, before and after.
  package struct Sizes: Hashable, Sendable {
    package let original: UInt32
    package let new: UInt32
    package let isSafe: Bool
  }

  /// The value that the instruction must have before, where that is checked.
  package let original: UInt64
  package let value: UInt64
  package let isValidated: Bool
  /// `nil` if both sizes are the same.
  package let sizes: Sizes?

  init(original: UInt64, value: UInt64, isValidated: Bool = true, sizes: Sizes? = nil) {
    self.original = original
    self.value = value
    self.isValidated = isValidated
    self.sizes = sizes
  }
}

/// Why libbpf refuses an object for a relocation.
package enum CoreRefusal: Error, Hashable, Sendable {
  /// The path does not exist in the program's own type.
  case badPath
  case anonymousType
  /// Types of the kernel with the same name give different values.
  case ambiguous
  /// A type on the path has no size.
  case unsized
  case bitfieldTooWide
  /// This kind of relocation does not apply to the target of the path.
  case unsupported
  /// The path has more levels than libbpf supports.
  case tooDeep
}

extension BTFSpec {
  /// Whether an integer or an enumeration has negative values.
  func isSigned(_ type: TypeID) -> Bool {
    switch kind(type) {
    case .int: integerEncoding(type) >> 24 & 1 == 1
    case .enumeration, .enumeration64: kindFlag(type)
    case .void, .pointer, .array, .structure, .union, .forward, .typedef, .volatile, .const, .restrict, .function,
      .functionPrototype, .variable, .dataSection, .float, .declarationTag, .typeTag:
      false
    }
  }

  /// Whether an integer has a bit offset, as old compilers wrote them.
  func isOffsetInteger(_ type: TypeID) -> Bool { integerEncoding(type) >> 16 & 0xff != 0 }

  /// The size of a pointer, derived from the size of `long`. Source: libbpf, `determine_ptr_size`.
  var longSize: UInt32? {
    let names: Set<String> = [
      "long", "long int", "int long", "unsigned long", "long unsigned", "unsigned long int", "unsigned int long",
      "long unsigned int", "long int unsigned", "int unsigned long", "int long unsigned",
    ]
    return ids.lazy.filter { self.kind($0) == .int && (self.statedSize($0) == 4 || self.statedSize($0) == 8) }
      .first { names.contains(self.name($0)) }.map { self.statedSize($0) }
  }
}
