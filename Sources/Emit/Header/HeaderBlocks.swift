internal import BPF
internal import BTF
internal import Bytes

/// The blocks that skeletons and subskeletons share, in the order of the header.
enum HeaderBlocks {
  /// Lists what user code must declare first, and declares what the header can declare.
  static func neededTypes(_ layout: ExportedLayout, _ writer: inout CWriter) {
    let complete = layout.neededTypes.filter { $0.complete && !providedByLibBPF.contains($0.name) }
    if !complete.isEmpty {
      writer.line("/* Types that must be declared before this header is included:")
      for type in complete { writer.line(" *   \(type.spelling)") }
      writer.line(" */")
      writer.blank()
    }
  }

  /// Types that <bpf/libbpf.h> itself provides, through linux/types.h, stdint.h and stddef.h.
  static let providedByLibBPF: Set<String> = [
    "__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64", "__be16", "__be32", "__be64", "__le16",
    "__le32", "__le64", "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t",
    "size_t", "ssize_t", "pid_t", "libbpf_tristate",
  ]

  static func forwardDeclarations(_ layout: ExportedLayout, _ writer: inout CWriter) {
    let forward = layout.neededTypes.filter { !$0.complete }
    guard !forward.isEmpty else { return }
    for type in forward { writer.line("\(type.spelling);") }
    writer.blank()
  }

  /// Names that a struct cannot have in C++: keywords, the standard namespace, and the struct's own members.
  private static let noCxxStruct: Set<String> = [
    "std", "open", "open_and_load", "load", "attach", "detach", "destroy", "elf_bytes", "skeleton", "obj", "maps",
    "progs",
    "links", "struct_ops", "subskel",
  ]

  /// A struct named `new` is valid in C; in C++ this gives one clear error instead of a page of errors.
  ///
  /// - Parameter members: names that only this kind of header has.
  static func cxxNameCheck(_ layout: ExportedLayout, _ writer: inout CWriter, members: Set<String> = []) {
    guard
      Keywords.cxxOnly.contains(layout.name) || noCxxStruct.contains(layout.name) || members.contains(layout.name)
    else { return }
    writer.lines(
      """
      #ifdef __cplusplus
      #error "C++ has no room for a struct '\(layout.name)' here: generate this header under another name (--name)"
      #endif

      """)
  }

  /// - Parameter declaration: of a member, without its name.
  static func maps(_ layout: ExportedLayout, _ writer: inout CWriter, declaration: String = "struct bpf_map *") {
    guard !layout.maps.isEmpty else { return }
    writer.block("struct {", "} maps;") { writer in
      for map in layout.maps { writer.naming(map.identifier) { "\(declaration)\($0);" } }
    }
  }

  static func programs(
    _ layout: ExportedLayout, _ writer: inout CWriter, declaration: String = "struct bpf_program *"
  ) {
    guard !layout.programs.isEmpty else { return }
    writer.block("struct {", "} progs;") { writer in
      for program in layout.programs { writer.naming(program.identifier) { "\(declaration)\($0);" } }
    }
  }

  /// The struct of a data section with its variables at their offsets, and the pointer to it.
  static func dataSection(_ section: ExportedLayout.DataSection, of name: String, _ writer: inout CWriter) {
    let isEmpty = section.variables.isEmpty
    writer.line("\(isEmpty ? "__extension__ " : "")struct \(name)__\(section.identifier.c) {")
    writer.indented { writer in
      let names = Set(section.variables.map(\.identifier.c))
      var padding = 0
      for variable in section.variables {
        if variable.paddingBytes > 0 {
          while names.contains("__pad\(padding)") { padding += 1 }
          writer.line("char __pad\(padding)[\(variable.paddingBytes)];")
          padding += 1
        }
        let attribute = variable.isPacked ? " __attribute__((packed))" : ""
        writer.naming(variable.identifier) { member(variable.declaration.named($0) + attribute) }
      }
    }
    writer.line("} *\(section.identifier.c);")
  }

