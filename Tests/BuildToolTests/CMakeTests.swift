import Foundation
import Testing

@testable import TestSupport

/// The CMake package beyond the changes that `BuildToolTests` makes in every build system.
@Suite("The CMake package", .runsTools, .needs(.tool(.clang), .tool(.gcc)))
struct CMakeTests {
  private static let generators = BuildSystem.available.filter { $0.kind.isCMake && $0.edition == .system }
  private static let system = BuildSystem(kind: .cmakeNinja, edition: .system)

  private static let simple = """
    bpf_add_object(app_bpf SOURCES app.bpf.c)
    bpf_add_skeleton(app_skel app_bpf NAME app)
    add_executable(app app.c)
    target_link_libraries(app PRIVATE app_skel)
    """
  private static let simpleFiles = [
    "app.bpf.c": CMakeProject.bpf("app"), "app.c": CMakeProject.use("app", function: "use", isMain: true),
  ]

  @Test("an installed package works in a second project, even if its tree was moved", arguments: generators)
  func installed(_ system: BuildSystem) throws {
    let project = try CMakeProject(system, lists: Self.simple, files: Self.simpleFiles)
    let stage = project.scratch.file("stage")
    try Shell.run(
      "\(Toolchain.root)/scripts/install", ["/opt/tools"],
      environment: ["DESTDIR": stage, "BPFGEN": Toolchain.bpfgen()]
    ).checked()
    let prefix = project.scratch.file("moved here")
    try FileManager.default.moveItem(atPath: "\(stage)/opt/tools", toPath: prefix)
    try project.configure(["-DCMAKE_PREFIX_PATH=\(prefix)"], package: false).checked()
    let build = try project.build().checked()
    #expect(build.stdout.contains("\(prefix)/bin/bpfgen"))
    #expect(!build.stdout.contains(try Toolchain.bpfgen()))
  }

  @Test("cmake --install installs a package too")
  func cmakeInstalled() throws {
    let project = try CMakeProject(Self.system, lists: Self.simple, files: Self.simpleFiles)
    let prefix = project.scratch.file("prefix")
    try Shell.run(
      Self.system.cmake,
      [
        "-S", "\(Toolchain.root)/cmake", "-B", project.scratch.file("package"),
        "-DBPFGEN_EXECUTABLE=\(Toolchain.bpfgen())",
      ]
    ).checked()
    try Shell.run(Self.system.cmake, ["--install", project.scratch.file("package"), "--prefix", prefix]).checked()
    try project.configure(["-DCMAKE_PREFIX_PATH=\(prefix)"], package: false).checked()
    #expect(try project.build().checked().stdout.contains("\(prefix)/bin/bpfgen"))
  }

  @Test("FetchContent works with a source tree")
  func fetched() throws {
    let fetch = """
      include(FetchContent)
      FetchContent_Declare(bpfgen SOURCE_DIR "\(Toolchain.root)" SOURCE_SUBDIR cmake)
      FetchContent_MakeAvailable(bpfgen)

      """
    let project = try CMakeProject(Self.system, lists: fetch + Self.simple, package: false, files: Self.simpleFiles)
    try project.configure(["-DBPFGEN_EXECUTABLE=\(Toolchain.bpfgen())"], package: false).checked()
    try project.build().checked()
  }

  @Test("FetchContent works with a release by URL and hash, as in docs/cmake.md")
  func release() throws {
    let page = try String(contentsOfFile: "\(Toolchain.root)/docs/cmake.md", encoding: .utf8)
    let block = try #require(page.firstMatch(of: /(?s)a release\*\*.*?```cmake\n(.*?)```/)).1
    let scratch = try Scratch()
    try Shell.run(
      "\(Toolchain.root)/scripts/install", [scratch.file("bpfgen-0.1.0-linux")],
      environment: ["BPFGEN": Toolchain.bpfgen()]
    ).checked()
    let archive = scratch.file("a release.tar.gz")
    try Shell.run("/usr/bin/env", ["tar", "-C", scratch.path, "-czf", archive, "bpfgen-0.1.0-linux"]).checked()
    let hash = try Shell.run("/usr/bin/env", ["sha256sum", archive]).checked().stdout.prefix(64)
    let fetch = String(block).replacing(/https:.*?gz/, with: "\"file://\(archive)\"").replacing(/0{64}/, with: hash)
    let use = "\nadd_custom_target(version ALL COMMAND Bpfgen::bpfgen --version)\n"
    let project = try CMakeProject(
      Self.system, lists: fetch + use + Self.simple, package: false, files: Self.simpleFiles)
    try project.configure(package: false).checked()
    let build = try project.build().checked().stdout
    #expect(build.contains("_deps/bpfgen-src/bin/bpfgen skeleton"), "\(build)")

    let wrong = hash.first == "0" ? "1" : "0"
    try project.put(project.lists.replacing(hash, with: wrong + hash.dropFirst()), "CMakeLists.txt")
    #expect(try !project.configure(package: false).succeeded)
  }

