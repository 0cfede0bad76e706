public import Incr

/// By what the kinds of output are known as such.
extension FileMark {
  public static let header = FileMark("/* \(Banner.mark)")
  public static let payloadSource = FileMark("/* \(PayloadSource.mark)")
  /// An object, linked or a payload.
  public static let elf = FileMark([0x7f] + "ELF".utf8)
  /// Raw BTF of either byte order.
  public static let btf = FileMark([0x9f, 0xeb], [0xeb, 0x9f])
  /// The kernel's types, whoever wrote them.
  public static let vmlinuxHeader = FileMark("#ifndef __VMLINUX_H__")
}
