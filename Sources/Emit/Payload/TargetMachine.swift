internal import BPF
package import Bytes
internal import CLibELF
internal import ELF

/// The machine that user programs are built for, as identified by an object file.
package struct TargetMachine: Hashable, Sendable {
  /// `e_machine`.
  package let machine: UInt16
  package let is64Bit: Bool
  package let isBigEndian: Bool
  /// `e_flags`: the ABI, where machine and class do not determine it (riscv's float ABI, arm's and mips's version).
  package let flags: UInt32
  /// The properties that a payload needs so that linking it disables no feature of the program.
  package private(set) var properties = PropertyNote()

  package var order: ByteOrder { isBigEndian ? .big : .little }

  package init(machine: UInt16, is64Bit: Bool, isBigEndian: Bool, flags: UInt32) {
    self.machine = machine
    self.is64Bit = is64Bit
    self.isBigEndian = isBigEndian
    self.flags = flags
  }

  /// Why a file does not describe a machine.
  package enum Fault: Error, Hashable, Sendable {
    /// Not an ELF file for a machine that user programs run on: an LTO bitcode file, a BPF object.
    case notObject
    /// The section table is not inside the file.
    case damagedSections
    /// The properties in `.note.gnu.property` cannot be read.
    case damagedProperties
  }

  /// The machine that this program itself was built for.
  package static var host: TargetMachine {
    var target = hostMachine
    target.properties = .host
    return target
  }

  private static var hostMachine: TargetMachine {
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

  /// The machine and properties of an object file: any output of the user's compiler.
  ///
  /// - Parameter file: the object, or an archive, whose first object is used.
  package init(likeObject file: [UInt8]) throws(Fault) {
    guard let range = TargetMachine.firstObject(file) else { throw .notObject }
    let object = range.count == file.count ? file : Array(file[range])
    try self.init(header: object)
    do throws(PropertyNote.Fault) {
      properties = try PropertyNote(of: ByteReader(bytes: object, order: order), self)
    } catch {
      switch error {
      case .sections: throw .damagedSections
      case .note: throw .damagedProperties
      }
    }
  }

  /// The range of a file's first object: the whole file, or in an archive the first member after the indices, whose
  /// names begin with a slash.
  ///
  /// Source: ar(5): a member has a header of 60 bytes, which begins with a name of 16 bytes, and has its size in
  /// decimal at 48.
  private static func firstObject(_ file: [UInt8]) -> Range<Int>? {
    guard file.starts(with: Array("!<arch>\n".utf8)) else { return file.indices }
    var start = 8
    while start + 60 <= file.count {
      let digits = file[start + 48..<start + 58].prefix { $0 != UInt8(ascii: " ") }
      guard let size = Int(String(decoding: digits, as: UTF8.self)), size >= 0, size <= file.count else { return nil }
      let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
      let isIndex = file[start] == UInt8(ascii: "/") && !digit.contains(file[start + 1])
      guard isIndex else { return start + 60..<min(start + 60 + size, file.count) }
      // Members begin at even offsets.
      start += 60 + size + size % 2
    }
    return nil
  }

  private init(header: [UInt8]) throws(Fault) {
    guard let (order, is64Bit) = FileHeader.form(of: header) else { throw .notObject }
    let reader = ByteReader(bytes: header, order: order)
    guard let machine = reader.load(FileHeader.machine, is64Bit: is64Bit), machine != 0, machine != UInt16(EM_BPF),
      let flags = reader.load(FileHeader.flags, is64Bit: is64Bit)
    else { throw .notObject }
    self.init(machine: machine, is64Bit: is64Bit, isBigEndian: reader.order == .big, flags: flags)
  }
}
