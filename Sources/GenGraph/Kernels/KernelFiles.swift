package import BPF
internal import BTF
package import Files
internal import Glibc

/// One kernel that objects are checked against.
package struct KernelFile: Hashable, Sendable {
  /// What people call it: in a list of kernels, each has another one.
  package let name: String
  /// Of its BTF.
  package let path: String
  /// The BTF of its modules, each of which continues the kernel's; empty where they are not known.
  package let modules: [String]
  /// `nil` where it is not known.
  package let version: KernelVersion?

  package init(name: String, path: String, modules: [String] = [], version: KernelVersion?) {
    self.name = name
    self.path = path
    self.modules = modules
    self.version = version
  }

  /// The version of a kernel that has none of its own: that in the name of its file, or of the folder of a file `vmlinux`;
  /// else that in what people call it; `nil` where none is.
  static func version(of path: String, called name: String) -> KernelVersion? {
    KernelVersion(in: KernelFiles.name(of: path, below: Folders.holding(path) + "/"))
      ?? KernelVersion(in: Paths.name(of: name))
  }

  /// All that is read of it, the kernel's own BTF first.
  package var paths: [String] { [path] + modules }

  /// The order in which kernels are listed.
  package static func precedes(_ left: KernelFile, _ right: KernelFile) -> Bool {
    VersionOrder.precedes(left.name, right.name) || left.name == right.name && left.path < right.path
  }
}

/// The kernels that files and folders are.
package enum KernelFiles {
  /// The running kernel's BTF.
  static let runningPath = "/sys/kernel/btf/vmlinux"

  /// All kernels of some files and folders, in the order of their versions; and all folders that were read.
  ///
  /// What cannot be read is a kernel too, and so is a folder without a kernel: reading it as a file fails.
  package static func all(_ arguments: [String]) -> (kernels: [KernelFile], folders: [String]) {
    var (paths, folders): ([String], [String]) = ([], [])
    var modules: [String: [String]] = [:]
    for argument in arguments {
      guard Folders.isFolder(argument) else {
        paths.append(argument)
        continue
      }
      let (files, listings) = files(in: argument)
      for file in files {
        paths.append(file.path)
        modules[file.path] = file.modules
      }
      folders += listings.map(\.path)
    }
    paths = Array(Set(paths))
    // The file names, unless two of them are the same. What is not a file, such as a pattern that matches nothing, is called
    // what the user calls it.
    let short = paths.map { name(of: $0, below: Folders.holding($0) + "/") }
    let common = commonFolder(paths)
    let names = Set(short).count == paths.count ? short : paths.map { name(of: $0, below: common) }
    return (
      zip(names, paths).map { name, path in
        let name = Folders.isRegularFile(path) ? name : path
        return KernelFile(
          name: name, path: path, modules: modules[path] ?? [], version: KernelFile.version(of: path, called: name))
      }.sorted(by: KernelFile.precedes), folders
    )
  }

  /// The kernels of a folder.
  ///
  /// All files `*.btf` and `vmlinux` are kernels, also in the folders in it. In a folder with a file `vmlinux`, as
  /// /sys/kernel/btf is, all other files are of the kernel's modules, except files `*.btf` that do not continue another BTF.
  ///
  /// - Returns: the files, and all folders that were read, this one first. A folder that cannot be read is among the files,
  ///   and so is this one if it contains no kernel.
  package static func files(in folder: String) -> (
    files: [(path: String, modules: [String])], folders: [FolderListing]
  ) {
    let first = folder.utf8.last == UInt8(ascii: "/") && folder.utf8.count > 1 ? String(folder.dropLast()) : folder
    var (folders, pending) = ([FolderListing](), [first])
    var found: [(path: String, modules: [String])] = []
    while let next = pending.popLast() {
      let listing: FolderListing
      do throws(FileError) {
        listing = try FolderListing(next)
      } catch {
        folders.append(FolderListing(unreadable: next))
        found.append((next, []))
        continue
      }
      folders.append(listing)
      let names = listing.entries ?? []
      let isKernel = names.contains("vmlinux")
      var modules: [String] = []
      for name in names where name != "vmlinux" {
        let path = next + "/" + name
        // A link to a folder above would have no end.
        if Folders.isFolder(path, followsLinks: false) {
          pending.append(path)
        } else if isKernel, Folders.isRegularFile(path), !name.hasSuffix(".btf") || isSplit(path) {
          modules.append(path)
        } else if name.hasSuffix(".btf") {
          found.append((path, []))
        }
      }
      if isKernel { found.append((next + "/vmlinux", modules)) }
    }
    return (found.isEmpty ? [(first, [])] : found, folders)
  }

  /// Whether a file is BTF that continues another, as that of a module continues its kernel's.
  private static func isSplit(_ path: String) -> Bool {
    var isSplit = false
    _ = try? FileContent(path: path) { parts throws(FileError) in
      isSplit = BTFSpec.isSplit { range in try? parts.read(range) }
      return []
    }
    return isSplit
  }

  /// The release of the running kernel.
  private static var running: String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "vmlinux" }
    return unsafe withUnsafeBytes(of: name.release) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The folder that all paths begin with, with the slash at its end.
  private static func commonFolder(_ paths: [String]) -> String {
    guard var common = paths.first.map({ Array($0.utf8) }) else { return "" }
    for path in paths { common = Array(zip(common, path.utf8).prefix { $0.0 == $0.1 }.map(\.0)) }
    guard let slash = common.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(decoding: common[...slash], as: UTF8.self)
  }

  /// A kernel's name: its path below a folder, without `.btf` and without `vmlinux`.
  ///
  /// - Parameter folder: with the slash at its end.
  static func name(of path: String, below folder: String) -> String {
    if path == runningPath { return running }
    var name = path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    if name.hasSuffix(".btf") { name.removeLast(4) }
    if name.hasSuffix("/vmlinux") { name.removeLast(8) }
    // The folder is named after the kernel, also where it is the current one.
    return name == "vmlinux" ? Paths.name(of: Paths.folder(of: Paths.absolute(path))) : name
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
