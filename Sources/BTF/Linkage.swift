/// Who can use a variable or a function. Source: `BTF_VAR_STATIC` and `BTF_FUNC_STATIC`, and what follows them, of the
/// kernel's include/uapi/linux/btf.h.
package enum Linkage: UInt32, CaseIterable, Hashable, Sendable {
  /// Its own object alone.
  case `static` = 0
  /// Other objects too; this one defines it.
  case global
  /// Another object, or the kernel, defines it.
  case extern
}
