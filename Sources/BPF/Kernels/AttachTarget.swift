internal import BTF
internal import Bytes

/// 64 bits of what a tracing program reads of its context: an argument of the function that it attaches to, a part of one, or the
/// function's result.
package struct ArgumentSlot: Hashable, Sendable {
  /// What the verifier lets a program do with it.
  enum Access: UInt8, Hashable, Sendable {
    /// Nothing: reading it is refused.
    case none
    /// It can be read, and is a number: loads and stores through it are refused.
    case number
    /// It can be read, and is a pointer to a struct.
    case pointer
    /// Kernels differ in what they allow, and their BTF does not show it.
    case unknown
  }

  /// The argument, counted from 1; `nil` for the result.
  package let number: Int?
  let access: Access
  /// In C.
  package let type: String

  func encode(into encoder: inout CanonicalEncoder) {
    encoder.add(number ?? 0)
    encoder.add(Int(access.rawValue))
    encoder.add(type)
  }
}

/// Why programs cannot attach to a function.
package enum UnsupportedPrototype: Hashable, Sendable {
  case variableArguments
  case tooManyArguments(Int)
  /// The result's type, in C.
  case result(String)
  /// An argument, counted from 1, and its type in C.
  case argument(Int, String)

  func encode(into encoder: inout CanonicalEncoder) {
    switch self {
    case .variableArguments: encoder.add(0)
    case .tooManyArguments(let count):
      encoder.add(1)
      encoder.add(count)
    case .result(let type):
      encoder.add(2)
      encoder.add(type)
    case .argument(let number, let type):
      encoder.add(3)
      encoder.add(number)
      encoder.add(type)
    }
  }
}

extension KernelAnswers.Target {
  /// - Parameter age: of the kernel, also for a target in a module.
  init(_ target: KernelNeeds.Target, _ kernel: KernelTypes, _ age: KernelAge) {
    let btf = kernel.btf
    let prototype: TypeID
    if target.kind == .rawTracepoint {
      // A typedef of a pointer to the called function, whose first argument programs do not see.
      guard let type = kernel.typedefs[target.symbol] else {
        self = .absent
        return
      }
      let pointer = btf.skippingModifiersAndTypedefs(type)
      prototype = btf.kind(pointer) == .pointer ? btf.skippingModifiersAndTypedefs(btf.target(pointer)) : pointer
    } else {
      guard let function = kernel.functions[target.symbol] else {
        self = .absent
        return
      }
      prototype = btf.target(function)
    }
    guard btf.kind(prototype) == .functionPrototype else {
      self = .absent
      return
    }
    let rules = ArgumentRules(btf, target.kind, age)
    if target.kind != .rawTracepoint, let refused = rules.refusal(of: prototype) {
      self = .unsupported(refused)
      return
    }
    self = .present(slots: rules.slots(of: prototype))
  }
}
