import Foundation
import Testing

@testable import TestSupport

/// Types whose layout in C depends on more than their members, kind by kind: see ``SectionOfTypes``.
@Suite("Types of every kind", .runsTools, .needs(.tool(.clang), .tool(.clangxx), .tool(.gcc), .tool(.gxx)))
struct TypeKindTests {
  /// Each kind is between two variables, so that a wrong size or alignment moves something.
  private static func kind(
    _ name: String, _ variable: String, _ values: [(part: String, value: String)], types: String = "",
    cxx: [String: String] = [:], isNarrow: Bool = true, more: String = ""
  ) -> SectionOfTypes {
    let ends = [("first", "1"), ("last", "2")]
    let inC = (ends + values).map { "SET(s->\($0.0), \($0.1));" }
    let inCxx = (ends + values).map { "SET(s->\(cxx[$0.0] ?? $0.0), \($0.1));" }
    return SectionOfTypes(
      name: name, types: types + "\n",
      variables:
        "SEC(\".data.t\") char first = 1;\nSEC(\".data.t\") \(variable);\nSEC(\".data.t\") char last = 2;\n\(more)\n",
      isNarrow: isNarrow, settersInC: inC, settersInCxx: inCxx)
  }

  private static let kinds: [SectionOfTypes] = [
    kind("aligned_union", "union { int m; } __attribute__((aligned(32))) v = {3}", [("v.m", "3")]),
    kind(
      "aligned_struct",
      """
      struct { char m; } __attribute__((aligned(8))) v[2] = {{3}, {4}}
      """, [("v[0].m", "3"), ("v[1].m", "4")]),
    kind(
      "far_aligned",
      """
      struct { int m; int n __attribute__((aligned(64))); } v = {3, 4}
      """, [("v.m", "3"), ("v.n", "4")]),
    kind(
      "tail_bits",
      """
      struct { struct { int m; long long : 64; } a; int n; } v = {{3}, 4}
      """, [("v.a.m", "3"), ("v.n", "4")]),
    kind(
      "union_tail",
      """
      struct { int k; union { int m; long long : 40; } a __attribute__((packed)); int n; } v = {3, {4}, 5}
      """,
      [("v.k", "3"), ("v.a.m", "4"), ("v.n", "5")]),
    kind("union_pad", "union { int m; struct { int : 32; int : 32; int : 32; } n; } v = {3}", [("v.m", "3")]),
    kind(
      "packed_natural", "struct { int a; int b; } __attribute__((packed)) v = {3, 4}", [("v.a", "3"), ("v.b", "4")]),
    kind("packed_union", "union { int a; short b; } __attribute__((packed)) v = {3}", [("v.a", "3")]),
    kind(
      "packed_nested",
      """
      struct { char k; struct { int a; long long b : 40; } __attribute__((packed)) in[2]; } \
      __attribute__((packed)) v = {3, {{4, 5}, {6, 7}}}
      """,
      [("v.k", "3"), ("v.in[0].a", "4"), ("v.in[0].b", "5"), ("v.in[1].a", "6"), ("v.in[1].b", "7")]),
    kind(
      "packed_bits",
      """
      struct { char g; unsigned h : 23; } __attribute__((packed)) v = {3, 0x54321}
      """, [("v.g", "3"), ("v.h", "0x54321")]),
    kind(
      "packed_member_bits", "struct { int a; char b; int c : 32 __attribute__((packed)); } v = {3, 4, 0x12345678}",
      [("v.a", "3"), ("v.b", "4"), ("v.c", "0x12345678")]),
    kind(
      "packed_char_bits",
      """
      struct { signed char a : 5; unsigned char b : 6; _Bool c : 1; } __attribute__((packed)) v = {-3, 45, 1}
      """,
      [("v.a", "-3"), ("v.b", "45"), ("v.c", "1")]),
    kind("lowered", "long long v __attribute__((aligned(1))) = 0x123456789abcLL", [("v", "0x123456789abcLL")]),
    kind("lowered_struct", "struct { long long m; } v __attribute__((aligned(2))) = {3}", [("v.m", "3")]),
    kind(
      "lowered_user", "struct user_t v __attribute__((aligned(1))) = {3}", [("v.m", "3")],
      types: "struct user_t { int m; };"),
    kind(
      "enum_in_nameless",
      """
      struct { struct { enum { EN_A, EN_B } m; union { enum { EN_C = 5 } n; int o; }; }; enum { EN_D = 6 } p; } v \
      = {{1, {5}}, 6}
      """,
      [("v.m", "1"), ("v.n", "5"), ("v.p", "6")]),
    kind(
      "nameless_tagged", "struct { struct tagged_t; int c; union { tagged_u; char d; }; } v = {{3, 4}, 5, {6}}",
      [("v.ta", "3"), ("v.tb", "4"), ("v.c", "5"), ("v.tu", "6")],
      types: "struct tagged_t { int ta; long long tb; }; typedef union { short tu; } tagged_u;"),
    kind(
      "empty",
      """
      struct { int a; union {} e; struct {} __attribute__((aligned(8))) f; struct {} g[3]; struct { struct {}; \
      union {}; }; int b; union { struct {} h; int i; } c; } v = {.a = 3, .b = 4, .c = {.i = 5}}
      """,
      [("v.a", "3"), ("v.b", "4"), ("v.c.i", "5")]),
    kind(
      "empty_user",
      """
      struct { int a; struct empty_t e; int b; empty_u f; } v = {.a = 3, .b = 4}
      """, [("v.a", "3"), ("v.b", "4")],
      types: "struct empty_t {}; typedef struct {} empty_u;"),
    kind(
      "behind_typedef", "front_t v = {3}", [("v.m", "3")],
      types: "struct behind_t { int m; }; typedef struct behind_t middle_t; typedef middle_t front_t;"),
    kind(
      "long_double",
      """
      struct { int a; long double b; union { long double c; int d; }; long double e[2]; ld_t f; } v = {3, 4.5, \
      {5.5}, {6.5, 7.5}, 8.5}
      """,
      [("v.a", "3"), ("v.b", "4.5"), ("v.c", "5.5"), ("v.e[0]", "6.5"), ("v.e[1]", "7.5"), ("v.f", "8.5")],
      types: "typedef long double ld_t;"),
    kind(
      "holds_long_double", "struct { struct has_ld a; int b; } v = {.b = 4}", [("v.b", "4")],
      types: "struct has_ld { long double m; };"),
    kind(
      "int128",
      """
      struct { char a; __int128 b; } __attribute__((packed)) v = {3, 4}
      """, [("v.a", "3"), ("v.b", "4")], isNarrow: false),
    kind("int128_layout", "struct { char a; __int128 b; char c; } v = {.a = 3, .c = 4}", [("v.a", "3"), ("v.c", "4")]),
    kind(
      "empty_arrays",
      """
      struct { int n; long long z[0]; char y[2][0]; struct { int x[0]; } w; char o; } v = {.n = 3, .o = 4}
      """,
      [("v.n", "3"), ("v.o", "4")]),
    kind("flexible", "struct { int n; char text[]; } v = {3}", [("v.n", "3")]),
    kind(
      "keywords",
      """
      struct { int new; struct { int class; } *private; enum { template = 3, this } namespace; struct { short \
      delete; }; int new_; } v = {.new = 3, .namespace = 4, .delete = 5, .new_ = 6}
      """,
      [("v.new", "3"), ("v.namespace", "4"), ("v.delete", "5"), ("v.new_", "6")],
      cxx: ["v.new": "v.new_", "v.namespace": "v.namespace_", "v.delete": "v.delete_", "v.new_": "v.new__2"],
      isNarrow: false),
    kind(
      "other_alphabets", "struct { int größe; struct größe_t ß; } été = {3, {4}}",
      [("été.größe", "3"), ("été.ß.m", "4")],
      types: "struct größe_t { int m; };"),
    kind(
      "paddings",
      """
      long long __pad0 = 3; SEC(".data.t") char c = 4; SEC(".data.t") short __pad1 = 5; SEC(".data.t") long \
      long __pad3 = 6
      """,
      [("__pad0", "3"), ("c", "4"), ("__pad1", "5"), ("__pad3", "6")]),
    kind(
      "map_names", "int v = 3", [("v", "3")],
      more: """
        struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); } \
        maps SEC(".maps"), data_t SEC(".maps"), progs SEC(".maps");
        """),
    kind(
      "enum_sizes",
      """
      struct { enum { ES_A = 0x100000000LL } a; enum { ES_B = -1 } __attribute__((packed)) b; enum { ES_C = 300 } \
      __attribute__((packed)) c; enum { ES_D = 1 } __attribute__((mode(HI))) d; } v = {0x100000000LL, -1, 300, 1}
      """,
      [("v.a", "0x100000000LL"), ("v.b", "-1"), ("v.c", "300"), ("v.d", "1")]),
    kind(
      "enumerator_as_member", "struct { enum { EM_A, EM_B } m; int EM_B; } v = {1, 3}", [("v.m", "1"), ("v.EM_B", "3")]),
    kind(
      "functions",
      """
      struct { int (*take)(struct { int a; } *, enum { FN_A } e); struct { int b; } *(*give)(void); void \
      (*by_value)(struct { int c; } c); } v = {(void *)3, (void *)4, (void *)5}
      """,
      [("v.take", "POINTER(3)"), ("v.give", "POINTER(4)"), ("v.by_value", "POINTER(5)")], isNarrow: false),
    kind(
      "user_alignment", "struct { char a; struct wide_t b; char c; struct low_t d; } v = {3, {4}, 5, {6}}",
      [("v.a", "3"), ("v.b.m", "4"), ("v.c", "5"), ("v.d.m", "6")],
      types: """
        struct wide_t { int m; int n[15]; } __attribute__((aligned(64))); struct low_t { int m, n; } \
        __attribute__((packed));
        """),
  ]