  @Test("FetchContent builds the program from its sources, once for each version of them")
  func builtFromSource() throws {
    let tree = try Scratch()
    try Shell.run("/usr/bin/env", ["cp", "-r", "\(Toolchain.root)/cmake", tree.file("cmake")]).checked()
    for folder in ["Sources", "scripts"] {
      try FileManager.default.createDirectory(atPath: tree.file(folder), withIntermediateDirectories: true)
    }
    _ = try tree.write("one", to: "Sources/main.swift")
    // The real one takes minutes; the tests of the release run it.
    let script = """
      echo "$@" >> "\(tree.file("log"))"
      ! grep -q wrong "\(tree.file("Sources/main.swift"))" || { echo "error: wrong" >&2; exit 1; }
      mkdir -p "$2/release" && cp "\(try Toolchain.bpfgen())" "$2/release/bpfgen"
      """
    _ = try tree.writeScript(script, to: "scripts/build")
    let fetch = """
      include(FetchContent)
      FetchContent_Declare(bpfgen SOURCE_DIR "\(tree.path)" SOURCE_SUBDIR cmake)
      FetchContent_MakeAvailable(bpfgen)

      """
    let project = try CMakeProject(Self.system, lists: fetch + Self.simple, package: false, files: Self.simpleFiles)
    let options = ["-DBPFGEN_BUILD=ON", "-DBPFGEN_SWIFT=/bin/true"]
    let missing = try project.configure(options, package: false)
    let words = missing.stderr.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(words.contains("cannot be built: install Swift 6"), "\(missing.stderr)")
    func log() throws -> [Substring] {
      try String(contentsOfFile: tree.file("log"), encoding: .utf8).split(separator: "\n")
    }
    _ = try tree.write("", to: "Package.swift")
    for _ in 0..<2 { try project.configure(options, package: false).checked() }
    #expect(try log() == ["--system-libbpf \(project.made("bpfgen-program"))"])
    #expect(try project.build().checked().stdout.contains("bpfgen-program/release/bpfgen skeleton"))
    _ = try tree.write("two", to: "Sources/main.swift")
    try project.configure(options, package: false).checked()
    #expect(try log().count == 2)
    _ = try tree.write("wrong", to: "Sources/main.swift")
    let broken = try project.configure(options, package: false)
    #expect(!broken.succeeded && broken.stderr.contains("error: wrong"), "\(broken.stderr)")
  }

  @Test("the package has the program's version")
  func version() throws {
    let file = try String(contentsOfFile: "\(Toolchain.root)/cmake/BpfgenConfigVersion.cmake", encoding: .utf8)
    let version = try Shell.run(Toolchain.bpfgen(), ["--version"]).checked().stdout.split(separator: "\n")[0]
    #expect(file.contains("set(PACKAGE_VERSION \(version.dropFirst("bpfgen ".count)))"))
  }

