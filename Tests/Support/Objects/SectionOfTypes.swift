import Foundation

/// A data section `.data.t` with values of whatever types, as BPF C, and the statements by which a user program sets the same
/// values through the header.
///
/// The program sets them in a buffer of zeros, and must then find the object's own bytes there: so every member is where the
/// BPF program has it, bit-fields among them.
struct SectionOfTypes: Sendable {
  /// The name of object and skeleton.
  var name: String
  /// What user code declares as well.
  var types = ""
  /// The definitions of variables, in `SEC(".data.t")`, and of anything else.
  var variables = ""
  /// Whether all types have the same sizes on 32-bit machines.
  var isNarrow = true
  /// `SET(part of *s, value);` for all values.
  var settersInC: [String]
  var settersInCxx: [String]

  var source: String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    char LICENSE[] SEC("license") = "GPL";
    SEC("raw_tracepoint/sys_enter") int program(void *ctx) { return 0; }
    \(types)
    \(variables)
    """
  }
}

/// The headers of a section of types, compiled and run.
struct TypeBench: Sendable {
  /// Compilers that compile only the headers, with all warnings.
  var dialects: [Dialect]

  /// A way to build a user program.
  private struct Build: Sendable {
    var tool: Tool
    var flags: [String] = []
    var isNarrow = false
    var isBigEndian = false
    var isCxx: Bool { tool == .gxx || tool == .clangxx }

    static let native = [
      Build(tool: .gcc), Build(tool: .clang, flags: ["-std=gnu99"]), Build(tool: .gxx, flags: ["-std=c++11"]),
      Build(tool: .clangxx, flags: ["-std=c++20"]),
    ]

    static let all: [Build] =
      native
      + (Requirement.multilib.unmet == nil
        ? [Build(tool: .gcc, flags: ["-m32"], isNarrow: true), Build(tool: .clangxx, flags: ["-m32"], isNarrow: true)]
        : [])
      + (Tool.s390xgcc.path != nil && access("/usr/bin/qemu-s390x", X_OK) == 0
        ? [Build(tool: .s390xgcc, isBigEndian: true)] : [])
  }

  private struct Headers {
    var section: SectionOfTypes
    var little: String
    var big: String
    var subskeleton: String
  }

  /// What is wrong, a text for each section and compiler.
  func wrong(in sections: [SectionOfTypes]) throws -> [String] {
    let scratch = try Scratch()
    var complaints: [String] = []
    var made: [Headers] = []
    for section in sections {
      do {
        let headers = Headers(
          section: section, little: scratch.file("\(section.name).little.h"),
          big: scratch.file("\(section.name).big.h"),
          subskeleton: scratch.file("\(section.name).sub.h"))
        let (little, big) = (try object(section, "bpfel", scratch), try object(section, "bpfeb", scratch))
        try Generator.bpfgen(.skeleton, of: little, name: section.name, header: headers.little).checked()
        try Generator.bpfgen(.skeleton, of: big, name: section.name, header: headers.big).checked()
        try Generator.bpfgen(.subskeleton, of: little, name: section.name, header: headers.subskeleton).checked()
        made.append(headers)
      } catch let failure as Shell.Failure { complaints.append("\(section.name): \(failure)\n\(section.source)") }
    }
    for (index, build) in Build.all.enumerated() {
      complaints += try run(made.filter { !build.isNarrow || $0.section.isNarrow }, build, scratch, "\(index)")
    }
    for dialect in dialects { complaints += try check(made, dialect, scratch) }
    return complaints
  }

  private func object(_ section: SectionOfTypes, _ target: String, _ scratch: Scratch) throws -> String {
    let file = try scratch.write(section.source, to: "\(section.name).c")
    let object = scratch.file("\(section.name).\(target).o")
    let arguments =
      Tool.clang.bpfFlags(target: target) + ["-w", "-fms-extensions", "-idirafter", "/usr/include/x86_64-linux-gnu"]
      + ["-idirafter", "/usr/include/aarch64-linux-gnu"]
    try Shell.run(Tool.clang.required(), arguments + ["-c", file, "-o", object]).checked()
    return object
  }

  /// The compilers' output for the headers only.
  private func check(_ headers: [Headers], _ dialect: Dialect, _ scratch: Scratch) throws -> [String] {
    func result(_ headers: [Headers], _ path: KeyPath<Headers, String>) throws -> Shell.Result {
      // The types are the user's: warnings about them do not matter.
      let types = headers.map(\.section.types).joined()
      let folder = scratch.file("types")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      _ = try scratch.write(types, to: "types/types.h")
      let includes = headers.map { "#include \"\($0[keyPath: path])\"\n" }.joined()
      return try dialect.check(
        scratch.write("#include <types.h>\n" + includes, to: "all"), extra: ["-isystem", folder])
    }
    return try [\Headers.little, \.subskeleton].flatMap { path -> [String] in
      if try result(headers, path).succeeded { return [] }
      return try headers.compactMap { header in
        let alone = try result([header], path)
        return alone.succeeded
          ? nil
          : "\(header.section.name): \(dialect.testDescription): \(alone.firstErrors)\n"
            + header.section.variables
      }
    }
  }

  /// Builds and runs one program for all sections; where it does not compile, one for each.
  private func run(_ headers: [Headers], _ build: Build, _ scratch: Scratch, _ name: String) throws -> [String] {
    let file = try scratch.write(Self.program(headers, build), to: "\(name).\(build.isCxx ? "cpp" : "c")")
    let program = scratch.file("\(name).elf")
    let bpf = build.isBigEndian ? ["-static-libgcc", "-idirafter", "/usr/include"] : []
    let compiled = try Shell.run(
      build.tool.required(), build.flags + bpf + ["-w", "-O1", file, "-o", program], timeoutSeconds: 300)
    if !compiled.succeeded {
      if headers.count > 1 { return try headers.flatMap { try run([$0], build, scratch, name) } }
      return headers.map { "\($0.section.name): \(compiled.firstErrors)\n\($0.section.variables)" }
    }
    let qemu = build.isBigEndian ? ["-L", "/usr/s390x-linux-gnu", program] : []
    let result = try Shell.run(build.isBigEndian ? "/usr/bin/qemu-s390x" : program, qemu)
    if result.succeeded { return [] }
    let complaints = headers.compactMap { header -> String? in
      let lines = result.stdout.split(separator: "\n")
      guard let line = lines.first(where: { $0.hasPrefix("\(header.section.name): ") }) else { return nil }
      return "\(build.tool.rawValue) \(build.flags): \(line)\n\(header.section.variables)"
    }
    return complaints.isEmpty ? ["\(result)"] : complaints
  }

  private static func program(_ headers: [Headers], _ build: Build) -> String {
    var text = headers.map(\.section.types).joined()
    for header in headers { text += "#include \"\(build.isBigEndian ? header.big : header.little)\"\n" }
    text += support
    for header in headers {
      let (name, section) = (header.section.name, header.section)
      let setters = build.isCxx ? section.settersInCxx : section.settersInC
      text += """
        static int check_\(name)(void)
        {
          size_t size;
          const void *object = \(name)__elf_bytes(&size);
          __typeof__(((struct \(name) *)0)->data_t) s = (__typeof__(((struct \(name) *)0)->data_t))(void *)buffer;
          memset(buffer, 0, sizeof(buffer));
        \(setters.map { "  \($0)\n" }.joined())  return compare("\(name)", (const char *)object);
        }

