import Foundation
import Testing

/// A bpfgen whose emitter has another version: this build with that number raised, where only what depends on it is
/// compiled again.
///
/// A build knows its files by their absolute paths. A copy of the package and of its debug build is therefore mounted
/// over the package, for the processes of this build only. Needs root.
enum OtherEmitter {
  /// The program's path; made once in a process, in a folder that lives as long.
  static func program() throws -> String { try built.get() }

  private static let folder = Result { try Scratch() }

  private static let built: Result<String, any Error> = Result {
    let copy = try folder.get().file("package")
    let arguments = ["--mount", "--propagation", "private", "bash", "-euc", build, Toolchain.root, copy]
    try Shell.run("/usr/bin/unshare", arguments, timeoutSeconds: 900).checked()
    return "\(copy)/.build/debug/bpfgen"
  }

  private static let build = #"""
    root=$0 copy=$1 file=Sources/Emit/Header/LayoutID.swift
    mkdir -p "$copy/.build"
    cd "$root"
    # The other targets of the package are read too, though not built. The program embeds Ninja's rules.
    cp -a Package.swift Sources Tests Benchmarks ninja "$copy"
    (cd .build && cp -a --parents *.db *.json debug debug.yaml "$(readlink debug)" "$copy/.build")
    number=$(sed -n 's/^package let emitterVersion = \([0-9]*\)$/\1/p' "$file")
    sed -i "s/^\(package let emitterVersion =\) $number$/\1 $((number + 1))/" "$copy/$file"
    mount --bind "$copy" "$root"
    cd "$root"
    # SwiftPM locks a package by its path, in TMPDIR: `swift test` has that lock while this runs.
    mkdir "$copy/tmp"
    TMPDIR=$copy/tmp swift build --product bpfgen
    test "$(.build/debug/bpfgen version | grep ^emitter)" = "emitter $((number + 1))"
    """#
}
