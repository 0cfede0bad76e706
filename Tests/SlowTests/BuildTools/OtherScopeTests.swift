import Foundation
import Testing

@testable import TestSupport

/// Scopes in Meson, which the quick tier does not install: see ``ScopedPair``. `ScopeTests` has the others, and
/// `BazelTests.libraries` Bazel's.
@Suite(
  "Scopes in Meson", .runsTools, .needs(.tool(.clang), .tool(.gcc)),
  .needs(.loading))
struct OtherScopeTests {
  @Test("steps", .needs(.tool(.meson)))
  func meson() throws {
    let project = try MesonProject()
    try ScopedPair.write(
      to: project.path,
      and: [
        "meson.build": """
        project('pair', 'c', meson_version: '>=1.0.0')
        bpf = subproject('bpfgen').get_variable('bpf')
        libraries = []
        foreach name, value : {'one': '1', 'two': '2', 'three': '3'}
          object = custom_target(input: 'pair.bpf.c', output: name + '.bpf.o', depfile: name + '.bpf.o.d',
            command: bpf['compile'] + ['-DVALUE=' + value])
          skel = custom_target(input: object, output: [name + '.skel.h', name + '.skel.o'], depfile: name + '.skel.h.d',
            command: bpf['skeleton'] + ['--name', 'pair'] + (name == 'three' ? ['--scope', 'a::b'] : []))
          libraries += static_library(name, 'library.c', skel, dependencies: bpf['libbpf'],
            c_args: ['-DFUNCTION=' + name, '-DHEADER="' + name + '.skel.h"'])
        endforeach
        executable('app', 'app.c', link_with: libraries, dependencies: bpf['libbpf'])

        """
      ])
    try project.setup().checked()
    _ = try project.build()
    #expect(try ScopedPair.answers(project.built("app")) == "1 2\n")
    let scopes = try ScopedPair.payloads(project.built("app")).map { $0.suffix(17) }
    #expect(Set(scopes) == ["_scope_one_skel_h", "_scope_two_skel_h"])
    #if arch(x86_64)
      #expect(try ELFText.properties(project.built("one.skel.o")) == ["x86 feature: IBT, SHSTK"])
    #endif
    // A user's own replaces it.
    #expect(try ScopedPair.payloads(project.built("three.skel.o")).first?.hasSuffix("_scope_a__b") == true)
  }
}