        """
    }
    return text + "int main(void)\n{\n  return 0\(headers.map { " | check_\($0.section.name)()" }.joined());\n}\n"
  }

  private static let support = """
    #include <elf.h>
    #include <stdio.h>
    #include <string.h>

    #ifdef __cplusplus
    #include <type_traits>
    #define SET(place, value) ((place) = (typename_of<decltype(place)>::type)(value))
    #define POINTER(value) (value)
    template <typename T> struct typename_of { typedef typename std::remove_reference<T>::type type; };
    #else
    #define SET(place, value) ((place) = (value))
    #define POINTER(value) ((void *)(value))
    #endif

    static char buffer[1 << 20] __attribute__((aligned(4096)));

    static int compare(const char *name, const char *object)
    {
      const Elf64_Ehdr *header = (const Elf64_Ehdr *)(const void *)object;
      const Elf64_Shdr *sections = (const Elf64_Shdr *)(const void *)(object + header->e_shoff);
      const char *names = object + sections[header->e_shstrndx].sh_offset;
      for (int i = 0; i < header->e_shnum; i++) {
        if (strcmp(names + sections[i].sh_name, ".data.t") != 0)
          continue;
        const char *bytes = object + sections[i].sh_offset;
        for (size_t at = 0; at < sections[i].sh_size; at++) {
          if (bytes[at] == buffer[at])
            continue;
          printf("%s: byte %d of %d is %02x and not %02x\\n", name, (int)at, (int)sections[i].sh_size, buffer[at] & 255,
                 bytes[at] & 255);
          return 1;
        }
        return 0;
      }
      printf("%s: no section\\n", name);
      return 1;
    }

    """
}
