package import BPF
internal import Files

/// The parameters of an object's check against kernels, without its files.
package struct KernelCheckSpec: Hashable, Sendable {
  package struct Kernel: Hashable, Sendable {
    package let name: String
    package let version: KernelVersion?

    package init(name: String, version: KernelVersion?) {
      self.name = name
      self.version = version
    }
  }

  /// In the order of the check's inputs.
  package let kernels: [Kernel]
  /// Whether the build goes on when a kernel does not load the object.
  package let isReportOnly: Bool
  /// How many components at the end of the object's path distinguish it from the other checked objects: that many must be
  /// equal in the baseline. `nil` without a baseline.
  package let baseline: Int?

  package init(kernels: [Kernel], isReportOnly: Bool, baseline: Int?) {
    self.kernels = kernels
    self.isReportOnly = isReportOnly
    self.baseline = baseline
  }

  package var hasBaseline: Bool { baseline != nil }
}

/// The coded form: a line of words, and a line for each kernel.
///
///     check | report [baseline COMPONENTS]
///     NAME[\tMAJOR.MINOR]
extension KernelCheckSpec {
  func encode() -> String {
    var text = (isReportOnly ? "report" : "check") + (baseline.map { " baseline \($0)" } ?? "")
    for kernel in kernels {
      text += "\n" + kernel.name
      if let version = kernel.version { text += "\t\(version.major).\(version.minor)" }
    }
    return text
  }

  /// Reads what `encode()` wrote. It is lenient: callers compare what `encode()` makes of the result.
  init?(decoding text: String) {
    let lines = text.split(at: "\n", omittingEmpty: false)
    let words = lines[0].split(at: " ")
    isReportOnly = words.first == "report"
    baseline = words.count == 3 ? Int(words[2]) : nil
    var kernels: [Kernel] = []
    for line in lines.dropFirst() {
      let parts = line.split(at: "\t", omittingEmpty: false)
      guard !parts[0].isEmpty else { return nil }
      if parts.count == 1 {
        kernels.append(Kernel(name: String(parts[0]), version: nil))
      } else {
        guard let version = KernelVersion(text: String(parts[1])) else { return nil }
        kernels.append(Kernel(name: String(parts[0]), version: version))
      }
    }
    guard !kernels.isEmpty, baseline ?? 1 > 0 else { return nil }
    self.kernels = kernels
  }
}

extension KernelVersion {
  /// - Parameter text: `5.4`, and nothing else.
  package init?(text: String) {
    let parts = text.split(at: ".", omittingEmpty: false)
    guard parts.count == 2, let major = UInt64(parts[0]), let minor = UInt64(parts[1]), major < 256, minor < 256 else {
      return nil
    }
    self.init(major: major, minor: minor)
  }
}
