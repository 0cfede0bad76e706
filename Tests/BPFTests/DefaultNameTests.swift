import Testing

@testable import BPF
@testable import HandmadeObjects

@Suite("The default name")
struct DefaultNameTests {
  /// bpftool's rule: the last path component, truncated to 63 bytes, without `.o`, with `_` for everything except
  /// letters and digits. Source: `get_obj_name` and `sanitize_identifier` of bpftool's gen.c.
  static let names: [(path: String, name: String)] = [
    ("app.bpf.o", "app_bpf"), ("build/app.bpf.o", "app_bpf"), ("/a/b.c/app.o", "app"), ("app", "app"),
    ("app.o.o", "app_o"),
    ("my-app.v2.bpf.o", "my_app_v2_bpf"), ("app.O", "app_O"), (".o", ""), ("o", "o"), ("a/", "a"), ("", ""),
    ("größe.o", "gr____e"), ("9lives.o", "9lives"),
    (String(repeating: "x", count: 70) + ".o", String(repeating: "x", count: 63)),
    (String(repeating: "x", count: 61) + ".o", String(repeating: "x", count: 61)),
    (String(repeating: "x", count: 62) + ".o", String(repeating: "x", count: 62) + "_"),
  ]

  @Test("is bpftool's", arguments: names)
  func bpftool(_ path: String, _ name: String) {
    #expect(BPFObject.defaultName(path: path) == name)
  }

  @Test("that no struct can have is an error", arguments: ["", "9lives", "int", "a b", "a\"b"])
  func refused(_ name: String) {
    #expect(throws: ObjectError.badObjectName(name)) { try BPFObject(Samples.small(), name: name) }
  }
}
