package import Bytes

/// The linker names that tie a header to its payload.
package struct PayloadSymbols: Hashable, Sendable {
  package let start: String
  package let size: String
  /// Whether another shared object may refer to them. Where they are defined they are then protected: each library that has
  /// a payload of its own uses that one.
  package let isShared: Bool

  /// A missing one reads, in the linker's message: undefined reference to `app_payload_of_layout_3f2a...', with
  /// `_scope_first_skel` at its end where there is a scope.
  ///
  /// - Parameter layoutID: of the header. The scope is a part of it, which keeps scopes apart that read the same here.
  package init(name: String, layoutID: Fingerprint, scope: PayloadScope?, isShared: Bool = false) {
    self.isShared = isShared
    let end = "of_layout_\(layoutID)" + (scope.map { "_scope_" + $0.symbolPart } ?? "")
    start = "\(name)_payload_\(end)"
    size = "\(name)_payload_size_\(end)"
  }
}
