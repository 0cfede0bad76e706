internal import BPF
internal import Files
internal import Glibc

/// A kernel to check objects against.
struct KernelFile: Sendable {
  /// The path without the common folder of all kernels, and without `.btf`.
  let name: String
  let path: String
  /// Derived from the name; `nil` if the name contains no version.
  var version: KernelVersion? { KernelVersion(in: name.split(at: "/").last.map(String.init) ?? name) }
}

/// The kernels on a command line.
enum KernelFiles {
  /// All kernels in some files, folders and patterns, sorted by version.
  ///
  /// A folder with a file `vmlinux`, such as /sys/kernel/btf, is one kernel; in any other folder and its subfolders,
  /// each file `*.btf` is one.
  static func all(_ arguments: [String]) throws(CommandError) -> [KernelFile] {
    var paths: [String] = []
    for argument in try FilePatterns.files(arguments) {
      guard isFolder(argument) else {
        paths.append(argument)
        continue
      }
      let found = try files(in: argument)
      guard !found.isEmpty else {
        throw CommandError.failed(
          Diagnostic(
            path: argument, what: "no kernel's BTF is in this folder",
            hint: "a folder has files named *.btf, or one named vmlinux as /sys/kernel/btf has"))
      }
      paths += found
    }
    paths = Array(Set(paths))
    // The file names, unless two of them are the same.
    let short = paths.map { name(of: $0, below: Folders.holding($0) + "/") }
    let common = commonFolder(paths)
    let names = Set(short).count == paths.count ? short : paths.map { name(of: $0, below: common) }
    return zip(names, paths).map { KernelFile(name: $0, path: $1) }
      .sorted { VersionOrder.precedes($0.name, $1.name) || $0.name == $1.name && $0.path < $1.path }
  }

  /// The release of the running kernel.
  private static var running: String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "vmlinux" }
    return unsafe withUnsafeBytes(of: name.release) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func files(in folder: String) throws(CommandError) -> [String] {
    var (found, pending) = ([String](), [folder.hasSuffix("/") ? String(folder.dropLast()) : folder])
    while let next = pending.popLast() {
      guard let entries = unsafe opendir(next) else {
        throw CommandError.failed(Diagnostic(.system(path: next, operation: "read", errno: errno)))
      }
      defer { unsafe closedir(entries) }
      var names: [String] = []
      while let entry = unsafe readdir(entries) {
        names.append(
          unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
          })
      }
      if names.contains("vmlinux") {
        found.append(next + "/vmlinux")
        continue
      }
      for name in names where name != "." && name != ".." {
        let path = next + "/" + name
        // Do not follow links, which could lead to a parent folder.
        var status = stat()
        if unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
          pending.append(path)
        } else if name.hasSuffix(".btf") {
          found.append(path)
        }
      }
    }
    return found
  }

  /// The common folder of all paths, with a slash at the end.
  private static func commonFolder(_ paths: [String]) -> String {
    guard var common = paths.first.map({ Array($0.utf8) }) else { return "" }
    for path in paths { common = Array(zip(common, path.utf8).prefix { $0.0 == $0.1 }.map(\.0)) }
    guard let slash = common.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(decoding: common[...slash], as: UTF8.self)
  }

  private static func name(of path: String, below folder: String) -> String {
    if path == "/sys/kernel/btf/vmlinux" { return running }
    var name = path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    if name.hasSuffix(".btf") { name.removeLast(4) }
    if name.hasSuffix("/vmlinux") { name.removeLast(8) }
    // The folder is named after the kernel.
    if name == "vmlinux", let parent = path.split(at: "/").dropLast().last { return String(parent) }
    return name
  }
}

/// Natural order of versions: 5.4.0-9 is before 5.4.0-10.
enum VersionOrder {
  static func precedes(_ left: String, _ right: String) -> Bool {
    var (a, b) = (Array(left.utf8)[...], Array(right.utf8)[...])
    while let first = a.first, let second = b.first {
      if isDigit(first), isDigit(second) {
        let numbers = (number(&a), number(&b))
        if numbers.0.count != numbers.1.count { return numbers.0.count < numbers.1.count }
        if numbers.0 != numbers.1 { return numbers.0.lexicographicallyPrecedes(numbers.1) }
      } else {
        if first != second { return first < second }
        a.removeFirst()
        b.removeFirst()
      }
    }
    return a.isEmpty && !b.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// The digits at the beginning, without leading zeros.
  private static func number(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let digits = text.prefix(while: isDigit)
    text = text.dropFirst(digits.count)
    return digits.drop { $0 == UInt8(ascii: "0") }
  }
}