  @Test("programs and libraries of every kind link one skeleton, and contain its bytes once", arguments: generators)
  func shared(_ system: BuildSystem) throws {
    let lists = """
      bpf_add_object(app_bpf SOURCES app.bpf.c)
      bpf_add_skeleton(app_skel app_bpf NAME app)
      add_library(first STATIC first.c)
      target_link_libraries(first PRIVATE app_skel)
      add_library(second STATIC second.c)
      target_link_libraries(second PUBLIC app_skel)
      add_library(third OBJECT third.c)
      target_link_libraries(third PUBLIC app_skel)
      add_library(fourth SHARED fourth.c)
      target_link_libraries(fourth PRIVATE app_skel)
      foreach(program one two)
        add_executable(${program} ${program}.c)
        target_link_libraries(${program} PRIVATE first second third fourth app_skel)
      endforeach()
      add_subdirectory(below)
      """
    var files = ["app.bpf.c": CMakeProject.bpf("app")]
    for name in ["first", "second", "third", "fourth"] {
      files["\(name).c"] = CMakeProject.use("app", function: name)
    }
    let calls = "int first(void), second(void), third(void), fourth(void);\n"
    for name in ["one", "two", "below/three"] {
      files["\(name).c"] =
        "#include \"app.skel.h\"\n" + calls
        + "int main(void) { size_t n; app__elf_bytes(&n); return !n + first() + second() + third() + fourth(); }\n"
    }
    files["below/CMakeLists.txt"] =
      "add_executable(three three.c)\ntarget_link_libraries(three PRIVATE first second third fourth app_skel)\n"
    let project = try CMakeProject(system, lists: lists, files: files)
    try project.configure(["-DCMAKE_POSITION_INDEPENDENT_CODE=ON"]).checked()
    try project.build().checked()
    let folder = system.kind == .cmakeNinjaMulti ? "Debug/" : ""
    for program in ["\(folder)one", "\(folder)two", "below/\(folder)three"] {
      try Shell.run(project.made(program), []).checked()
      let symbols = try Shell.run("/usr/bin/nm", [project.made(program)]).checked().stdout
      #expect(symbols.split(separator: "\n").count { $0.contains("_payload_of_") } == 1, "\(program): \(symbols)")
    }
    Scenario.linkage.holds(in: system.kind)
  }

  @Test("a project's own command makes an object once, however many targets need it", arguments: generators)
  func ownObject(_ system: BuildSystem) throws {
    let lists = """
      add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/own.bpf.o" DEPENDS app.bpf.c
        COMMAND sh -c "echo made >> log" COMMAND "${BPFGEN_CLANG}" -g -O2 -target bpf
        -idirafter "/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}" -c "${CMAKE_CURRENT_SOURCE_DIR}/app.bpf.c"
        -o "${CMAKE_CURRENT_BINARY_DIR}/own.bpf.o" VERBATIM)
      foreach(name one two three)
        bpf_add_skeleton(${name} "${CMAKE_CURRENT_BINARY_DIR}/own.bpf.o" NAME ${name})
      endforeach()
      bpf_add_final(final OBJECTS "${CMAKE_CURRENT_BINARY_DIR}/own.bpf.o")
      """
    let project = try CMakeProject(system, lists: lists, files: Self.simpleFiles)
    try project.configure().checked()
    for round in 1...3 {
      try Shell.run(system.cmake, ["--build", project.out, "-j8"]).checked()
      let log = try String(contentsOfFile: project.made("log"), encoding: .utf8)
      #expect(log.split(separator: "\n").count == round)
      usleep(20_000)
      try project.put(CMakeProject.bpf("app", code: "\(round)"), "app.bpf.c")
    }
  }

  @Test(
    "generator expressions come to any number of definitions and folders; a folder that is gone is made again",
    arguments: generators)
  func expressions(_ system: BuildSystem) throws {
    let lists = """
      add_library(settings INTERFACE)
      target_compile_definitions(settings INTERFACE ONE=1 TWO=2)
      target_include_directories(settings INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/a a" "${CMAKE_CURRENT_SOURCE_DIR}/b")
      bpf_add_object(app_bpf SOURCES app.bpf.c
        DEFINITIONS -DTHREE=3 $<$<BOOL:0>:NONE> $<TARGET_PROPERTY:settings,INTERFACE_COMPILE_DEFINITIONS>
        INCLUDES $<TARGET_PROPERTY:settings,INTERFACE_INCLUDE_DIRECTORIES> $<$<BOOL:0>:/none>)
      bpf_add_skeleton(app_skel app_bpf NAME app)
      """
    let more = "#include \"a.h\"\n#include \"b.h\"\n_Static_assert(ONE + TWO + THREE == 6, \"\");\n"
    let project = try CMakeProject(
      system, lists: lists, files: ["app.bpf.c": more + CMakeProject.bpf("app"), "a a/a.h": "", "b/b.h": ""])
    try project.configure().checked()
    try project.build().checked()
    try FileManager.default.removeItem(atPath: project.made("bpf"))
    try project.build().checked()
    #expect(FileManager.default.fileExists(atPath: project.made("bpf/app_skel/app.skel.o")))
    #expect(try !project.build().checked().stdout.contains("bpfgen skeleton"))
  }

