package import Bytes

/// The linker names that connect a header to its payload.
package struct PayloadSymbols: Hashable, Sendable {
  package let start: String
  package let size: String
  /// Whether another shared object may refer to them. Their definitions are then protected: each library that has its
  /// own payload uses that one.
  package let isShared: Bool

  /// If one is missing, the linker reports: undefined reference to `app_payload_of_layout_3f2a...', with the suffix
  /// `_scope_first_skel` if there is a scope.
  ///
  /// - Parameter layoutID: of the header. It includes the scope, which distinguishes scopes that have the same readable
  ///   form.
  package init(name: String, layoutID: Fingerprint, scope: PayloadScope?, isShared: Bool = false) {
    self.isShared = isShared
    let end = "of_layout_\(layoutID)" + (scope.map { "_scope_" + $0.symbolPart } ?? "")
    start = "\(name)_payload_\(end)"
    size = "\(name)_payload_size_\(end)"
  }
}
