/// The linkage of a variable or a function. Source: `BTF_VAR_STATIC`, `BTF_FUNC_STATIC` and the constants after them in
/// the kernel's include/uapi/linux/btf.h.
package enum Linkage: UInt32, CaseIterable, Hashable, Sendable {
  /// Visible in its own object only.
  case `static` = 0
  /// Defined here and visible to other objects.
  case global
  /// Defined by another object or by the kernel.
  case extern
}