  @Test(
    "headers that the build itself makes come first: vmlinux.h, and one that a command writes", arguments: generators)
  func generatedHeaders(_ system: BuildSystem) throws {
    let lists = """
      add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/made.h" DEPENDS value
        COMMAND sh -c "echo \\"#define MADE $(cat '${CMAKE_CURRENT_SOURCE_DIR}/value')\\" > made.h" VERBATIM)
      add_custom_target(made DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/made.h")
      bpf_add_object(app_bpf SOURCES app.bpf.c VMLINUX_H AUTO INCLUDES "${CMAKE_CURRENT_BINARY_DIR}"
        DEFINITIONS ONE=1 COMPILE_OPTIONS -Wall -Werror CPU v3 DEPENDS made "${CMAKE_CURRENT_BINARY_DIR}/made.h")
      bpf_generate_vmlinux_h(types BTF /sys/kernel/btf/vmlinux)
      bpf_add_object(other_bpf SOURCES other.bpf.c second.bpf.c VMLINUX_H types ENDIAN little)
      bpf_add_final(other OBJECTS other_bpf)
      bpf_add_skeleton(app_skel app_bpf NAME app SELF_CONTAINED)
      bpf_add_skeleton(other_skel other HEADER below/other.skel.h STRIP ASSERT_MEMBERS)
      add_executable(app app.c)
      target_link_libraries(app PRIVATE app_skel other_skel)
      """
    let kernel = """
      #include "vmlinux.h"
      #include <bpf/bpf_helpers.h>
      int NAME_pid;
      SEC("syscall") int NAME_run(void *ctx)
      { NAME_pid = ((struct task_struct *)bpf_get_current_task_btf())->pid; return 0; }
      char LICENSE[] SEC("license") = "GPL";

      """
    let project = try CMakeProject(
      system, lists: lists,
      files: [
        "value": "7\n",
        "app.bpf.c": kernel.replacing("NAME", with: "app") + "#include \"made.h\"\nint app_made = MADE + ONE;\n",
        "other.bpf.c": kernel.replacing("NAME", with: "other"),
        "second.bpf.c": kernel.replacing("NAME", with: "second"),
        "app.c": """
        #include <stdio.h>
        #include "app.skel.h"
        #include "below/other.skel.h"
        int main(void)
        {
          struct app *app = app__open();
          struct other_bpf *other = other_bpf__open();
          printf("%d %d\\n", app->data->app_made, !other);
        }

        """,
      ])
    try project.configure().checked()
    try project.build().checked()
    let program = project.made(system.kind == .cmakeNinjaMulti ? "Debug/app" : "app")
    #expect(try Shell.run(program, []).checked().stdout == "8 0\n")
    #expect(try !project.build().checked().stdout.contains("bpfgen compile"))
    try project.put("8\n", "value")
    let build = try project.build().checked()
    #expect(build.stdout.contains("app.bpf.c") && !build.stdout.contains("other.bpf.c"))
    #expect(try Shell.run(program, []).checked().stdout == "9 0\n")
  }

  @Test("the project's graph file works with bpfgen's queries")
  func graphFile() throws {
    let project = try ToolProject(Self.system)
    try project.configure().checked()
    try project.build().result.checked()
    let file = "\(project.out)/bpfgen.json"
    func bpfgen(_ words: String...) throws -> String {
      try Shell.run(Toolchain.bpfgen(), words + ["-f", file]).checked().stdout
    }
    #expect(try bpfgen("check") == "bpfgen: 2 pairs of library and final agree\n")
    #expect(try bpfgen("query", "rdeps", "--transitive", "limit_bpf").contains("alpha.skel.h"))
    #expect(try bpfgen("query", "headers").split(separator: "\n").count == 3)
    #expect(try bpfgen("graph", "--format", "json").contains("\"limit_lib\""))
    #expect(try bpfgen("why", "\(project.out)/bpf/alpha_skel/alpha.skel.h").contains("alpha.skel.h"))
    let check = try project.build("bpfgen-check")
    #expect(check.result.succeeded && check.words.contains("2 pairs"))
    // bpfgen's own build of the graph writes what CMake's steps wrote.
    let before = try project.headers()
    try Shell.run(Toolchain.bpfgen(), ["build", "-q", "-f", file]).checked()
    #expect(try project.headers() == before)
    #expect(try project.build().ran == [])
  }

