import Foundation
import Testing

@testable import TestSupport

/// `bpfgen vmlinux-h --for`: a header of what some sources use, with which they compile to the same code.
@Suite("bpfgen vmlinux-h --for", .runsTools, .needs(.tool(.clang)))
struct VmlinuxHeaderTests {
  /// A kernel's struct that is asked for a member through another one, an enumerator, a typedef of an integer.
  private static let process = """
    #include "vmlinux.h"
    #include <bpf/bpf_core_read.h>
    #include <bpf/bpf_helpers.h>
    u32 parent;
    SEC("raw_tp/sched_switch") int on_switch(void *context) {
      struct task_struct *task = (void *)bpf_get_current_task();
      parent = BPF_CORE_READ(task, real_parent, tgid) + BPF_MAP_TYPE_HASH;
      return 0;
    }
    char terms[] SEC("license") = "GPL";
    """
  /// A kernel's struct by value in a map.
  private static let packets = """
    #include "vmlinux.h"
    #include <bpf/bpf_helpers.h>
    struct seen { struct tcphdr head; u64 count; };
    struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct seen); }
      last SEC(".maps");
    SEC("xdp") int on_packet(struct xdp_md *packet) {
      struct seen *seen = bpf_map_lookup_elem(&last, &(u32){0});
      if (seen) seen->count += packet->data_end - packet->data;
      return XDP_PASS;
    }
    """

  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    _ = try scratch.write(Self.process, to: "process.bpf.c")
    _ = try scratch.write(Self.packets, to: "packets.bpf.c")
    for folder in ["full", "small", "one"] {
      try FileManager.default.createDirectory(atPath: scratch.file(folder), withIntermediateDirectories: true)
    }
    try Self.full.get().write(to: URL(fileURLWithPath: scratch.file("full/vmlinux.h")))
  }

  /// The header of all of the kernel's types.
  private static let full = Result {
    try Data(Shell.run(Toolchain.bpfgen(), ["vmlinux-h", "-o", "-"]).checked().stdout.utf8)
  }

  /// The instructions of a source that is compiled with the header of a folder; `nil` when it does not compile.
  private func code(_ name: String, _ folder: String) throws -> String? {
    let object = scratch.file("\(folder)/\(name).bpf.o")
    let flags = ["-g", "-O2", "-target", "bpf", "-D__TARGET_ARCH_x86", "-I\(scratch.file(folder))"]
    let result = try Shell.run(
      Tool.clang.required(), flags + ["-c", scratch.file("\(name).bpf.c"), "-o", object])
    guard result.succeeded else { return nil }
    let section = name == "process" ? "raw_tp/sched_switch" : "xdp"
    let bytes = scratch.file("\(folder)/\(name).code")
    try Shell.run(
      "/usr/bin/env",
      ["objcopy", "-I", "elf64-little", "--dump-section", "\(section)=\(bytes)", object, object + ".copy"]
    ).checked()
    return try Data(contentsOf: URL(fileURLWithPath: bytes)).base64EncodedString()
  }

  private func text(_ name: String) throws -> String { try String(contentsOfFile: scratch.file(name), encoding: .utf8) }

  @Test("sources compile to the same code with a header that has only the used types")
  func code() throws {
    let full = try ["process", "packets"].map { try #require(try code($0, "full")) }
    let objects = ["process", "packets"].map { scratch.file("full/\($0).bpf.o") }
    let arguments = ["vmlinux-h", "-o", scratch.file("small/vmlinux.h"), "--for"] + objects
    try Shell.run(Toolchain.bpfgen(), arguments + ["--depfile", scratch.file("small.d")]).checked()
    #expect(try ["process", "packets"].map { try code($0, "small") } == full)
    let headers = try ["full", "small"].map { try text("\($0)/vmlinux.h") }
    #expect(headers[1].utf8.count < headers[0].utf8.count / 2)
    #expect(headers[0].contains("struct inet6_dev {") && !headers[1].contains("struct inet6_dev {"))
    let depfile = try text("small.d")
    #expect(objects.allSatisfy { depfile.contains($0) })

    try Shell.run(
      Toolchain.bpfgen(), ["vmlinux-h", "-o", scratch.file("one/vmlinux.h"), "--for", objects[0]]
    ).checked()
    #expect(try code("process", "one") == full[0] && code("packets", "one") == nil, "one object is not the other")
  }

  @Test("the kernel's BTF is given before the objects, and an object without BTF is refused")
  func words() throws {
    _ = try #require(try code("process", "full"))
    let object = scratch.file("full/process.bpf.o")
    let kernel = "/sys/kernel/btf/vmlinux"
    let run = { arguments in try Shell.run(Toolchain.bpfgen(), ["vmlinux-h"] + arguments) }
    let first = try run([kernel, "-o", "-", "--for", object]).checked().stdout
    #expect(try run(["-o", "-", "--for", object, "--", kernel]).checked().stdout == first)
    #expect(try run(["--for=\(object)", kernel, "-o", "-"]).checked().stdout == first)
    let refused = try run(["-o", "-", "--for", object, try scratch.write("no object", to: "text")])
    #expect(refused.status == .exited(1) && refused.stderr.contains("text") && refused.stdout.isEmpty)
    #expect(try run(["-o", "-", "--for"]).status == .exited(2))
  }

  // MARK: Kernel functions

  /// Uses kernel functions through the header's prototypes only: one with structs, an open-coded iterator, a fast one.
  private static let calls = """
    #include "vmlinux.h"
    #include <bpf/bpf_helpers.h>
    int sum;
    SEC("tc") int counts(struct __sk_buff *packet) {
      struct bpf_iter_num it;
      int *next;
      bpf_iter_num_new(&it, 0, 5);
      while ((next = bpf_iter_num_next(&it))) sum += *next;
      bpf_iter_num_destroy(&it);
      bpf_rcu_read_lock();
      bpf_rcu_read_unlock();
      return bpf_cast_to_kern_ctx(packet) ? 0 : 1;
    }
    char terms[] SEC("license") = "GPL";
    """

  @Test(
    "a program that calls kernel functions through it loads, with all of them and with those that it uses",
    .needs(.tool(.gcc)), .needs(.loading))
  func kfuncs() throws {
    let source = try scratch.write(Self.calls, to: "calls.bpf.c")
    let loader = scratch.file("loads")
    try Shell.run(
      Tool.gcc.required(), ["\(Toolchain.fixtures)/loads.c", "-o", loader, "-lbpf"]
    ).checked()
    func compile(_ folder: String) throws -> String {
      let object = scratch.file("\(folder)/calls.bpf.o")
      let flags = ["-g", "-O2", "-mcpu=v3", "-target", "bpf", "-Wall", "-Werror", "-D__TARGET_ARCH_x86"]
      try Shell.run(
        Tool.clang.required(), flags + ["-I\(scratch.file(folder))", "-c", source, "-o", object]
      ).checked()
      return object
    }
    let full = try compile("full")
    #expect(try Shell.run(loader, [full]).checked().stdout.hasPrefix("load 0 "))

    try Shell.run(Toolchain.bpfgen(), ["vmlinux-h", "-o", scratch.file("small/vmlinux.h"), "--for", full]).checked()
    let small = try text("small/vmlinux.h")
    let names = small.matches(of: /(\w+)\([^\n]*\) __weak __ksym;/).map { String($0.1) }
    #expect(
      names == [
        "bpf_cast_to_kern_ctx", "bpf_iter_num_destroy", "bpf_iter_num_new", "bpf_iter_num_next", "bpf_rcu_read_lock",
        "bpf_rcu_read_unlock",
      ])
    #expect(small.utf8.count * 2 < (try text("full/vmlinux.h").utf8.count))
    #expect(try Shell.run(loader, [compile("small")]).checked().stdout.hasPrefix("load 0 "))
  }

  @Test("a source that declares kernel functions itself omits the prototypes")
  func ownPrototypes() throws {
    let flags = ["-g", "-O2", "-target", "bpf", "-I\(scratch.file("full"))", "-fsyntax-only"]
    let own = try scratch.write(
      "#include \"vmlinux.h\"\nextern int bpf_iter_num_new(void *it) __attribute__((section(\".ksyms\")));\n",
      to: "own.bpf.c")
    #expect(try !Shell.run(Tool.clang.required(), flags + [own]).succeeded)
    try Shell.run(Tool.clang.required(), flags + ["-DBPF_NO_KFUNC_PROTOTYPES", own]).checked()
  }
}
