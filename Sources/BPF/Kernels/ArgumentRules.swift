internal import BTF

/// The kernel's age, as far as the rules for arguments depend on it. It is found once for all targets.
///
/// As in `VerifierTraits`, what shows it was added and backported together with the rule.
package struct KernelAge: Sendable {
  /// Whether functions may have structs as arguments, which came with a member of `btf_func_model`. Linux 6.1.
  let takesStructs: Bool?
  /// Whether pointers to integers can be read, which came in one series with a helper. Linux 5.17.
  let readsNumberPointers: Bool?
  /// Whether it may be a kernel that lets programs read more pointers, or follow more. Linux 6.13.
  let isNew: Bool

  /// The types of the kernel that show it.
  static let witnesses: Set<String> = ["btf_func_model", "bpf_func_id"]

  init(_ kernel: KernelTypes) {
    takesStructs = kernel.members(of: "btf_func_model").map { $0.contains("arg_flags") }
    let helpers = kernel.enumerators(of: "bpf_func_id")
    readsNumberPointers = helpers.isEmpty ? nil : helpers.contains("BPF_FUNC_get_func_arg")
    isNew = kernel.enumerators(of: VerifierTraits.witness).contains("BPF_TRACE_UPROBE_SESSION")
  }
}

/// What the verifier makes of the arguments of a function that programs attach to.
///
/// Source: the kernel's `btf_ctx_access` and `btf_distill_func_proto`.
struct ArgumentRules {
  private let btf: BTFSpec
  private let kind: AttachKind
  private let age: KernelAge

  private static let maximumArguments = 12
  private static let maximumArgumentBytes: UInt32 = 16

  init(_ btf: BTFSpec, _ kind: AttachKind, _ age: KernelAge) {
    self.btf = btf
    self.kind = kind
    self.age = age
  }

  // MARK: The function

  /// Why programs cannot attach; `nil` if they can, or if it depends on something that BTF does not show.
  func refusal(of prototype: TypeID) -> UnsupportedPrototype? {
    let count = btf.vlen(prototype)
    guard count <= Self.maximumArguments else { return .tooManyArguments(count) }
    let result = btf.skippingModifiersAndTypedefs(btf.target(prototype))
    // Newer kernels may allow unions.
    if [.structure, .float].contains(btf.kind(result)) { return .result(btf.spelling(of: btf.target(prototype))) }
    for index in 0..<count {
      let declared = btf.parameter(prototype, index).type
      let type = btf.skippingModifiersAndTypedefs(declared)
      if type.isVoid {
        // Older kernels take what is variable for an argument without a size.
        guard index == count - 1, age.readsNumberPointers == true else { continue }
        return .variableArguments
      }
      let isUnsupported: Bool
      switch btf.kind(type) {
      case .structure: isUnsupported = age.takesStructs.map { !$0 || size(type) > Self.maximumArgumentBytes } ?? false
      case .union: isUnsupported = size(type) > Self.maximumArgumentBytes
      case .float: isUnsupported = true
      case .void, .int, .pointer, .array, .enumeration, .enumeration64, .forward, .function, .functionPrototype,
        .variable, .dataSection, .typedef, .volatile, .const, .restrict, .declarationTag, .typeTag:
        isUnsupported = false
      }
      if isUnsupported { return .argument(index + 1, btf.spelling(of: declared)) }
    }
    return nil
  }

  // MARK: Arguments

  /// The arguments, and for programs that run after the function its result, unless it returns nothing.
  func slots(of prototype: TypeID) -> [ArgumentSlot] {
    var slots: [ArgumentSlot] = []
    let first = kind == .rawTracepoint ? 1 : 0
    for index in first..<max(first, btf.vlen(prototype)) {
      let type = btf.parameter(prototype, index).type
      let slot = ArgumentSlot(number: index - first + 1, access: access(to: type), type: btf.spelling(of: type))
      slots += [ArgumentSlot](repeating: slot, count: Int((size(type) + 7) / 8))
    }
    let type = btf.target(prototype)
    let result = btf.skippingModifiersAndTypedefs(type)
    switch kind {
    case .entry, .rawTracepoint, .iterator: break
    case .exit, .session, .hook, .cgroupHook, .modifiedReturn:
      guard !result.isVoid || kind == .modifiedReturn else { break }
      let isRefused = kind == .modifiedReturn && btf.kind(result) != .int
      slots.append(
        ArgumentSlot(number: nil, access: isRefused ? .none : access(to: type), type: btf.spelling(of: type)))
    }
    return slots
  }

  private func size(_ type: TypeID) -> UInt32 { btf.sizeBytes(type) ?? 8 }

  private func access(to declared: TypeID) -> ArgumentSlot.Access {
    let type = btf.skippingModifiersAndTypedefs(declared)
    switch btf.kind(type) {
    case .int: return size(type) <= 8 ? .number : .none
    case .enumeration, .enumeration64: return .number
    case .structure: return age.takesStructs.map { $0 ? .number : .none } ?? .unknown
    case .pointer: return access(toTarget: btf.target(type))
    case .float: return .none
    case .void, .union, .array, .forward, .function, .functionPrototype, .variable, .dataSection, .typedef, .volatile,
      .const, .restrict, .declarationTag, .typeTag:
      return .unknown
    }
  }

  private func access(toTarget declared: TypeID) -> ArgumentSlot.Access {
    let target = btf.skippingModifiersAndTypedefs(declared)
    if [.structure, .union].contains(btf.kind(target)) { return .pointer }
    // What an iterator gives may be memory that it describes itself.
    guard kind != .iterator, !age.isNew, let readsNumberPointers = age.readsNumberPointers else { return .unknown }
    if declared.isVoid { return .number }
    return btf.kind(target) == .int && readsNumberPointers ? .number : .none
  }
}
