internal import BPF
internal import BTF

/// A skeleton: the struct, the functions that open, load, attach and destroy it, and the bytes or where they are.
struct SkeletonBlocks {
  let layout: ExportedLayout
  /// Where the bytes are, when the header has a payload.
  let symbols: PayloadSymbols?
  /// The object's bytes, when the header is self-contained.
  let embedded: [UInt8]?

  private var name: String { layout.name }

  func write(_ writer: inout CWriter) {
    autoAttachMark(&writer)
    HeaderBlocks.forwardDeclarations(layout, &writer)
    if let symbols { HeaderBlocks.payloadSymbols(layout, symbols, &writer) }
    structure(&writer)
    AssertBlocks(layout: layout, areVariablesPointers: false).write(&writer)
    bytes(&writer)
    destroy(&writer)
    create(&writer)
    open(&writer)
    loadAndAttach(&writer)
    cxxMembers(&writer)
  }

  /// User code asks for this name before it relies on links of struct_ops maps.
  private func autoAttachMark(_ writer: inout CWriter) {
    writer.directive("#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)")
    writer.directive("#define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1")
    writer.directive("#endif")
    writer.blank()
  }

  private func structure(_ writer: inout CWriter) {
    writer.line("struct \(name) {")
    writer.indented { writer in
      writer.line("struct bpf_object_skeleton *skeleton;")
      writer.line("struct bpf_object *obj;")
      HeaderBlocks.maps(layout, &writer)
      HeaderBlocks.structOps(layout, &writer)
      HeaderBlocks.programs(layout, &writer)
      links(&writer)
      for section in layout.sections { HeaderBlocks.dataSection(section, of: name, &writer) }
    }
    writer.onlyCxx { writer in
      writer.indented { writer in
        writer.lines(
          "static inline struct \(name) *open(const struct bpf_object_open_opts *opts = nullptr);",
          "static inline struct \(name) *open_and_load();", "static inline int load(struct \(name) *skel);",
          "static inline int attach(struct \(name) *skel);", "static inline void detach(struct \(name) *skel);",
          "static inline void destroy(struct \(name) *skel);", "static inline const void *elf_bytes(size_t *sz);")
      }
    }
    writer.line("};")
  }

  private func links(_ writer: inout CWriter) {
    guard !layout.programs.isEmpty || !layout.structOps.isEmpty else { return }
    writer.block("struct {", "} links;") { writer in
      for program in layout.programs { writer.naming(program.identifier) { "struct bpf_link *\($0);" } }
      for map in layout.maps where map.kind == .structOps {
        writer.naming(map.identifier) { "struct bpf_link *\($0);" }
      }
    }
  }

  private func bytes(_ writer: inout CWriter) {
    writer.function("const void *", "\(name)__elf_bytes(size_t *sz)") { writer in
      guard let embedded else {
        writer.line("*sz = (size_t)\(name)__payload_size;")
        writer.line("return \(name)__payload;")
        return
      }
      HeaderBlocks.embedded(embedded, &writer)
      writer.blank()
      writer.line("*sz = sizeof(data) - 1;")
      writer.line("return data;")
    }
  }

  private func destroy(_ writer: inout CWriter) {
    writer.function("void", "\(name)__destroy(struct \(name) *skel)") { writer in
      writer.line("if (skel && skel->skeleton)")
      writer.line("\tbpf_object__destroy_skeleton(skel->skeleton);")
      writer.line("free(skel);")
    }
  }

  private func create(_ writer: inout CWriter) {
    if !layout.maps.isEmpty { addMap(&writer) }
    if !layout.programs.isEmpty { addProgram(&writer) }
    writer.function("int", "\(name)__create_skeleton(struct \(name) *skel)") { writer in
      writer.line("struct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));")
      writer.blank()
      writer.line("if (!s)")
      writer.line("\treturn -ENOMEM;")
      writer.line("s->sz = sizeof(*s);")
      writer.line("s->name = \"\(name)\";")
      writer.line("s->obj = &skel->obj;")
      writer.line("s->data = \(name)__elf_bytes(&s->data_sz);")
      if !layout.maps.isEmpty { mapTable(&writer) }
      if !layout.programs.isEmpty { programTable(&writer) }
      writer.line("skel->skeleton = s;")
      writer.line("return 0;")
    }
  }

  private func addMap(_ writer: inout CWriter) {
    writer.function(
      "void",
      "\(name)__add_map(struct bpf_object_skeleton *s, const char *map_name,\n\t\tstruct bpf_map **map, void **data)"
    ) { writer in
      writer.line("char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;")
      writer.line("struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;")
      writer.blank()
      writer.line("entry->name = map_name;")
      writer.line("entry->map = map;")
      writer.line("entry->mmaped = data;")
    }
  }

  private func addProgram(_ writer: inout CWriter) {
    writer.function(
      "void",
      "\(name)__add_prog(struct bpf_object_skeleton *s, const char *prog_name,\n\t\tstruct bpf_program **prog, struct bpf_link **link)"
    ) { writer in
      writer.line("struct bpf_prog_skeleton *entry = &s->progs[s->prog_cnt++];")
      writer.blank()
      writer.line("entry->name = prog_name;")
      writer.line("entry->prog = prog;")
      writer.line("entry->link = link;")
    }
  }

