package import BTF
package import Bytes
internal import ELF

/// What one object needs from the kernel that loads it, as far as a kernel's BTF shows it.
///
/// Positions in the code are not included: two objects with the same id get the same answers from every kernel.
package struct KernelNeeds: Sendable {
  /// A relocation, with the current value of the instruction that it changes. The object's order matters to libbpf.
  package struct Question: Hashable, Sendable {
    package let relocation: CoreRelocation
    let use: Use
  }

  /// The field of an instruction that a relocation changes.
  enum Use: Hashable, Sendable {
    case immediate(Int32)
    case memory(offset: Int16, bytes: UInt32)
    case wide(UInt64)
    /// An instruction that libbpf does not change.
    case unknown
  }

  /// The kernel function or hook to which a program attaches.
  package struct Target: Hashable, Sendable {
    package let kind: AttachKind
    package let name: String
    /// `nil` for the kernel itself.
    package let module: String?
  }

  /// A struct_ops map: operations that the kernel calls.
  package struct Operations: Hashable, Sendable {
    package let map: String
    /// Its type in the object's BTF.
    package let type: TypeID
    /// The indices of the members that the object sets.
    package let setMembers: [Int]
  }

  /// In this machine's byte order.
  package let btf: BTFSpec
  /// The object's own byte order.
  let byteOrder: ByteOrder
  package let questions: [Question]
  package let symbols: [KernelSymbol]
  package let targets: [Target]
  package let operations: [Operations]
  /// Whether the answer depends on the kernel's version.
  package let asksVersion: Bool

  /// The names to look up in a kernel's BTF.
  package var names: KernelNames {
    var names = KernelNames()
    names.types = Set(questions.map { CoreMatcher.essential(btf.name($0.relocation.type)) })
    names.types.insert(VerifierTraits.witness)
    for symbol in symbols {
      switch symbol.kind {
      case .function: names.functions.insert(CoreMatcher.essential(symbol.name))
      case .variable: names.variables.insert(symbol.name)
      case .address, .setting: break
      }
    }
    if !targets.isEmpty { names.types.formUnion(KernelAge.witnesses) }
    for target in targets {
      if target.kind == .rawTracepoint {
        names.typedefs.insert(target.symbol)
      } else {
        names.functions.insert(target.symbol)
      }
    }
    for operations in operations {
      let name = CoreMatcher.essential(btf.name(operations.type))
      names.structures.formUnion([name, KernelNeeds.valuePrefix + name])
    }
    return names
  }

  /// The kernel's prefix for the struct that is the value of a struct_ops map.
  static let valuePrefix = "bpf_struct_ops_"
}

/// Kinds of attach targets that a kernel's BTF contains.
package enum AttachKind: String, CaseIterable, Sendable {
  case entry = "fentry"
  case exit = "fexit"
  case modifiedReturn = "fmod_ret"
  case session = "fsession"
  case rawTracepoint = "tp_btf"
  case hook = "lsm"
  case cgroupHook = "lsm_cgroup"
  case iterator = "iter"

  /// The prefix of the name in the kernel's BTF.
  var prefix: String {
    switch self {
    case .entry, .exit, .modifiedReturn, .session: ""
    case .rawTracepoint: "btf_trace_"
    case .hook, .cgroupHook: "bpf_lsm_"
    case .iterator: "bpf_iter_"
    }
  }
}

extension KernelNeeds.Target {
  /// The name in the kernel's BTF.
  package var symbol: String { kind.prefix + name }

  /// - Parameter section: a program's section. `nil` if it names no target in BTF, or if user code sets the target.
  init?(section: String) {
    let name = section.hasPrefix("?") ? section.dropFirst() : section[...]
    let parts = name.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let prefix = parts[0].hasSuffix(".s") ? parts[0].dropLast(2) : parts[0]
    guard let kind = AttachKind(rawValue: String(prefix)) else { return nil }
    self.kind = kind
    let target = parts[1].split(separator: ":", maxSplits: 1)
    let isInModule = target.count == 2 && target[0] != "vmlinux"
    self.name = String(target.last ?? "")
    module = isInModule ? String(target[0]) : nil
  }
}

// MARK: - Id

extension KernelNeeds {
  /// 128 bits that identify the needs: the same for objects whose code differs, but whose needs do not.
  package var id: Fingerprint {
    var types = AskedTypes(btf)
    var encoder = CanonicalEncoder()
    encoder.add(byteOrder == .little)
    encoder.add(questions) { encoder, question in
      encoder.add(question.relocation.kind.rawValue)
      encoder.add(btf.name(question.relocation.type))
      encoder.add(types.id(of: question.relocation.type))
      encoder.add(question.relocation.path) { $0.add($1) }
      question.use.encode(into: &encoder)
    }
    encoder.add(symbols.sorted { $0.name < $1.name }) { encoder, symbol in
      encoder.add(symbol.name)
      encoder.add(types.id(of: symbol.type))
      encoder.add(symbol.isWeak)
      encoder.add(symbol.kind == .setting)
    }
    encoder.add(targets.sorted { ($0.symbol, $0.kind.rawValue) < ($1.symbol, $1.kind.rawValue) }) { encoder, target in
      encoder.add(target.kind.rawValue)
      encoder.add(target.name)
      encoder.add(target.module)
    }
    encoder.add(operations) { encoder, operations in
      encoder.add(btf.name(operations.type))
      encoder.add(types.id(of: operations.type))
      encoder.add(operations.setMembers) { $0.add($1) }
    }
    encoder.add(asksVersion)
    return encoder.fingerprint
  }
}

extension KernelNeeds.Use {
  fileprivate func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .unknown: encoder.add(0)
    case .immediate(let value):
      encoder.add(1)
      encoder.add(value)
    case .memory(let offset, let bytes):
      encoder.add(2)
      encoder.add(offset)
      encoder.add(bytes)
    case .wide(let value):
      encoder.add(3)
      encoder.add(value)
    }
  }
}
