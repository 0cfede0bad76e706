internal import BPF
internal import Files
internal import GenGraph
internal import Glibc

/// The messages for kernels that cannot be read, and for objects that kernels cannot load.
extension Diagnostic {
  /// A kernel's file that cannot be read.
  ///
  /// - Parameter inGraphFile: whether a graph file names it, and not the command line.
  init(kernel error: FileError, inGraphFile: Bool) {
    switch error {
    case .system(let path, _, ENOENT): self.init(missingKernel: path, inGraphFile: inGraphFile)
    case .notRegular(let path, .directory):
      self.init(
        path: path, what: "no kernel's BTF is in this folder",
        hint: "a folder has files named *.btf, or one named vmlinux as /sys/kernel/btf has")
    default: self.init(error)
    }
  }

  /// A path or a pattern that leads to no kernel.
  init(missingKernel path: String, inGraphFile: Bool) {
    if inGraphFile, FilePatterns.isPattern(path) {
      self.init(patternInGraphFile: path)
      return
    }
    self.init(path: path, what: "does not exist", missingPath: path, mayBeFolder: true)
    if FilePatterns.isPattern(path) { what = "no file matches this pattern" }
    hint =
      inGraphFile
      ? "name a kernel's BTF, or a folder of files *.btf, in the graph file"
      : "name a kernel's BTF, or a folder of files *.btf"
  }

  /// A pattern where a folder is meant: the one before the first wildcard, or one with a similar path.
  private init(patternInGraphFile path: String) {
    let folder = FilePatterns.fixedFolder(path)
    self.init(
      path: path, what: "a graph file cannot name kernels with a pattern",
      hint: "name a kernel's BTF, or a folder of files *.btf, in the graph file", missingPath: folder,
      mayBeFolder: true)
    if let folder, Folders.isFolder(folder) { hint = "did you mean '\(folder)'?" }
  }

  /// An object that some kernels do not load: which, and for what. What the baseline has is only counted.
  init(_ path: String, _ check: KernelCheck) {
    self.init(path: path, what: "")
    let failing = check.objects.flatMap(\.outcomes).filter { $0.newLevel >= .possible }
    let count = failing.reduce(0) { $0 + $1.kernels.count }
    let total = "\(check.kernels.count) \(check.kernels.count == 1 ? "kernel" : "kernels")"
    what =
      failing.contains { $0.newLevel == .fails }
      ? "\(count) of \(total) cannot load this object" : "\(count) of \(total) may not load this object"
    for outcome in failing.prefix(Diagnostic.maximumOutcomes) {
      facts.append((outcome.newLevel.text + " on", check.ranges(outcome.kernels).joined(separator: ", ")))
      let findings = outcome.verdict.findings.filter { $0.level >= .possible && !outcome.isKnown($0) }
      for finding in findings.prefix(Diagnostic.maximumFindings) { facts.append(("", finding.description)) }
      if findings.count > Diagnostic.maximumFindings {
        facts.append(("", "and \(findings.count - Diagnostic.maximumFindings) more"))
      }
    }
    if failing.count > Diagnostic.maximumOutcomes {
      facts.append(("", "and \(failing.count - Diagnostic.maximumOutcomes) more groups of kernels"))
    }
    let known = check.objects.flatMap(\.outcomes).filter(\.isKnown).flatMap(\.kernels).sorted()
    if !known.isEmpty { facts.append(("in the baseline", check.ranges(known).joined(separator: ", "))) }
    if !check.unread.isEmpty {
      let others = check.unread.count - Diagnostic.maximumNames
      facts.append(
        (
          "not checked",
          check.unreadNames.prefix(Diagnostic.maximumNames).joined(separator: ", ")
            + (others > 0 ? " and \(others) more" : "")
        ))
    }
    var hints: [String] = []
    for outcome in failing {
      for finding in outcome.verdict.findings where finding.level >= .possible && !outcome.isKnown(finding) {
        guard let hint = finding.problem.hint(isStrong: finding.program == nil), !hints.contains(hint) else { continue }
        hints.append(hint)
      }
    }
    // More would not be read.
    let changes = hints.count > 2 ? "change what is listed" : hints.joined(separator: "; ")
    hint = (changes.isEmpty ? "" : changes + "; or ") + "accept it with a baseline"
  }

  /// `bpfgen check-kernels` has them all.
  private static let (maximumOutcomes, maximumFindings, maximumNames) = (8, 8, 8)

  /// A baseline that was not made yet, or is somewhere else.
  init(missingBaseline path: String) {
    self.init(
      path: path, what: "does not exist",
      hint: "make the first baseline with `bpfgen check-kernels --format json`, as docs/check-kernels.md shows",
      missingPath: path)
  }

  /// A baseline that is something else.
  init(baseline path: String, _ fault: KernelBaseline.Fault) {
    switch fault {
    case .noReport: self.init(path: path, what: "not a report of check-kernels", hint: "write one with --format json")
    case .otherVersion:
      self.init(
        path: path, what: "a report of check-kernels in the format of another version of bpfgen",
        hint: "write it again with --format json, or use the bpfgen that wrote it")
    }
  }

  /// An object, or another file that a build reads, that does not exist.
  init(missingInput path: String) {
    self.init(path: path, what: "does not exist", hint: "make it first, or correct its path", missingPath: path)
  }
}
