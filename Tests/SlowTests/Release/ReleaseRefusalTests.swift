import Foundation
import Testing

@testable import TestSupport

/// What `scripts/release` does not release, and the one version that all files have.
@Suite("What is released", .runsTools)
struct ReleaseRefusalTests {
  /// A repository with the scripts and no sources; its `scripts/build` ends with the status 3.
  private struct Repository {
    let scratch: Scratch

    init() throws {
      scratch = try Scratch()
      try run(
        """
        mkdir -p scripts Sources/bpfgen && cp "$0"/scripts/release "$0"/scripts/version scripts
        printf '  static let number = "1.2.3"\\n' >Sources/bpfgen/Version.swift
        printf '# Changelog\\n\\n## [Unreleased]\\n\\n## [1.2.3] - 2026-01-31\\n\\n### Added\\n\\n- It.\\n' >CHANGELOG.md
        install -m 755 /dev/stdin scripts/build <<'END'
        #!/bin/sh
        exit 3
        END
        git init --quiet
        """)
      try commit()
    }

    func run(_ script: String) throws {
      let environment = [
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b",
      ]
      try Shell.run(
        "/usr/bin/env", ["-C", scratch.path, "sh", "-euc", script, Toolchain.root], environment: environment
      ).checked()
    }

    func commit() throws { try run("git add -A && git commit --quiet -m x") }

    func release(_ options: String...) throws -> Shell.Result {
      try Shell.run(scratch.file("scripts/release"), options + [scratch.file("out")])
    }
  }

  @Test(
    "a release is refused, with what to do, and a snapshot is not",
    arguments: [
      ("echo >>CHANGELOG.md", false, "there are changes that are not committed:\n     M CHANGELOG.md\n"),
      (">new", false, "there are changes that are not committed:\n    ?? new\n"),
      (
        "sed -i 's/1.2.3/1.2.2/' CHANGELOG.md", true,
        "CHANGELOG.md has no entry of version 1.2.3\n    add '## [1.2.3] - "
      ),
      ("sed -i 's/1.2.3/1x2.3/' CHANGELOG.md", true, "CHANGELOG.md has no entry of version 1.2.3\n"),
      (
        "sed -i 's/^## .Unreleased.$/&\\n\\n- More./' CHANGELOG.md", true,
        "CHANGELOG.md has changes that are not of version 1.2.3\n    change the version: scripts/version NEW"
      ),
      ("git tag v1.2.3 && echo >>CHANGELOG.md", true, "version 1.2.3 was released from commit "),
    ])
  func refused(_ change: String, _ isCommitted: Bool, _ message: String) throws {
    let repository = try Repository()
    try repository.run(change)
    if isCommitted { try repository.commit() }
    let result = try repository.release()
    #expect(result.status == .exited(1) && result.stderr.hasPrefix("release: \(message)"), "\(result.stderr)")
    // It came to the build.
    #expect(try repository.release("--snapshot").status == .exited(3))
  }

  @Test("a committed tree whose version has an entry is released, before and after it is tagged")
  func accepted() throws {
    let repository = try Repository()
    #expect(try repository.release().status == .exited(3))
    try repository.run("git tag v1.2.3")
    #expect(try repository.release().status == .exited(3))
  }

  /// Puts files of a release into folders and publishes them; gh is a stand-in that prints its arguments and the notes.
  private static let publish = """
    printf 'of the version\\n' >source && mkdir one two bin && cp source one/bpfgen-1.2.3.tar.gz && cp $2 two/bpfgen-1.2.3.tar.gz
    touch one/bpfgen_1.2.3_amd64.deb two/bpfgen_1.2.3_arm64.deb
    for folder in one two; do (cd $folder && sha256sum * >../sums && cp ../sums $folder.sha256 && mv ../sums SHA256SUMS); done
    install -m 755 /dev/stdin bin/gh <<'END'
    #!/bin/sh
    echo "$@" | sed 's/--notes-file [^ ]*/NOTES/'; cat "$8" SHA256SUMS
    END
    cp "$0/scripts/publish" scripts && PATH=$PWD/bin:$PATH exec scripts/publish "$1" one two
    """

  @Test(
    "the files of all machines are published together, with the version's notes, when they are of one source",
    arguments: [("v1.2.3", "source", true), ("v1.2.4", "source", false), ("v1.2.3", "CHANGELOG.md", false)])
  func published(_ tag: String, _ secondSource: String, _ isPublished: Bool) throws {
    let repository = try Repository()
    let arguments = ["-C", repository.scratch.path, "sh", "-euc", Self.publish, Toolchain.root, tag, secondSource]
    let result = try Shell.run("/usr/bin/env", arguments)
    #expect(result.succeeded == isPublished, "\(result.stderr)")
    guard isPublished else {
      #expect(result.stderr.hasPrefix("publish: ") && result.stdout == "")
      return
    }
    let files = "SHA256SUMS bpfgen-1.2.3.tar.gz bpfgen_1.2.3_amd64.deb bpfgen_1.2.3_arm64.deb"
    let call = "release create v1.2.3 --verify-tag --title bpfgen 1.2.3 NOTES -- \(files)\n"
    #expect(result.stdout.hasPrefix(call + "\n### Added\n\n- It.\n"), "\(result.stdout)")
    #expect(result.stdout.components(separatedBy: "  bpfgen").count == 4)
  }

  @Test("scripts/version prints the program's version, and changes it in every file that has it")
  func version() throws {
    let version = "\(Toolchain.root)/scripts/version"
    let current = try Shell.run(version, []).checked().stdout.trimmingCharacters(in: .newlines)
    #expect(try Shell.run(Toolchain.bpfgen(), ["--version"]).checked().stdout.hasPrefix("bpfgen \(current)\n"))

    let scratch = try Scratch()
    let copy = "git ls-files -z -- ':!Tests' ':!CHANGELOG.md' | tar --null -cf - -T - | tar -xf - -C \"$1\""
    try Shell.run("/usr/bin/env", ["-C", Toolchain.root, "sh", "-c", copy, "sh", scratch.path]).checked()
    try Shell.run(scratch.file("scripts/version"), ["98.76.5"]).checked()
    let search = ["-C", scratch.path, "grep", "-rlF"]
    let left = try Shell.run("/usr/bin/env", search + ["\(current)", "."])
    #expect(left.stdout == "")
    let changed = try Shell.run("/usr/bin/env", search + ["98.76.5", "."]).checked().stdout
    #expect(changed.split(separator: "\n").count == 5, "\(changed)")
    for wrong in [["1.2"], ["v1.2.3"], ["1.2.3", "1.2.4"]] {
      #expect(try Shell.run(scratch.file("scripts/version"), wrong).status == .exited(2))
    }
  }
}