  /// Writes blocks between pragmas if their types cause gcc warnings even with `__extension__`: packed types that
  /// contain aligned ones, as in the object, or that are packed already, and in C++ empty arrays that are not last.
  static func allowingTypes(of layout: ExportedLayout, _ writer: inout CWriter, _ blocks: (inout CWriter) -> Void) {
    let variables = layout.sections.flatMap(\.variables)
    var warnings: [String] = []
    if variables.contains(where: \.isPacked) { warnings.append("-Wattributes") }
    if variables.contains(where: { $0.isPacked || $0.declaration.isPacked }) { warnings.append("-Wpacked-not-aligned") }
    if variables.contains(where: \.declaration.hasEmptyArray) { warnings.append("-Wpedantic") }
    guard !warnings.isEmpty else { return blocks(&writer) }
    let condition: CText = "#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)"
    writer.directive(condition)
    writer.directive("#pragma GCC diagnostic push")
    for warning in warnings { writer.directive("#pragma GCC diagnostic ignored \"\(warning)\"") }
    writer.directive("#endif")
    blocks(&writer)
    writer.directive(condition)
    writer.directive("#pragma GCC diagnostic pop")
    writer.directive("#endif")
  }

  /// Declares the payload's bytes under names that only a payload with this layout and scope has.
  static func payloadSymbols(_ layout: ExportedLayout, _ symbols: PayloadSymbols, _ writer: inout CWriter) {
    let name = layout.name
    let visibility = symbols.isShared ? "default" : "hidden"
    writer.lines(
      """
      /* The object's bytes, linked in. A payload of another layout has other names: it does not link. */
      extern const unsigned char \(name)__payload[] __asm__("\(symbols.start)")
      	__attribute__((visibility("\(visibility)")));
      extern const unsigned long long \(name)__payload_size __asm__("\(symbols.size)")
      	__attribute__((visibility("\(visibility)")));

      """)
  }

  static func structOps(_ layout: ExportedLayout, _ writer: inout CWriter) {
    guard !layout.structOps.isEmpty else { return }
    writer.block("struct {", "} struct_ops;") { writer in
      for shadow in layout.structOps {
        writer.line("struct \(layout.name)__\(shadow.identifier.c)__\(shadow.typeName) {")
        writer.indented { writer in
          for member in shadow.members { structOpsMember(member, &writer) }
        }
        writer.naming(shadow.identifier) { "} *\($0);" }
      }
    }
  }

  private static func structOpsMember(_ member: ExportedLayout.ShadowType.Member, _ writer: inout CWriter) {
    switch member.content {
    case .scalar(let declaration):
      writer.naming(member.identifier) { self.member(declaration.named($0)) }
    case .bitfield(let declaration, let bits):
      writer.naming(member.identifier) { "__extension__ \(declaration.named($0)): \(bits);" }
    case .program:
      writer.naming(member.identifier) { "struct bpf_program *\($0);" }
    case .opaque(let bytes):
      writer.naming(member.identifier) { "char \($0)[\(bytes)];" }
    case .padding(let bits):
      writer.line("__extension__ char: \(bits);")
    }
  }

  /// Sets the shadow types' pointers when libbpf has created the maps. Before libbpf 1.4 they stay NULL.
  static func structOpsPointers(_ layout: ExportedLayout, _ writer: inout CWriter) {
    guard !layout.structOps.isEmpty else { return }
    for shadow in layout.structOps {
      writer.naming(shadow.identifier) { name in
        """
        skel->struct_ops.\(name) = (__typeof__(skel->struct_ops.\(name)))
        \tbpf_map__initial_value(skel->maps.\(name), &size);
        """
      }
    }
  }

  /// Bytes as an array `data`, which has one extra byte.
  static func embedded(_ bytes: [UInt8], _ writer: inout CWriter) {
    // Compilers parse one literal fastest; ISO C only guarantees 4095 characters.
    writer.lines(
      """
      #pragma GCC diagnostic push
      #pragma GCC diagnostic ignored "-Woverlength-strings"
      static const unsigned char data[\(bytes.count + 1)] __attribute__((aligned(8))) =
      """)
    writer.raw(ByteLiteral.text(bytes))
    writer.directive("#pragma GCC diagnostic pop")
  }

  /// A member of a struct. What ISO C does not have (a nested anonymous struct, an empty array, 128-bit integers) is
  /// marked with `__extension__`, so that `-Wpedantic` does not warn.
  static func member(_ declaration: String) -> CText {
    let isExtension =
      declaration.containsBytes(of: "{") || declaration.containsBytes(of: "[0]")
      || declaration.containsBytes(of: "__int128")
    guard isExtension else { return "\(declaration);" }
    return declaration.utf8.first == UInt8(ascii: "#")
      ? "__extension__\n\(declaration);" : "__extension__ \(declaration);"
  }
}
