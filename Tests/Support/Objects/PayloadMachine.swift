import Foundation
import Testing

/// A machine that user programs run on, and readelf's description of its objects.
struct PayloadMachine: Sendable, CustomTestStringConvertible {
  /// Where an object of the machine's compiler comes from.
  enum Origin: Sendable {
    /// The target and further options.
    case clang([String])
    /// A little-endian 64-bit header without a section.
    case header(machine: UInt16)
  }

  var testDescription: String
  /// readelf's name of the machine.
  var readelf: String
  var origin: Origin
  var is64Bit = true
  var isBigEndian = false
  var flags: UInt32 = 0
  /// What Debian calls binutils and C library for it by; `nil` where it has none.
  var triple: String?
  /// What qemu calls it; `nil` where programs are run otherwise.
  var qemu: String?
  /// Its gcc, and with it a libbpf.
  var gcc: Tool?

  init(
    _ name: String, _ readelf: String, _ origin: Origin, is64Bit: Bool = true, isBigEndian: Bool = false,
    flags: UInt32 = 0, triple: String? = nil, qemu: String? = nil, gcc: Tool? = nil
  ) {
    testDescription = name
    self.readelf = readelf
    self.origin = origin
    (self.triple, self.qemu, self.gcc) = (triple, qemu, gcc)
    self.is64Bit = is64Bit
    self.isBigEndian = isBigEndian
    self.flags = flags
  }

  var canCompile: Bool {
    if case .clang = origin { return true }
    return false
  }

  /// An object of the machine's compiler; its path.
  func object(of source: String = "int other(int x) { return x + 1; }\n", in scratch: Scratch) throws -> String {
    let object = scratch.file("like.o")
    switch origin {
    case .clang(let options):
      let file = try scratch.write(source, to: "like.c")
      let flags = ["-target"] + options + ["-O2", "-fPIC", "-ffreestanding"]
      try Shell.run(Tool.clang.required(), flags + ["-c", file, "-o", object]).checked()
    case .header(let machine):
      var header = [UInt8](repeating: 0, count: 64)
      header.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
      header.replaceSubrange(16..<24, with: [1, 0, UInt8(machine & 0xff), UInt8(machine >> 8), 1, 0, 0, 0])
      header.replaceSubrange(48..<52, with: withUnsafeBytes(of: flags.littleEndian) { Array($0) })
      header[52] = 64
      try Data(header).write(to: URL(fileURLWithPath: object))
    }
    return object
  }
}

/// Something given to `--like` that is not an object of a user's compiler.
struct UnlikelyObject: Sendable, CustomTestStringConvertible {
  enum Content: Sendable {
    case text(String)
    case clang([String])
    case folder
    case missing
  }

  var testDescription: String
  var content: Content

  init(_ what: String, _ content: Content) {
    testDescription = what
    self.content = content
  }

  func make(in scratch: Scratch) throws -> String {
    let path = scratch.file("unlike.o")
    switch content {
    case .text(let text): _ = try scratch.write(text, to: "unlike.o")
    case .clang(let options):
      let source = try scratch.write("int other;\n", to: "unlike.c")
      try Shell.run(Tool.clang.required(), options + ["-c", source, "-o", path]).checked()
    case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    case .missing: break
    }
    return path
  }
}

extension PayloadMachine {
  /// The machines that payloads are tested for.
  static let all: [PayloadMachine] = [
    PayloadMachine("x86-64", "Advanced Micro Devices X86-64", .clang(["x86_64-linux-gnu"]), triple: "x86_64-linux-gnu"),
    PayloadMachine(
      "aarch64", "AArch64", .clang(["aarch64-linux-gnu"]), triple: "aarch64-linux-gnu", qemu: "aarch64", gcc: .arm64gcc),
    PayloadMachine(
      "riscv64, floats in registers", "RISC-V", .clang(["riscv64-linux-gnu", "-mabi=lp64d"]), flags: 0x5,
      triple: "riscv64-linux-gnu", qemu: "riscv64"),
    PayloadMachine(
      "riscv64, soft floats", "RISC-V", .clang(["riscv64-linux-gnu", "-march=rv64imac", "-mabi=lp64"]), flags: 0x1),
    PayloadMachine(
      "s390x", "IBM S/390", .clang(["s390x-linux-gnu"]), isBigEndian: true, triple: "s390x-linux-gnu", qemu: "s390x",
      gcc: .s390xgcc),
    PayloadMachine(
      "ppc64le", "PowerPC64", .clang(["powerpc64le-linux-gnu"]), flags: 0x2,
      triple: "powerpc64le-linux-gnu", qemu: "ppc64le"),
    // No clang of ours knows it: a bare header, LP64D of the second object format.
    PayloadMachine("loongarch64", "LoongArch", .header(machine: 258), flags: 0x43),
    PayloadMachine(
      "arm", "ARM", .clang(["arm-linux-gnueabihf"]), is64Bit: false, flags: 0x500_0000,
      triple: "arm-linux-gnueabihf", qemu: "arm"),
    PayloadMachine(
      "i386", "Intel 80386", .clang(["i386-linux-gnu"]), is64Bit: false, triple: "i686-linux-gnu", qemu: "i386"),
    PayloadMachine(
      "mips64el", "MIPS R3000", .clang(["mips64el-linux-gnuabi64"]), flags: 0x8000_0007,
      triple: "mips64el-linux-gnuabi64", qemu: "mips64el"),
  ]
}
