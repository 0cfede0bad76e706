import Foundation
import Testing

/// A small object, its skeleton, and a C program on it that writes or loads the bytes that it was linked with.
struct PayloadSample {
  let scratch: Scratch
  /// Where the object is.
  let folder: String
  let object: String

  var header: String { scratch.file("sample.skel.h") }

  /// - Parameter target: `bpfel` or `bpfeb` for a machine of another byte order than this one's.
  init(in scratch: Scratch, folder: String = "bpf", target: String = "bpf") throws {
    self.scratch = scratch
    self.folder = scratch.file(folder)
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    object = try BPFCompiler.compile(Self.source, named: "\(folder)/sample", in: scratch, target: target)
    _ = try scratch.write(Self.user, to: "user.c")
  }

  func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: object)) }

  /// What the program's `--hash` must print.
  func hash() throws -> String {
    let hash = try bytes().reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(repeating: "0", count: hash.leadingZeroBitCount / 4) + String(hash, radix: 16) + "\n"
  }

  func generate(_ options: [String]) throws -> Shell.Result {
    try Shell.run(Toolchain.bpfgen(), ["skeleton", object, "--name", "sample", "-o", header] + options)
  }

  func split(payload: String, _ options: [String] = []) throws {
    try generate(["--payload", scratch.file(payload)] + options).checked()
  }

  /// The linker names of the bytes and of their size, as a C compiler finds them in the header.
  func symbolNames() throws -> [String] {
    if access(header, F_OK) != 0 { try split(payload: "names.skel.o") }
    let text = try String(contentsOfFile: header, encoding: .utf8)
    let names = text.matches(of: /__asm__\("(\w+)"\)/).map { String($0.1) }
    try #require(names.count == 2, "\(names)")
    return names.sorted { !$0.contains("_size_") && $1.contains("_size_") }
  }

  /// A file that needs the payload, and no header of any system.
  func reader() throws -> String {
    let names = try symbolNames()
    return """
      extern const unsigned char bytes[] __asm__("\(names[0])") __attribute__((visibility("hidden")));
      extern const unsigned long long size __asm__("\(names[1])") __attribute__((visibility("hidden")));
      const unsigned char *sample_bytes(void) { return bytes; }
      unsigned long long sample_size(void) { return size; }
      """
  }

  /// Compiles and links the program; its path.
  /// - Parameter arguments: options, and objects of the scratch folder.
  func program(
    _ compiler: Tool, _ arguments: [String], named name: String = "user", libraries: [String] = ["-lbpf"]
  ) throws -> String {
    let output = scratch.file("\(name).elf")
    let words = arguments.map { $0.hasPrefix("-") ? $0 : scratch.file($0) }
    let warnings = ["-Wall", "-Wextra", "-Werror", "-Wl,--fatal-warnings"]
    // A 32-bit program that does not link libbpf cannot call it either.
    let calls = libraries.isEmpty ? ["-DBYTES_ONLY"] : []
    try Shell.run(
      compiler.required(), warnings + calls + [scratch.file("user.c"), "-o", output] + words + libraries
    ).checked()
    return output
  }

  func bytesFrom(_ program: String) throws -> Data {
    let copy = scratch.file("copy.bpf.o")
    try Shell.run(program, ["--write", copy]).checked()
    return try Data(contentsOf: URL(fileURLWithPath: copy))
  }

  private static let source = """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>

    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 8); __type(key, int); __type(value, long); }
      hits SEC(".maps");

    int total;

    SEC("raw_tracepoint/sys_enter")
    int count(void *ctx)
    {
      int key = 3;
      long *hit = bpf_map_lookup_elem(&hits, &key);
      if (hit) __sync_fetch_and_add(hit, 1);
      __sync_fetch_and_add(&total, 1);
      return 0;
    }

    char LICENSE[] SEC("license") = "GPL";
    """

  private static let user = """
    #include <stdio.h>
    #include "sample.skel.h"

    static int write_bytes(const char *path)
    {
    \tsize_t size;
    \tconst void *bytes = sample__elf_bytes(&size);
    \tFILE *file = fopen(path, "w");

    \treturn !file || fwrite(bytes, 1, size, file) != size || fclose(file);
    }

    /* FNV-1a */
    static int print_hash(void)
    {
    \tunsigned long long hash = 0xcbf29ce484222325ULL;
    \tsize_t size;
    \tconst unsigned char *bytes = (const unsigned char *)sample__elf_bytes(&size);

    \tfor (size_t i = 0; i < size; i++)
    \t\thash = (hash ^ bytes[i]) * 0x100000001b3ULL;
    \tprintf("%016llx\\n", hash);
    \treturn 0;
    }

    #ifndef BYTES_ONLY
    static int list(struct sample *skel)
    {
    \tstruct bpf_program *program;
    \tstruct bpf_map *map;

    \tbpf_object__for_each_map(map, skel->obj)
    \t\tprintf("map %s type %u key %u value %u entries %u\\n", bpf_map__name(map), bpf_map__type(map),
    \t\t       bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map));
    \tbpf_object__for_each_program(program, skel->obj)
    \t\tprintf("program %s in %s, %zu instructions\\n", bpf_program__name(program),
    \t\t       bpf_program__section_name(program), (size_t)bpf_program__insn_cnt(program));
    \treturn 0;
    }

    static int load(struct sample *skel)
    {
    \tint err = sample__load(skel);

    \tif (err)
    \t\treturn err == -EPERM || err == -ENOSYS ? 77 : 1;
    \tprintf("loaded %d maps, %d programs\\n", (bpf_map__fd(skel->maps.hits) >= 0) + (bpf_map__fd(skel->maps.bss) >= 0),
    \t       bpf_program__fd(skel->progs.count) >= 0);
    \treturn skel->bss->total;
    }

    static int with_skeleton(int (*action)(struct sample *))
    {
    \tstruct sample *skel = sample__open();
    \tint status = skel ? action(skel) : 1;

    \tsample__destroy(skel);
    \treturn status;
    }
    #endif

    int main(int argc, char **argv)
    {
    \tif (argc == 3 && strcmp(argv[1], "--write") == 0)
    \t\treturn write_bytes(argv[2]);
    \tif (argc == 2 && strcmp(argv[1], "--hash") == 0)
    \t\treturn print_hash();
    #ifndef BYTES_ONLY
    \tif (argc == 2)
    \t\treturn with_skeleton(strcmp(argv[1], "--load") == 0 ? load : list);
    #endif
    \treturn 2;
    }

    """
}
