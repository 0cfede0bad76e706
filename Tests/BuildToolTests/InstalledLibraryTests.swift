import Foundation
import Testing

@testable import TestSupport

/// BPF libraries that one project installs and another one uses; docs/packages.md is pasted by `DocumentedProjectTests`.
@Suite("Installed BPF libraries", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct InstalledLibraryTests {
  private static let system = BuildSystem(kind: .cmakeNinja, edition: .system)
  /// Old versions of CMake write other packages.
  private static let generators = BuildSystem.available.filter {
    $0.kind.isCMake && ($0.edition == .system || $0.edition == .oldest && $0.kind == .cmakeNinja)
  }

  private static let library = """
    bpf_add_object(netlib_object SOURCES netlib.bpf.c)
    bpf_add_library(netlib_bpf OBJECTS netlib_object)
    bpf_add_subskeleton(netlib_subskel netlib_bpf NAME netlib HEADER net/netlib.subskel.h)
    add_library(netlib STATIC netlib.c)
    target_link_libraries(netlib PRIVATE netlib_subskel)
    bpf_add_object(probe_bpf SOURCES probe.bpf.c)
    bpf_add_skeleton(probe_skel probe_bpf NAME probe SCOPE netlib-probe)
    add_library(probe STATIC probe.c)
    target_link_libraries(probe PRIVATE probe_skel m)
    bpf_install_library(netlib OBJECT netlib_bpf TARGETS netlib probe HEADERS netlib.h VERSION 1.2)
    """
  private static let libraryFiles = [
    "netlib.h": """
    enum netlib_mode { NETLIB_OFF, NETLIB_ON };
    #ifdef __bpf__
    int netlib_add(int by);
    #else
    struct bpf_object;
    int netlib_count(const struct bpf_object *object), probe(void);
    #endif

    """,
    "netlib.bpf.c": netlib(by: "by"),
    "netlib.c": """
    #include "netlib.h"
    #include "net/netlib.subskel.h"
    int netlib_count(const struct bpf_object *object) {
      struct netlib *netlib = netlib__open(object);
      int count = netlib ? *netlib->bss.netlib_total : -1;
      netlib__destroy(netlib);
      return count;
    }

    """,
    "probe.bpf.c": CMakeProject.bpf("probe"), "probe.c": CMakeProject.use("probe", function: "probe"),
  ]

  /// The library's BPF program, with what it adds for each call.
  private static func netlib(by amount: String) -> String {
    """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #include "netlib.h"
    int netlib_total;
    __attribute__((weak)) enum netlib_mode netlib_mode = NETLIB_ON;
    int netlib_add(int by) { if (netlib_mode) netlib_total += \(amount); return netlib_total; }
    char LICENSE[] SEC("license") = "GPL";

    """
  }

  private static let program = """
    bpf_add_object(app_bpf SOURCES app.bpf.c LIBRARIES netlib::bpf)
    bpf_add_final(app_final OBJECTS app_bpf LIBRARIES netlib::bpf)
    bpf_add_skeleton(app_skel app_final NAME app HEADER app.skel.h)
    add_executable(app app.c)
    target_link_libraries(app PRIVATE app_skel netlib::netlib netlib::probe)
    """
  private static let programFiles = [
    "app.bpf.c": """
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #include <netlib.h>
    SEC("syscall") int run(void *ctx) { return netlib_add(21) + netlib_add(21); }
    char LICENSE[] SEC("license") = "GPL";

    """,
    "app.c": """
    #include <stdio.h>
    #include <bpf/bpf.h>
    #include <netlib.h>
    #include "app.skel.h"
    int main(void) {
      LIBBPF_OPTS(bpf_test_run_opts, options);
      struct app *app = app__open_and_load();
      if (!app || bpf_prog_test_run_opts(bpf_program__fd(app->progs.run), &options)) return perror("app"), 1;
      printf("%d %d\\n", netlib_count(app->obj), probe());
      app__destroy(app);
      return 0;
    }

    """,
  ]

  private static func run(_ project: CMakeProject) throws -> String {
    let folder = project.system.kind == .cmakeNinjaMulti ? "Debug/" : ""
    return try Shell.run(project.made("\(folder)app"), []).checked().stdout
  }

  @Test(
    "another project links the object and the user-space library of a package that was moved", .needs(.loading),
    arguments: generators)
  func installed(_ system: BuildSystem) throws {
    let library = try CMakeProject(system, lists: Self.library, files: Self.libraryFiles)
    let (staged, prefix) = (library.scratch.file("staged"), library.scratch.file("moved here"))
    func install(build: Bool = true) throws {
      if build { try library.build().checked() }
      let words = ["--install", library.out, "--prefix", staged]
      try Shell.run(system.cmake, words + (system.kind == .cmakeNinjaMulti ? ["--config", "Debug"] : [])).checked()
      // As packages are installed: with the times of their own build.
      try Shell.run("/usr/bin/env", ["cp", "-a", staged + "/.", prefix]).checked()
      try Shell.run("/usr/bin/env", ["rm", "-r", staged]).checked()
    }
    try library.configure().checked()
    try install()
    #expect(!FileManager.default.fileExists(atPath: "\(prefix)/include/probe.skel.h"), "no user needs it")

    let program = try CMakeProject(
      system, lists: "find_package(netlib 1.1 REQUIRED)\n" + Self.program, files: Self.programFiles)
    try program.configure(["-DCMAKE_PREFIX_PATH=\(prefix)"]).checked()
    try program.build().checked()
    #expect(try Self.run(program) == "42 0\n")
    let second = try program.build().checked().stdout
    #expect(
      !second.contains("bpfgen\" link") && !second.contains("bpfgen link") && !second.contains(" -c "), "\(second)")

    // Another version of the library's code is linked; the layout is the same. CMake installs files with the time of theirs in
    // whole seconds (utime), so what was linked in this second is not older.
    sleep(1)
    let header = try FileState(program.made("bpf/app_skel/app.skel.h"))
    try library.put(Self.netlib(by: "by * 2"), "netlib.bpf.c")
    try install()
    let third = try program.build().checked().stdout
    #expect(!third.contains("app.c.o -c"), "\(third)")
    let counted = try Self.run(program)
    #expect(counted == "84 0\n", "\(third)")
    #expect(try FileState(program.made("bpf/app_skel/app.skel.h")) == header)

    // One that is older than what was made of the last one is seen when CMake configures.
    try library.put(Self.netlib(by: "by * 3"), "netlib.bpf.c")
    try library.build().checked()
    try Shell.run("/usr/bin/env", ["touch", "-d", "2020-01-01", library.made("bpf/netlib_bpf/netlib_bpf.bpf.o")])
      .checked()
    try install(build: false)
    try program.configure().checked()
    try program.build().checked()
    #expect(try Self.run(program) == "126 0\n")

    // The two projects disagree.
    let own = """
      enum netlib_mode { NETLIB_ON, NETLIB_OFF };
      enum netlib_mode netlib_mode = NETLIB_OFF;
      int netlib_add(int by);
      """
    try program.put(
      try #require(Self.programFiles["app.bpf.c"]).replacing("#include <netlib.h>", with: own), "app.bpf.c")
    let refused = try program.build()
    #expect(!refused.succeeded)
    let words = refused.stdout + refused.stderr
    #expect(words.contains("its variable 'netlib_mode' differs from that of its library"), "\(words)")
    Scenario.package.holds(in: system.kind)
  }

  @Test("a library of the same build has the same names as from its package", .needs(.loading))
  func sameBuild() throws {
    var files = Self.programFiles
    for (name, text) in Self.libraryFiles { files["netlib/\(name)"] = text }
    files["netlib/CMakeLists.txt"] =
      Self.library + "\ntarget_include_directories(netlib PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>)\n"
    let project = try CMakeProject(Self.system, lists: "add_subdirectory(netlib)\n" + Self.program, files: files)
    try project.configure().checked()
    let build = try project.build().checked().stdout
    #expect(build.contains("--check bpf/netlib_bpf/") || build.contains("--check netlib/bpf/netlib_bpf/"), "\(build)")
    #expect(try Self.run(project) == "42 0\n")
  }

  @Test("a static library that links a skeleton is exported, and its users do not need bpfgen")
  func exported() throws {
    let lists = """
      bpf_add_object(probe_bpf SOURCES probe.bpf.c)
      bpf_add_skeleton(probe_skel probe_bpf NAME probe)
      add_library(probe STATIC probe.c)
      target_link_libraries(probe PUBLIC probe_skel)
      install(TARGETS probe EXPORT mine)
      bpf_install_headers(probe_skel EXPORT mine)
      install(EXPORT mine FILE mine-config.cmake NAMESPACE mine:: DESTINATION lib/cmake/mine)
      """
    let library = try CMakeProject(Self.system, lists: lists, files: Self.libraryFiles)
    try library.configure().checked()
    try library.build().checked()
    let prefix = library.scratch.file("prefix")
    try Shell.run(Self.system.cmake, ["--install", library.out, "--prefix", prefix]).checked()
    let use = """
      find_package(mine REQUIRED)
      add_executable(app app.c)
      target_link_libraries(app PRIVATE mine::probe)
      """
    let main =
      "#include \"probe.skel.h\"\nint probe(void);\nint main(void) { size_t n; probe__elf_bytes(&n); return probe() + !n; }\n"
    let program = try CMakeProject(Self.system, lists: use, package: false, files: ["app.c": main])
    try program.configure(["-DCMAKE_PREFIX_PATH=\(prefix)"], package: false).checked()
    try program.build().checked()
    _ = try Self.run(program)
  }
}