  @Test("every kind is at the object's offset, in every dialect and on every machine")
  func kinds() throws {
    let wrong = try TypeBench(dialects: Dialect.all).wrong(in: Self.kinds)
    for complaint in wrong { Issue.record("\(complaint)") }
    print("types: \(Self.kinds.count) kinds, \(wrong.count) complaints")
  }

  /// A user's typedef is aligned to 16, which BTF does not show, and a packed union has it at a multiple of 8.
  @Test("what BTF does not show is refused by the compiler, and never another layout")
  func hiddenAlignment() throws {
    let scratch = try Scratch()
    let types = "typedef int hidden_t __attribute__((aligned(16)));\n"
    let object = try BPFCompiler.compile(
      """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      char LICENSE[] SEC("license") = "GPL";
      \(types)
      struct { long long m; union { struct { hidden_t h; }; } __attribute__((packed)) u; int n[11]; } v = {1};
      """, named: "hidden", in: scratch)
    let header = scratch.file("hidden.h")
    try Generator.bpfgen(.skeleton, of: object, name: "hidden", header: header).checked()
    let dialect = Dialect(compiler: .gcc, standard: "gnu11")
    let refused = try dialect.check(scratch.write(types + "#include \"\(header)\"\n", to: "user.c"))
    #expect(!refused.succeeded && refused.stderr.contains("alignment of 'hidden_t' is more than 8"))
    let other = "typedef int hidden_t __attribute__((aligned(4)));\n#include \"\(header)\"\n"
    #expect(try !dialect.check(scratch.write(other, to: "other.c")).stderr.contains("alignment"))
  }
}