  private func mapTable(_ writer: inout CWriter) {
    let hasLinks = layout.maps.contains { $0.kind == .structOps }
    writer.blank()
    // libbpf before 1.5 steps by its own, smaller entry, whatever the header was compiled with.
    writer.line("/* Entries end before libbpf 1.5's link: so a newer libbpf.h serves an older libbpf.so as well. */")
    writer.line(
      "s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));")
    if hasLinks {
      writer.directive("#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH")
      writer.line(
        "if (libbpf_major_version() > 1 || (libbpf_major_version() == 1 && libbpf_minor_version() >= 5))")
      writer.line("\ts->map_skel_sz = (int)sizeof(*s->maps);")
      writer.directive("#endif")
    }
    // As an object of the whole type each entry may be written through a pointer to it.
    writer.line("s->maps = (struct bpf_map_skeleton *)calloc(\(layout.maps.count), sizeof(*s->maps));")
    writer.line("if (!s->maps) {")
    writer.line("\tbpf_object__destroy_skeleton(s);")
    writer.line("\treturn -ENOMEM;")
    writer.line("}")
    for map in layout.maps {
      writer.naming(map.identifier) { identifier in
        "\(name)__add_map(s, \(stringLiteral(map.name)), &skel->maps.\(identifier), \(dataPointer(map)));"
      }
      guard map.kind == .structOps else { continue }
      writer.directive("#ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH")
      writer.line("if (s->map_skel_sz == (int)sizeof(*s->maps))")
      writer.naming(map.identifier) { "\ts->maps[s->map_cnt - 1].link = &skel->links.\($0);" }
      writer.directive("#endif")
    }
  }

  private func dataPointer(_ map: ExportedLayout.Map) -> String {
    let section = layout.sections.first { section in
      map.kind == .arena ? section.isArena : section.name == map.name && map.kind != .user
    }
    guard let section else { return "NULL" }
    return "(void **)&skel->\(section.identifier.c)"
  }

  private func programTable(_ writer: inout CWriter) {
    writer.blank()
    writer.line("s->prog_skel_sz = (int)sizeof(*s->progs);")
    writer.line("s->progs = (struct bpf_prog_skeleton *)calloc(\(layout.programs.count), sizeof(*s->progs));")
    writer.line("if (!s->progs) {")
    writer.line("\tbpf_object__destroy_skeleton(s);")
    writer.line("\treturn -ENOMEM;")
    writer.line("}")
    for program in layout.programs {
      writer.naming(program.identifier) { identifier in
        "\(name)__add_prog(s, \(stringLiteral(program.name)), &skel->progs.\(identifier), &skel->links.\(identifier));"
      }
    }
    writer.blank()
  }

  private func open(_ writer: inout CWriter) {
    writer.function("struct \(name) *", "\(name)__open_opts(const struct bpf_object_open_opts *opts)") { writer in
      writer.line("struct \(name) *skel = (struct \(name) *)calloc(1, sizeof(*skel));")
      writer.line("int err = skel ? \(name)__create_skeleton(skel) : -ENOMEM;")
      if !layout.structOps.isEmpty { writer.line("size_t size = 0;") }
      writer.blank()
      writer.line("if (!err)")
      writer.line("\terr = bpf_object__open_skeleton(skel->skeleton, opts);")
      writer.line("if (err) {")
      writer.line("\t\(name)__destroy(skel);")
      writer.line("\terrno = -err;")
      writer.line("\treturn NULL;")
      writer.line("}")
      HeaderBlocks.structOpsPointers(layout, &writer)
      writer.line("return skel;")
    }
    writer.function("struct \(name) *", "\(name)__open(void)") { writer in
      writer.line("return \(name)__open_opts(NULL);")
    }
  }

  private func loadAndAttach(_ writer: inout CWriter) {
    writer.function("int", "\(name)__load(struct \(name) *skel)") { writer in
      writer.line("return bpf_object__load_skeleton(skel->skeleton);")
    }
    writer.function("struct \(name) *", "\(name)__open_and_load(void)") { writer in
      writer.line("struct \(name) *skel = \(name)__open();")
      writer.line("int err = skel ? \(name)__load(skel) : 0;")
      writer.blank()
      writer.line("if (err) {")
      writer.line("\t\(name)__destroy(skel);")
      writer.line("\terrno = -err;")
      writer.line("\treturn NULL;")
      writer.line("}")
      writer.line("return skel;")
    }
    writer.function("int", "\(name)__attach(struct \(name) *skel)") { writer in
      writer.line("return bpf_object__attach_skeleton(skel->skeleton);")
    }
    writer.function("void", "\(name)__detach(struct \(name) *skel)") { writer in
      writer.line("bpf_object__detach_skeleton(skel->skeleton);")
    }
  }

  private func cxxMembers(_ writer: inout CWriter) {
    writer.blank()
    writer.onlyCxx { writer in
      writer.lines(
        "inline struct \(name) *\(name)::open(const struct bpf_object_open_opts *opts) { return \(name)__open_opts(opts); }",
        "inline struct \(name) *\(name)::open_and_load() { return \(name)__open_and_load(); }",
        "inline int \(name)::load(struct \(name) *skel) { return \(name)__load(skel); }",
        "inline int \(name)::attach(struct \(name) *skel) { return \(name)__attach(skel); }",
        "inline void \(name)::detach(struct \(name) *skel) { \(name)__detach(skel); }",
        "inline void \(name)::destroy(struct \(name) *skel) { \(name)__destroy(skel); }",
        "inline const void *\(name)::elf_bytes(size_t *sz) { return \(name)__elf_bytes(sz); }")
    }
  }
}
