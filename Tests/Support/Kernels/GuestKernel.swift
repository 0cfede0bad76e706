import Foundation

/// A kernel that a virtual machine runs: Debian's 6.1, as `Tests/corpus/kernel-btf` unpacked it.
///
/// The machine has an initramfs and nothing else: a first process of our own, the loader, and the objects.
struct GuestKernel: Sendable {
  /// Its name, and the path of its files without what they end in.
  private let stem: String

  init?() {
    guard let btf = Corpus.otherKernel else { return nil }
    stem = String(btf.dropLast(4))
    guard access("\(stem).vmlinuz", R_OK) == 0 else { return nil }
  }

  var btf: String { "\(stem).btf" }

  /// What the machine reports.
  struct Report: Sendable {
    /// As `uname -r` prints it.
    let release: String
    /// Of the kernel's BTF.
    let size: Int
    let hash: String
    /// By object.
    let truths: [KernelTruth]
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Starts the kernel, loads objects there, and ends it.
  func load(_ objects: [String], in scratch: Scratch) throws -> Report {
    let folder = "\(Toolchain.fixtures)/check-kernels"
    let libraries = ["-static", "-lbpf", "-lelf", "-lz"]
    try KernelCases.compileLoader(to: scratch.file("guest-asked"), libraries)
    try Shell.run(
      Tool.gcc.required(), ["-O2", "-Wall", "-Werror", "\(folder)/guest.c", "-o", scratch.file("guest"), "-static"]
    ).checked()

    var archive = CPIOArchive()
    for path in ["dev", "proc", "sys", "tmp", "boot", "objects"] { archive.addFolder(path) }
    archive.addConsole()
    for (name, path) in [("init", "guest"), ("asked", "guest-asked")] {
      archive.addFile(name, try Data(contentsOf: URL(fileURLWithPath: scratch.file(path))), isProgram: true)
    }
    for (number, path) in objects.enumerated() {
      // In the order of their numbers when they are sorted.
      archive.addFile("objects/\(10_000 + number).o", try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    archive.addFile("boot/config-\(try release())", try Data(contentsOf: URL(fileURLWithPath: "\(stem).config")))
    try archive.finished().write(to: URL(fileURLWithPath: scratch.file("initramfs")))

    let (console, results) = (scratch.file("console"), scratch.file("results"))
    let machine = try Shell.run(
      Tool.qemu.required(),
      [
        "-accel", Self.accelerator, "-cpu", "max", "-smp", "2", "-m", "2048", "-nodefaults", "-no-reboot",
        "-display", "none", "-serial", "file:\(console)", "-serial", "file:\(results)", "-kernel", "\(stem).vmlinuz",
        "-initrd", scratch.file("initramfs"), "-append", "console=ttyS0 panic=-1 quiet",
      ], timeoutSeconds: 600)
    let text = (try? String(contentsOfFile: results, encoding: .utf8)) ?? ""
    let first = text.prefix { $0 != "\n" }.split(separator: "\t")
    guard machine.succeeded, text.hasSuffix("\nend\t0\n"), first.count == 4, first[0] == "kernel" else {
      let last = ((try? String(contentsOfFile: console, encoding: .utf8)) ?? "").suffix(2000)
      throw Failure(description: "\(machine.status)\n\(machine.stderr)\n\(text.suffix(500))\n\(last)")
    }
    return Report(
      release: String(first[1]), size: Int(first[2]) ?? 0, hash: String(first[3]),
      truths: KernelTruth.read(text.drop { $0 != "\n" }, objects: objects.count))
  }

  /// A virtual machine may have the device of KVM and no processor that runs one inside.
  private static var accelerator: String {
    let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n").first {
      $0.hasPrefix("flags")
    }
    let isVirtual = flags?.split(separator: " ").contains { $0 == "vmx" || $0 == "svm" } ?? false
    return isVirtual && access("/dev/kvm", R_OK | W_OK) == 0 ? "kvm" : "tcg"
  }

  /// The kernel's release, which is in the head of its image. Source: the kernel's Documentation/x86/boot.rst.
  func release() throws -> String {
    let image = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(stem).vmlinuz"))
    defer { try? image.close() }
    let head = [UInt8](try image.read(upToCount: 1 << 16) ?? Data())
    let place = 0x200 + Int(head[0x20e]) + Int(head[0x20f]) << 8
    return String(decoding: head[place...].prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
  }

  /// The FNV-1a hash of a file, as the machine computes it.
  static func hash(of path: String) throws -> (size: Int, hash: String) {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let text = String(hash, radix: 16)
    return (bytes.count, String(repeating: "0", count: 16 - text.count) + text)
  }
}

/// A cpio archive in the form that the kernel reads as an initramfs. Source: the kernel's
/// Documentation/driver-api/early-userspace/buffer-format.rst.
private struct CPIOArchive {
  private var bytes = Data()
  private var count = 0

  mutating func addFolder(_ path: String) { add(path, mode: 0o040755, Data()) }

  mutating func addFile(_ path: String, _ content: Data, isProgram: Bool = false) {
    add(path, mode: isProgram ? 0o100755 : 0o100644, content)
  }

  /// The device that the first process has as its standard streams.
  mutating func addConsole() { add("dev/console", mode: 0o020600, Data(), device: (5, 1)) }

  /// All of it.
  func finished() -> Data {
    var archive = self
    archive.add("TRAILER!!!", mode: 0, Data())
    return archive.bytes
  }

  private mutating func add(_ path: String, mode: Int, _ content: Data, device: (Int, Int) = (0, 0)) {
    count += 1
    let fields = [
      count, mode, 0, 0, 1, 0, content.count, 0, 0, device.0, device.1, path.utf8.count + 1, 0,
    ]
    let head = fields.map { field in
      let text = String(field, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }
    bytes.append(Data(("070701" + head.joined() + path + "\0").utf8))
    pad()
    bytes.append(content)
    pad()
  }

  private mutating func pad() { bytes.append(Data(count: (4 - bytes.count % 4) % 4)) }
}
