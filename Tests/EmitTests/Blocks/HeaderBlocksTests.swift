import Testing

@testable import BPF
@testable import BTF
@testable import Bytes
@testable import Emit

/// The blocks that all kinds of header share.
@Suite("Shared blocks of headers")
struct HeaderBlocksTests {
  // MARK: Types

  @Test("types that user code declares are listed first, without those that libbpf.h or the header declares")
  func neededTypes() {
    let layout = ExportedLayout.layout("app") {
      $0.neededTypes = [
        .init(keyword: .typedef, name: "__u64", complete: true),
        .init(keyword: .typedef, name: "own_t", complete: true),
        .init(keyword: .structure, name: "config", complete: true),
        .init(keyword: .structure, name: "node", complete: false),
        .init(keyword: .union, name: "word", complete: false),
      ]
    }
    #expect(
      cText { HeaderBlocks.neededTypes(layout, &$0) }
        == "/* Types that must be declared before this header is included:\n *   own_t\n *   struct config\n */\n\n")
    #expect(cText { HeaderBlocks.forwardDeclarations(layout, &$0) } == "struct node;\nunion word;\n\n")
  }

  @Test("where user code declares no type, the header names no type")
  func noNeededTypes() {
    let provided = ExportedLayout.layout("app") {
      $0.neededTypes = [.init(keyword: .typedef, name: "__u64", complete: true)]
    }
    #expect(cText { HeaderBlocks.neededTypes(provided, &$0) } == "")
    #expect(cText { HeaderBlocks.forwardDeclarations(provided, &$0) } == "")
  }

  // MARK: Names in C++

  /// Names of structs, and whether C++ has them: in a skeleton, and in a light skeleton.
  static let structNames: [(name: String, inSkeleton: Bool, inLightSkeleton: Bool)] = [
    ("app", true, true), ("new", false, false), ("wchar_t", false, false), ("std", false, false),
    ("open", false, false),
    ("progs", false, false), ("subskel", false, false), ("ctx", true, false),
  ]

  @Test("a struct name that C++ does not allow is an error that names the option to change it", arguments: structNames)
  func cxxNameCheck(_ name: String, _ inSkeleton: Bool, _ inLightSkeleton: Bool) {
    let error =
      "#ifdef __cplusplus\n#error \"C++ has no room for a struct '\(name)' here: generate this header under another name (--name)\"\n"
      + "#endif\n\n"
    var layout = ExportedLayout.layout(name)
    layout.loader = .init(programs: [], sections: [])
    for kind in HeaderOptions.Kind.every {
      let text = headerText(layout, kind)
      #expect(text.contains(error) == !(kind.isLight ? inLightSkeleton : inSkeleton), "\(kind)")
      #expect(text.contains("#error") == text.contains(error), "\(kind)")
    }
  }

  // MARK: Members

  @Test("maps and programs have a struct each, with a name for each language")
  func mapsAndPrograms() {
    let layout = ExportedLayout.layout("app") {
      $0.maps = [.map("counts"), .section(".data"), .map("class")]
      $0.programs = [.program("main"), .program("new")]
    }
    #expect(
      cText { HeaderBlocks.maps(layout, &$0) } == """
        struct {
        \tstruct bpf_map *counts;
        \tstruct bpf_map *data;
        #ifndef __cplusplus
        \tstruct bpf_map *class;
        #else
        \tstruct bpf_map *class_;
        #endif
        } maps;

        """)
    #expect(
      cText { HeaderBlocks.programs(layout, &$0, declaration: "struct bpf_prog_desc ") } == """
        struct {
        \tstruct bpf_prog_desc main;
        #ifndef __cplusplus
        \tstruct bpf_prog_desc new;
        #else
        \tstruct bpf_prog_desc new_;
        #endif
        } progs;

        """)
  }

  @Test("without maps, programs or struct_ops there are no structs for them")
  func noMembers() {
    let layout = ExportedLayout.layout("app")
    let text = cText {
      HeaderBlocks.maps(layout, &$0)
      HeaderBlocks.programs(layout, &$0)
      HeaderBlocks.structOps(layout, &$0)
      HeaderBlocks.structOpsPointers(layout, &$0)
    }
    #expect(text == "")
  }

  /// The variables of a section `.data`, and its struct.
  static let sections: [(what: String, variables: [ExportedLayout.Variable], text: String)] = [
    ("nothing", [], "__extension__ struct app__data {\n} *data;\n"),
    (
      "a variable", [.variable("x", .type("int"), at: 0, bytes: 4)], "struct app__data {\n\tint x;\n} *data;\n"
    ),
    (
      "padding",
      [
        .variable("x", .type("char"), at: 0, bytes: 1), .variable("y", .type("long long"), at: 8, bytes: 8, padding: 7),
        .variable("z", .type("long long"), at: 24, bytes: 8, padding: 8),
      ],
      "struct app__data {\n\tchar x;\n\tchar __pad0[7];\n\tlong long y;\n\tchar __pad1[8];\n\tlong long z;\n} *data;\n"
    ),
    (
      "padding beside a variable of its name",
      [
        .variable("__pad0", .type("char"), at: 0, bytes: 1),
        .variable("y", .type("long long"), at: 8, bytes: 8, padding: 7),
      ], "struct app__data {\n\tchar __pad0;\n\tchar __pad1[7];\n\tlong long y;\n} *data;\n"
    ),
    (
      "a packed variable", [.variable("x", .type("long long"), at: 1, bytes: 8, isPacked: true)],
      "struct app__data {\n\tlong long x __attribute__((packed));\n} *data;\n"
    ),
    (
      "a keyword of C++", [.variable("new", .type("int"), at: 0, bytes: 4)],
      "struct app__data {\n#ifndef __cplusplus\n\tint new;\n#else\n\tint new_;\n#endif\n} *data;\n"
    ),
    (
      "an array of function pointers", [.variable("hooks", .type("int (*", "[2])(void)"), at: 0, bytes: 16)],
      "struct app__data {\n\tint (*hooks[2])(void);\n} *data;\n"
    ),
    (
      "an anonymous struct", [.variable("x", .type("struct {\n\tint a: 3;\n}"), at: 0, bytes: 4)],
      "struct app__data {\n\t__extension__ struct {\n\t\tint a: 3;\n\t} x;\n} *data;\n"
    ),
  ]

  @Test("the struct of a data section", arguments: sections)
  func dataSection(_ what: String, _ variables: [ExportedLayout.Variable], _ text: String) {
    #expect(cText { HeaderBlocks.dataSection(.section(".data", variables), of: "app", &$0) } == text)
  }

  /// Declarations of members, and how the header has them.
  static let members: [(declaration: String, text: String)] = [
    ("int x", "int x;"), ("char x[10]", "char x[10];"), ("struct config x", "struct config x;"),
    ("struct {\n\tint a;\n} x", "__extension__ struct {\n\tint a;\n} x;"), ("char x[0]", "__extension__ char x[0];"),
    ("__int128 x", "__extension__ __int128 x;"),
    ("#ifdef A\n__int128\n#endif\n x", "__extension__\n#ifdef A\n__int128\n#endif\n x;"),
  ]

  @Test("what ISO C does not have is marked as an extension", arguments: members)
  func member(_ declaration: String, _ text: String) { #expect(HeaderBlocks.member(declaration) == CText(text)) }

  // MARK: Warnings

  /// A variable, and the warnings of gcc that the header turns off for it.
  static let warnings: [(variable: ExportedLayout.Variable, warnings: [String])] = [
    (.variable("x", .type("int"), at: 0, bytes: 4), []),
    (
      .variable("x", .type("long long"), at: 1, bytes: 8, isPacked: true), ["-Wattributes", "-Wpacked-not-aligned"]
    ),
    (.variable("x", .type("struct {\n} __attribute__((packed))"), at: 0, bytes: 8), ["-Wpacked-not-aligned"]),
    (.variable("x", .type("char", "[0]"), at: 0, bytes: 0), ["-Wpedantic"]),
  ]

  @Test("gcc's warnings about the object's own types are disabled in the header, and nowhere else", arguments: warnings)
  func allowingTypes(_ variable: ExportedLayout.Variable, _ warnings: [String]) {
    let layout = ExportedLayout.layout("app") { $0.sections = [.section(".data", [variable])] }
    let text = cText { HeaderBlocks.allowingTypes(of: layout, &$0) { $0.line("BLOCKS") } }
    let condition = "#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)\n"
    let ignored = warnings.map { "#pragma GCC diagnostic ignored \"\($0)\"\n" }.joined()
    #expect(
      text
        == (warnings.isEmpty
          ? "BLOCKS\n"
          : "\(condition)#pragma GCC diagnostic push\n\(ignored)#endif\nBLOCKS\n"
            + "\(condition)#pragma GCC diagnostic pop\n#endif\n"))
  }

  // MARK: struct_ops

  /// A member of a kernel's struct, and the line of the shadow type.
  static let shadowMembers: [(name: String, content: ExportedLayout.ShadowType.Member.Content, text: String)] = [
    ("flags", .scalar(.type("unsigned int")), "\t\tunsigned int flags;\n"),
    ("narrow", .bitfield(.type("unsigned int"), bits: 3), "\t\t__extension__ unsigned int narrow: 3;\n"),
    ("init", .program, "\t\tstruct bpf_program *init;\n"), ("", .padding(bits: 5), "\t\t__extension__ char: 5;\n"),
    ("__padding_1", .opaque(bytes: 16), "\t\tchar __padding_1[16];\n"),
    (
      "new", .program,
      "#ifndef __cplusplus\n\t\tstruct bpf_program *new;\n#else\n\t\tstruct bpf_program *new_;\n#endif\n"
    ),
  ]

  @Test("a member of a shadow type", arguments: shadowMembers)
  func shadowMember(_ name: String, _ content: ExportedLayout.ShadowType.Member.Content, _ text: String) {
    let layout = ExportedLayout.layout("app") {
      $0.structOps = [
        .init(
          identifier: CIdentifier("ops"), typeName: "some_ops",
          members: [.init(identifier: CIdentifier(name), content: content)])
      ]
    }
    #expect(
      cText { HeaderBlocks.structOps(layout, &$0) }
        == "struct {\n\tstruct app__ops__some_ops {\n\(text)\t} *ops;\n} struct_ops;\n")
    #expect(
      cText { HeaderBlocks.structOpsPointers(layout, &$0) }
        == "skel->struct_ops.ops = (__typeof__(skel->struct_ops.ops))\n\tbpf_map__initial_value(skel->maps.ops, &size);\n"
    )
  }

  // MARK: Payloads

  @Test("the bytes of a payload have the names in its file, hidden in the program")
  func payloadSymbols() {
    let id = Fingerprint(high: 1, low: 2)
    let symbols = PayloadSymbols(name: "app", layoutID: id, scope: PayloadScope("a/b"))
    let end = "of_layout_\(id)_scope_a_b"
    #expect(
      cText { HeaderBlocks.payloadSymbols(.layout("app"), symbols, &$0) } == """
        /* The object's bytes, linked in. A payload of another layout has other names: it does not link. */
        extern const unsigned char app__payload[] __asm__("app_payload_\(end)")
        \t__attribute__((visibility("hidden")));
        extern const unsigned long long app__payload_size __asm__("app_payload_size_\(end)")
        \t__attribute__((visibility("hidden")));


        """)
  }

  @Test("embedded bytes are an array with one extra byte, aligned as an ELF file's structures are")
  func embedded() {
    #expect(
      cText { $0.indented { HeaderBlocks.embedded([0x7f, 0x45], &$0) } } == """
        #pragma GCC diagnostic push
        #pragma GCC diagnostic ignored "-Woverlength-strings"
        \tstatic const unsigned char data[3] __attribute__((aligned(8))) =
        \t\t"\\177E";
        #pragma GCC diagnostic pop

        """)
  }

  // MARK: The header around the blocks

  /// Kinds of header, with the part of their include guard and the headers that they include.
  static let frames: [(kind: HeaderOptions.Kind, guardPart: String, includes: [String])] = [
    (.selfContained, "SKEL", ["errno.h", "stdlib.h", "bpf/libbpf.h"]),
    (.split, "SKEL", ["errno.h", "stdlib.h", "bpf/libbpf.h"]),
    (.subskeleton, "SUBSKEL", ["errno.h", "stdlib.h", "string.h", "bpf/libbpf.h"]),
    (
      .light, "LSKEL", ["errno.h", "stddef.h", "stdlib.h", "string.h", "unistd.h", "bpf/skel_internal.h"]
    ),
    (
      .lightSplit, "LSKEL", ["errno.h", "stddef.h", "stdlib.h", "string.h", "unistd.h", "bpf/skel_internal.h"]
    ),
  ]

  @Test("each kind has its own include guard, and includes what it uses", arguments: frames)
  func frame(_ kind: HeaderOptions.Kind, _ part: String, _ includes: [String]) {
    var layout = ExportedLayout.layout("my_app")
    layout.loader = .init(programs: [], sections: [])
    let text = headerText(layout, kind)
    let name = "__MY_APP_\(part)_H__"
    #expect(text.contains("\n */\n#ifndef \(name)\n#define \(name)\n\n#"))
    #expect(text.hasSuffix("\n#endif /* \(name) */\n"))
    #expect(text.matches(of: /#include <([^>]*)>/).map { String($0.1) } == includes)
  }
}