  @Test("a whole graph file is one step", arguments: generators)
  func graph(_ system: BuildSystem) throws {
    let graph = """
      { "bpfgen": 1, "objects": { "a": "in/a.bpf.o", "b": "in/b.bpf.o" },
        "skeletons": [ { "of": "a", "header": "gen/a.skel.h", "payload": "gen/a.skel.o" },
                       { "of": "b", "header": "gen/b.skel.h", "payload": "gen/b.skel.o" } ],
        "subskeletons": [ { "of": "b", "header": "gen/b.subskel.h", "name": "b_view" } ] }
      """
    let lists = """
      bpf_add_graph(headers FILE bpfgen.json)
      foreach(program a b)
        add_executable(${program} ${program}.c)
        target_link_libraries(${program} PRIVATE headers::${program})
      endforeach()
      """
    let project = try CMakeProject(
      system, lists: lists,
      files: [
        "bpfgen.json": graph, "a.c": CMakeProject.use("a", function: "use", isMain: true),
        "b.c": CMakeProject.use("b", function: "use", isMain: true),
      ])
    try FileManager.default.createDirectory(atPath: project.scratch.file("in"), withIntermediateDirectories: true)
    func compile(_ name: String, _ code: String, more: String = "") throws {
      let source = CMakeProject.bpf(name, code: code, more: more)
      let object = try BPFCompiler.compile(source, named: name, in: project.scratch)
      _ = try Shell.run("/usr/bin/env", ["mv", object, project.scratch.file("in/\(name).bpf.o")]).checked()
    }
    try compile("a", "1")
    try compile("b", "1")
    try project.configure().checked()
    try project.build().checked()
    func ran() throws -> [Bool] {
      let log = try project.build().checked().stdout
      // CMake's own description of a step does not count, its command does.
      return ["bpfgen build ", "-c \(project.scratch.file("a.c"))", "-c \(project.scratch.file("b.c"))"].map(
        log.contains)
    }
    #expect(try ran() == [false, false, false])
    try compile("a", "2")
    #expect(try ran() == [true, false, false])
    #expect(try ran() == [false, false, false])
    try compile("b", "1", more: "int b_more;")
    #expect(try ran() == [true, false, true])
    for _ in 0..<2 {
      let header = try String(contentsOfFile: project.scratch.file("gen/a.skel.h"), encoding: .utf8)
      try project.put(header + "#error edited\n", "gen/a.skel.h")
      #expect(try ran()[0])
      #expect(try ran() == [false, false, false])
      try FileManager.default.removeItem(atPath: project.scratch.file("gen/b.skel.o"))
      #expect(try ran() == [true, false, false])
      #expect(try ran() == [false, false, false])
    }
    // A graph file that changed is read again.
    let more = ", { \"of\": \"a\", \"header\": \"gen/a2.skel.h\", \"name\": \"a2\" } ],\n  \"subskeletons\""
    try project.put(graph.replacing(" ],\n  \"subskeletons\"", with: more), "bpfgen.json")
    try project.build().checked()
    #expect(FileManager.default.fileExists(atPath: project.scratch.file("gen/a2.skel.h")))
  }

