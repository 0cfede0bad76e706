internal import CLibELF

/// The machine that user programs are built for, as far as an object file names it.
public struct TargetMachine: Hashable, Sendable {
  /// `e_machine`.
  public let machine: UInt16
  public let is64Bit: Bool
  public let isBigEndian: Bool
  /// `e_flags`: the ABI where machine and class do not say it all (riscv's float ABI, arm's and mips's version).
  public let flags: UInt32

  public init(machine: UInt16, is64Bit: Bool, isBigEndian: Bool, flags: UInt32) {
    self.machine = machine
    self.is64Bit = is64Bit
    self.isBigEndian = isBigEndian
    self.flags = flags
  }

  /// The machine that this program itself was built for.
  public static var host: TargetMachine {
    #if arch(x86_64)
      TargetMachine(machine: UInt16(EM_X86_64), is64Bit: true, isBigEndian: false, flags: 0)
    #elseif arch(arm64)
      TargetMachine(machine: UInt16(EM_AARCH64), is64Bit: true, isBigEndian: false, flags: 0)
    #elseif arch(riscv64)
      // Linux distributions build for the double-float ABI with compressed instructions.
      TargetMachine(machine: UInt16(EM_RISCV), is64Bit: true, isBigEndian: false, flags: 5)
    #elseif arch(s390x)
      TargetMachine(machine: UInt16(EM_S390), is64Bit: true, isBigEndian: true, flags: 0)
    #elseif arch(powerpc64le)
      TargetMachine(machine: UInt16(EM_PPC64), is64Bit: true, isBigEndian: false, flags: 2)
    #else
      #error("the ELF machine of this host is not known here")
    #endif
  }

  /// The machine of an object file: what any compilation of the user's compiler gave.
  ///
  /// - Parameter file: the object, or an archive: then its first object counts.
  /// - Returns: `nil` when it is no ELF file of a machine that user programs run on (an LTO bitcode file, a BPF object).
  public init?(likeObject file: [UInt8]) {
    guard let start = TargetMachine.firstObject(file) else { return nil }
    self.init(header: file[start...].prefix(64))
  }

  /// Where a file's first object begins: at 0, or behind an archive's indices, whose names begin with a slash.
  ///
  /// Source: ar(5): a name of 16 bytes at the head of a member, its size in decimal digits at 48, 60 bytes of head.
  private static func firstObject(_ file: [UInt8]) -> Int? {
    guard file.starts(with: Array("!<arch>\n".utf8)) else { return 0 }
    var start = 8
    while start + 60 <= file.count {
      let digits = file[start + 48..<start + 58].prefix { $0 != UInt8(ascii: " ") }
      guard let size = Int(String(decoding: digits, as: UTF8.self)), size >= 0, size <= file.count else { return nil }
      let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
      let isIndex = file[start] == UInt8(ascii: "/") && !digit.contains(file[start + 1])
      guard isIndex else { return start + 60 }
      // Members begin at even places.
      start += 60 + size + size % 2
    }
    return nil
  }

  private init?(header: ArraySlice<UInt8>) {
    let header = Array(header)
    guard header.count >= 52, header.starts(with: [0x7f, 0x45, 0x4c, 0x46]), header[4] == 1 || header[4] == 2,
      header[5] == 1 || header[5] == 2
    else { return nil }
    let is64Bit = header[4] == 2
    let isBigEndian = header[5] == 2
    func number(_ at: Int, _ size: Int) -> UInt32 {
      let bytes = header[at..<at + size]
      return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
    }
    let machine = UInt16(number(18, 2))
    guard machine != 0, machine != UInt16(EM_BPF) else { return nil }
    self.init(
      machine: machine, is64Bit: is64Bit, isBigEndian: isBigEndian, flags: number(is64Bit ? 48 : 36, 4))
  }
}
