import Foundation
import Testing

/// A build tool, or two of them where one writes the other's input, as installed on this machine.
struct BuildSystem: Sendable, Hashable, CustomTestStringConvertible {
  enum Kind: String, Sendable, CaseIterable {
    case cmakeNinja = "CMake and Ninja"
    case cmakeNinjaMulti = "CMake and Ninja Multi-Config"
    case cmakeMake = "CMake and make"
    case ninja = "Ninja"
    case make
    case meson = "Meson"
    case bazel = "Bazel"
  }

  /// Where its tools come from: the distribution, or what `Tests/tools/install` fetched.
  enum Edition: String, Sendable, CaseIterable {
    case system = "the system's"
    case newest
    case oldest
  }

  let kind: Kind
  let edition: Edition

  var testDescription: String { "\(kind.rawValue), \(edition.rawValue)" }

  /// Only CMake is the oldest version: Ninja is chosen separately, and PyPI has neither make nor Bazel. In the quick
  /// tier one
  /// with Ninja and one with make.
  static let all: [BuildSystem] = Tier.isFull ? every : [.cmakeNinja, .make].map { .init(kind: $0, edition: .system) }

  private static let every: [BuildSystem] = Edition.allCases.flatMap { edition in
    let kinds = Kind.allCases.filter { edition == .system || ![.make, .bazel].contains($0) }
    return kinds.filter { edition != .oldest || $0.isCMake }.map { BuildSystem(kind: $0, edition: edition) }
  }

  /// Those that this machine can try; `BPFGEN_BUILD_SYSTEM=CMake` picks those whose name contains that.
  static let available = all.filter { system in
    system.missing.isEmpty && Toolchain.setting("BPFGEN_BUILD_SYSTEM").map(system.testDescription.contains) ?? true
  }

  /// Why not all of them can be tried; `nil` when they can.
  static let unmet: String? = {
    let missing = Set(all.flatMap(\.missing)).sorted()
    return missing.isEmpty ? nil : missing.joined(separator: ", ") + " not installed"
  }()

  // MARK: Tools

  var cmake: String { path("cmake") }
  var ninja: String { edition == .oldest ? "/usr/bin/ninja" : path("ninja") }
  var make: String { "/usr/bin/make" }
  var meson: String { path("meson") }

  private var folder: String {
    switch edition {
    case .system: "/usr/bin"
    case .newest: "\(Toolchain.root)/.build/tools/newest/bin"
    case .oldest: "\(Toolchain.root)/.build/tools/oldest/bin"
    }
  }

  private func path(_ tool: String) -> String { "\(folder)/\(tool)" }

  private var missing: [String] {
    let tools =
      switch kind {
      case .cmakeNinja, .cmakeNinjaMulti: [cmake, ninja]
      case .cmakeMake: [cmake, make]
      case .ninja: [ninja]
      case .make: [make]
      case .meson: [meson, ninja]
      case .bazel: [Bazel.path]
      }
    return tools.filter { access($0, X_OK) != 0 }
  }
}

extension BuildSystem.Kind {
  var isCMake: Bool { [.cmakeNinja, .cmakeNinjaMulti, .cmakeMake].contains(self) }

  /// Whether it notices an edited payload: Ninja only records the time of a rule's first output.
  var seesEditedPayloads: Bool { ![.ninja, .meson].contains(self) }

  /// CMake's name of it.
  var generator: String {
    switch self {
    case .cmakeNinjaMulti: "Ninja Multi-Config"
    case .cmakeMake: "Unix Makefiles"
    default: "Ninja"
    }
  }
}