  @Test(
    "a header that no BPF program includes any more, and that is gone, is forgotten",
    arguments: [BuildSystem.Kind.cmakeNinja, .cmakeMake])
  func droppedHeader(_ kind: BuildSystem.Kind) throws {
    let project = try CMakeProject(
      BuildSystem(kind: kind, edition: .system), lists: Self.simple,
      files: Self.simpleFiles.merging(
        ["app.bpf.c": CMakeProject.bpf("app", more: "#include \"more.h\""), "more.h": ""], uniquingKeysWith: { $1 }))
    try project.configure().checked()
    try project.build().checked()
    try project.put(CMakeProject.bpf("app", code: "2"), "app.bpf.c")
    try FileManager.default.removeItem(atPath: project.scratch.file("more.h"))
    #expect(try project.build().checked().stdout.contains("bpfgen compile"))
    for _ in 0..<2 { #expect(try !project.build().checked().stdout.contains("bpfgen compile")) }
  }

  @Test(
    "another compiler at the same path compiles again: a newer file immediately, an older one when CMake configures")
  func compiler() throws {
    let project = try CMakeProject(Self.system, lists: Self.simple, files: Self.simpleFiles)
    func install(_ text: String, _ date: String) throws -> String {
      try project.scratch.writeClang(text, dated: date, to: "tools/clang")
    }
    let clang = try "-DBPFGEN_CLANG=" + install("first", "2020-01-01")
    try project.configure([clang]).checked()
    func compiles() throws -> Bool { try project.build().checked().stdout.contains("bpfgen compile") }
    #expect(try compiles())
    #expect(try !compiles())
    _ = try install("second, older", "2019-01-01")
    try project.configure([clang]).checked()
    #expect(try compiles())
    #expect(try !compiles())
    try project.configure([clang]).checked()
    #expect(try !compiles())
    _ = try install("third", "now")
    #expect(try compiles())
    #expect(try !compiles())
  }

  @Test(
    "usage requirements of libraries apply to BPF programs, including those of linked libraries", arguments: generators)
  func requirements(_ system: BuildSystem) throws {
    let lists = """
      add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/gen/made.h" DEPENDS value
        COMMAND "${CMAKE_COMMAND}" -E make_directory gen
        COMMAND sh -c "echo \\"#define MADE $(cat '${CMAKE_CURRENT_SOURCE_DIR}/value')\\" > gen/made.h" VERBATIM)
      add_custom_target(made DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/gen/made.h")
      add_library(deep INTERFACE)
      target_include_directories(deep INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/deep" "${CMAKE_CURRENT_BINARY_DIR}/gen")
      target_compile_definitions(deep INTERFACE TWO=2 [[TEXT="a b"]])
      add_library(near INTERFACE)
      target_include_directories(near INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/in c")
      target_compile_options(near INTERFACE
        $<$<COMPILE_LANGUAGE:C>:-DIN_C=4> $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
      bpf_add_object(app_bpf SOURCES app.bpf.c LIBRARIES near)
      bpf_add_skeleton(app_skel app_bpf NAME app)
      # What a library links may be said later.
      target_link_libraries(near INTERFACE deep)
      add_dependencies(deep made)
      """
    let more = """
      #include "one.h"
      #include "two.h"
      #include "made.h"
      _Static_assert(ONE + TWO + IN_C == 7 && sizeof(TEXT) == 4, "");
      int made = MADE;
      """
    let project = try CMakeProject(
      system, lists: lists, languages: "C CXX",
      files: [
        "app.bpf.c": CMakeProject.bpf("app", more: more), "in c/one.h": "#define ONE 1\n", "deep/two.h": "",
        "value": "1\n",
      ])
    try project.configure().checked()
    try project.build().checked()
    #expect(try !project.build().checked().stdout.contains("bpfgen compile"))
    for edit in [{ try project.put("2\n", "value") }, { try project.put("#define OTHER 1\n", "deep/two.h") }] {
      try edit()
      #expect(try project.build().checked().stdout.contains("bpfgen compile"))
      #expect(try !project.build().checked().stdout.contains("bpfgen compile"))
    }
    try project.put(project.lists.replacing("TWO=2", with: "TWO=2 MORE=1"), "CMakeLists.txt")
    #expect(try project.build().checked().stdout.contains("bpfgen compile"))
  }

  @Test("BPF programs are in compile_commands.json, without the program compiler's options, and clangd reads them")
  func compileCommands() throws {
    let lists = """
      add_compile_options(-march=native -DOF_PROGRAMS)
      add_library(near INTERFACE)
      target_compile_definitions(near INTERFACE NEAR=1)
      bpf_add_object(app_bpf SOURCES app.bpf.c VMLINUX_H AUTO LIBRARIES near DEFINITIONS OWN=2)
      """
    let project = try CMakeProject(
      Self.system, lists: lists,
      files: [
        "app.bpf.c": """
        #include "vmlinux.h"
        #include <bpf/bpf_helpers.h>
        _Static_assert(NEAR + OWN == 3, "");
        int app_pid;
        SEC("syscall") int app_run(void *ctx)
        { app_pid = ((struct task_struct *)bpf_get_current_task_btf())->pid; return 0; }

        """
      ])
    try project.configure(["-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"]).checked()
    try project.build().checked()
    let text = try Data(contentsOf: URL(fileURLWithPath: project.made("compile_commands.json")))
    let entries = try #require(JSONSerialization.jsonObject(with: text) as? [[String: String]])
    let command = try #require(entries.first { $0["file"]?.hasSuffix("/app.bpf.c") == true }?["command"])
    #expect(command.contains("--target=bpf") && command.contains("-DNEAR=1") && command.contains("-DOWN=2"))
    #expect(!command.contains("-march=native") && !command.contains("OF_PROGRAMS"), "\(command)")
    let clangd = (try Tool.clang.required() as NSString).deletingLastPathComponent + "/clangd"
    if access(clangd, X_OK) != 0 { try Test.cancel("SKIPPED: this clang has no clangd beside it") }
    let check = try Shell.run(
      clangd, ["--check=\(project.scratch.file("app.bpf.c"))", "--compile-commands-dir=\(project.out)"])
    #expect(check.succeeded && check.stderr.contains("All checks completed, 0 errors"), "\(check.stderr.suffix(2000))")
  }

  @Test("the first clang that compiles for BPF is used")
  func nextClang() throws {
    let project = try CMakeProject(Self.system, lists: Self.simple, files: Self.simpleFiles)
    _ = try project.scratch.writeScript("exit 1", to: "bin/clang")
    _ = try project.scratch.writeClang("the first that compiles", to: "bin/clang-30")
    // Instead of the compiler that the tests select.
    try project.configure(
      ["-UBPFGEN_CLANG"], environment: ["PATH": "\(project.scratch.file("bin")):/usr/bin:/bin"]
    ).checked()
    let cache = try String(contentsOfFile: project.made("CMakeCache.txt"), encoding: .utf8)
    #expect(cache.contains(/BPFGEN_CLANG:[A-Z]*=.*clang/) && !cache.contains("\(project.scratch.file("bin/clang"))\n"))
  }

  @Test(
    "a range of versions holds this one, or does not",
    arguments: [
      ("0.0...<1", true), ("0.1", true), ("0.1...0.1", true), ("0.0...<0.1", false), ("0.2...<1", false), ("1", false),
    ])
  func versionRange(_ range: String, _ fits: Bool) throws {
    let project = try CMakeProject(
      Self.system, lists: "find_package(Bpfgen \(range) QUIET)\nmessage(STATUS \"found=${Bpfgen_FOUND}.\")",
      package: false, files: [:])
    #expect(try project.configure().checked().stdout.contains(fits ? "found=1." : "found=0."))
  }

  @Test("a program compiler with warnings as errors configures, and headers do not cause warnings")
  func warnings() throws {
    let flags = "-Werror -Wall -Wextra -Wmissing-declarations -Wredundant-decls -Wpedantic -Wmissing-prototypes"
    let project = try CMakeProject(Self.system, lists: Self.simple, files: Self.simpleFiles)
    try project.configure(["-DCMAKE_C_FLAGS=\(flags)"]).checked()
    #expect(try project.build().checked().stdout.contains(/-isystem [^ ]*bpf\/app_skel/))
  }

  @Test("a static libbpf is linked with the libelf and the zlib next to it", .needs(.file("/usr/bin/pkg-config")))
  func staticLibbpf() throws {
    let project = try CMakeProject(Self.system, lists: Self.simple, files: Self.simpleFiles)
    let words = try Shell.run("/usr/bin/env", ["pkg-config", "--variable=libdir", "libbpf"]).checked().stdout
    let folder = words.trimmingCharacters(in: .whitespacesAndNewlines)
    try FileManager.default.createDirectory(atPath: project.scratch.file("lib"), withIntermediateDirectories: true)
    for name in ["libbpf.a", "libelf.a", "libz.a"] {
      try Shell.run("/usr/bin/env", ["cp", "\(folder)/\(name)", project.scratch.file("lib/\(name)")]).checked()
    }
    try project.configure(["-DBPFGEN_LIBBPF_LIBRARY=\(project.scratch.file("lib/libbpf.a"))"]).checked()
    let command = try project.build().checked().stdout
    for name in ["libbpf.a", "libelf.a", "libz.a"] {
      #expect(command.contains("\(project.scratch.file("lib"))/\(name)"))
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let lists: String
    var options: [String] = []
    var languages = "C"
    let words: String
    var testDescription: String { words }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      lists: "", options: ["-DBPFGEN_EXECUTABLE=/nowhere/bpfgen"],
      words: "nothing is there: set it to the program's path"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)", options: ["-DBPFGEN_CLANG=/bin/false"],
      words: "/bin/false: exit status 1"),
    Mistake(
      lists: "add_custom_target(mine)\nset(BPFGEN_LIBBPF mine)\nbpf_add_object(x SOURCES app.bpf.c)",
      words: "BPFGEN_LIBBPF is mine, which is not a library target"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c VMLINUX_H AUTO)",
      options: ["-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64"],
      words: "the running kernel is not the target's. Name the target kernel's BTF"),
    Mistake(lists: "bpf_add_object(x)", words: "bpf_add_object(x): SOURCES is missing"),
    Mistake(lists: "bpf_add_object(x SOURCES none.bpf.c)", words: "there is no source"),
    Mistake(lists: "bpf_add_object(x SOURCES app.bpf.c CPU v9)", words: "CPU is v1, v2, v3 or v4, not v9"),
    Mistake(lists: "bpf_add_object(x SOURCES app.bpf.c ENDIAN middle)", words: "ENDIAN is little or big"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c ARCH x86_64)", words: "ARCH is x86, arm64, arm, riscv, s390, powerpc"),
    Mistake(
      lists: "bpf_add_object(x OPTIONS -g SOURCES app.bpf.c)",
      words: "unknown arguments: OPTIONS -g. The keywords are SOURCES, "),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_add_object(x SOURCES app.bpf.c)",
      words: "a target of this name exists already"),
    Mistake(lists: "bpf_add_object(x SOURCES app.bpf.c VMLINUX_H none)", words: "neither a target nor a file"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_install_library(x OBJECT x HEADERS none.h)",
      words: "bpf_install_library(x): there is no header"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_install_library(x OBJECT x TARGETS x)",
      words: "TARGETS names x, which is not a static, shared or interface library"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_install_headers(x EXPORT e)",
      words: "the target x is not a header: bpf_add_skeleton, bpf_add_subskeleton"),
    Mistake(
      lists: "bpf_add_skeleton(s x)",
      words: "x is neither a target that exists before this call nor the path of an object"),
    Mistake(lists: "add_custom_target(x)\nbpf_add_skeleton(s x)", words: "the target x is not a BPF object"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c more.bpf.c)\nbpf_add_skeleton(s x)",
      words: "x is 2 objects: link them with bpf_add_final"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_add_skeleton(s x NAME 9)",
      words: "'9' is not a name for a C struct"
    ),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_add_skeleton(s x)", languages: "NONE",
      words: "Enable C or C++"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_add_skeleton(s x)",
      options: [
        "-DBPFGEN_LIBBPF_LIBRARY=NOTFOUND", "-DCMAKE_FIND_ROOT_PATH=/nowhere",
        "-DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY",
      ],
      words: "libbpf was not found"),
    Mistake(lists: "", options: ["-DBPFGEN_EXECUTABLE=/bin/true"], words: "/bin/true is not bpfgen"),
    Mistake(
      lists: "bpf_add_object(x SOURCES app.bpf.c)\nbpf_add_skeleton(s x HEADER ../../../x.h)",
      words: "is outside the build folder: give a name"),
    Mistake(
      lists: "set(BPFGEN_LIBBPF /usr/lib/libbpf.a)\nbpf_add_object(x SOURCES app.bpf.c)",
      words: "For files set BPFGEN_LIBBPF_LIBRARY"),
    Mistake(
      lists: "set(BPFGEN_LIBBPF typo)\nbpf_add_object(x SOURCES app.bpf.c)", words: "there is no such target"),
    Mistake(lists: "bpf_generate_vmlinux_h(v BTF none)", words: "there is no"),
    Mistake(lists: "bpf_add_graph(g FILE none.json)", words: "there is no graph file"),
    Mistake(lists: "bpf_add_graph(g FILE app.bpf.c)", words: "invalid JSON"),
    Mistake(lists: "", options: ["-G", "Ninja", "-DBpfgen_DIR=/nowhere"], words: "Bpfgen"),
  ]

  @Test("a mistake is reported when CMake configures, with what to do", arguments: Tier.sample(mistakes, quick: 10))
  func mistake(_ mistake: Mistake) throws {
    let files = ["app.bpf.c": CMakeProject.bpf("app"), "more.bpf.c": CMakeProject.bpf("more")]
    let project = try CMakeProject(Self.system, lists: mistake.lists, languages: mistake.languages, files: files)
    let result = try project.configure(mistake.options)
    #expect(!result.succeeded)
    // CMake wraps lines anywhere.
    let words = result.stderr.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(words.contains(mistake.words), "\(result.stderr)")
  }
}
