internal import BPF
internal import BTF

/// A skeleton: the struct, the functions that open, load, attach and destroy it, and the bytes or their symbols.
struct SkeletonBlocks {
  let layout: ExportedLayout
  /// The payload's symbols, if the header has one.
  let symbols: PayloadSymbols?
  /// The object's bytes, if the header is self-contained.
  let embedded: [UInt8]?

  private var name: String { layout.name }

  func write(_ writer: inout CWriter) {
    autoAttachMarker(&writer)
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

  /// User code checks for this macro before it relies on links of struct_ops maps.
  private func autoAttachMarker(_ writer: inout CWriter) {
    writer.lines(
      """
      #if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
      #define BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH 1
      #endif

      """)
  }

  private func structure(_ writer: inout CWriter) {
    writer.lines(
      """
      struct \(name) {
      	struct bpf_object_skeleton *skeleton;
      	struct bpf_object *obj;
      """)
    writer.indented { writer in
      HeaderBlocks.maps(layout, &writer)
      HeaderBlocks.structOps(layout, &writer)
      HeaderBlocks.programs(layout, &writer)
      links(&writer)
      for section in layout.sections { HeaderBlocks.dataSection(section, of: name, &writer) }
    }
    writer.lines(
      """
      #ifdef __cplusplus
      	static inline struct \(name) *open(const struct bpf_object_open_opts *opts = nullptr);
      	static inline struct \(name) *open_and_load();
      	static inline int load(struct \(name) *skel);
      	static inline int attach(struct \(name) *skel);
      	static inline void detach(struct \(name) *skel);
      	static inline void destroy(struct \(name) *skel);
      	static inline const void *elf_bytes(size_t *sz);
      #endif /* __cplusplus */
      };
      """)
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
    writer.lines(
      """

      static inline const void *\(name)__elf_bytes(size_t *sz)
      {
      """)
    if let embedded {
      writer.indented { HeaderBlocks.embedded(embedded, &$0) }
      writer.lines(
        """

        	*sz = sizeof(data) - 1;
        	return data;
        }
        """)
    } else {
      writer.lines(
        """
        	*sz = (size_t)\(name)__payload_size;
        	return \(name)__payload;
        }
        """)
    }
  }

  private func destroy(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__destroy(struct \(name) *skel)
      {
      	if (skel && skel->skeleton)
      		bpf_object__destroy_skeleton(skel->skeleton);
      	free(skel);
      }
      """)
  }

  private func create(_ writer: inout CWriter) {
    if !layout.maps.isEmpty { addMap(&writer) }
    if !layout.programs.isEmpty { addProgram(&writer) }
    writer.lines(
      """

      static inline int \(name)__create_skeleton(struct \(name) *skel)
      {
      	struct bpf_object_skeleton *s = (struct bpf_object_skeleton *)calloc(1, sizeof(*s));

      	if (!s)
      		return -ENOMEM;
      	s->sz = sizeof(*s);
      	s->name = "\(name)";
      	s->obj = &skel->obj;
      	s->data = \(name)__elf_bytes(&s->data_sz);
      """)
    writer.indented { writer in
      if !layout.maps.isEmpty { mapTable(&writer) }
      if !layout.programs.isEmpty { programTable(&writer) }
    }
    writer.lines(
      """
      	skel->skeleton = s;
      	return 0;
      }
      """)
  }

  private func addMap(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__add_map(struct bpf_object_skeleton *s, const char *map_name,
      		struct bpf_map **map, void **data)
      {
      	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
      	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

      	entry->name = map_name;
      	entry->map = map;
      	entry->mmaped = data;
      }
      """)
  }

  private func addProgram(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__add_prog(struct bpf_object_skeleton *s, const char *prog_name,
      		struct bpf_program **prog, struct bpf_link **link)
      {
      	struct bpf_prog_skeleton *entry = &s->progs[s->prog_cnt++];

      	entry->name = prog_name;
      	entry->prog = prog;
      	entry->link = link;
      }
      """)
  }

  private func mapTable(_ writer: inout CWriter) {
    let hasLinks = layout.maps.contains { $0.kind == .structOps }
    // libbpf before 1.5 uses its own, smaller entry size, whatever the header was compiled with.
    writer.lines(
      """

      /* Entries end before libbpf 1.5's link: so a newer libbpf.h serves an older libbpf.so as well. */
      s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
      """)
    if hasLinks {
      writer.lines(
        """
        #ifdef BPF_SKEL_SUPPORTS_MAP_AUTO_ATTACH
        if (libbpf_major_version() > 1 || (libbpf_major_version() == 1 && libbpf_minor_version() >= 5))
        	s->map_skel_sz = (int)sizeof(*s->maps);
        #endif
        """)
    }
    // An object of the whole type, so that each entry may be written through a pointer.
    writer.lines(
      """
      s->maps = (struct bpf_map_skeleton *)calloc(\(layout.maps.count), sizeof(*s->maps));
      if (!s->maps) {
      	bpf_object__destroy_skeleton(s);
      	return -ENOMEM;
      }
      """)
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
    writer.lines(
      """

      s->prog_skel_sz = (int)sizeof(*s->progs);
      s->progs = (struct bpf_prog_skeleton *)calloc(\(layout.programs.count), sizeof(*s->progs));
      if (!s->progs) {
      	bpf_object__destroy_skeleton(s);
      	return -ENOMEM;
      }
      """)
    for program in layout.programs {
      writer.naming(program.identifier) { identifier in
        "\(name)__add_prog(s, \(stringLiteral(program.name)), &skel->progs.\(identifier), &skel->links.\(identifier));"
      }
    }
    writer.blank()
  }

  private func open(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline struct \(name) *\(name)__open_opts(const struct bpf_object_open_opts *opts)
      {
      	struct \(name) *skel = (struct \(name) *)calloc(1, sizeof(*skel));
      	int err = skel ? \(name)__create_skeleton(skel) : -ENOMEM;
      """)
    if !layout.structOps.isEmpty { writer.line("\tsize_t size = 0;") }
    writer.lines(
      """

      	if (!err)
      		err = bpf_object__open_skeleton(skel->skeleton, opts);
      	if (err) {
      		\(name)__destroy(skel);
      		errno = -err;
      		return NULL;
      	}
      """)
    writer.indented { HeaderBlocks.structOpsPointers(layout, &$0) }
    writer.lines(
      """
      	return skel;
      }

      static inline struct \(name) *\(name)__open(void)
      {
      	return \(name)__open_opts(NULL);
      }
      """)
  }

  private func loadAndAttach(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline int \(name)__load(struct \(name) *skel)
      {
      	return bpf_object__load_skeleton(skel->skeleton);
      }

      static inline struct \(name) *\(name)__open_and_load(void)
      {
      	struct \(name) *skel = \(name)__open();
      	int err = skel ? \(name)__load(skel) : 0;

      	if (err) {
      		\(name)__destroy(skel);
      		errno = -err;
      		return NULL;
      	}
      	return skel;
      }

      static inline int \(name)__attach(struct \(name) *skel)
      {
      	return bpf_object__attach_skeleton(skel->skeleton);
      }

      static inline void \(name)__detach(struct \(name) *skel)
      {
      	bpf_object__detach_skeleton(skel->skeleton);
      }
      """)
  }

  private func cxxMembers(_ writer: inout CWriter) {
    writer.lines(
      """

      #ifdef __cplusplus
      inline struct \(name) *\(name)::open(const struct bpf_object_open_opts *opts) { return \(name)__open_opts(opts); }
      inline struct \(name) *\(name)::open_and_load() { return \(name)__open_and_load(); }
      inline int \(name)::load(struct \(name) *skel) { return \(name)__load(skel); }
      inline int \(name)::attach(struct \(name) *skel) { return \(name)__attach(skel); }
      inline void \(name)::detach(struct \(name) *skel) { \(name)__detach(skel); }
      inline void \(name)::destroy(struct \(name) *skel) { \(name)__destroy(skel); }
      inline const void *\(name)::elf_bytes(size_t *sz) { return \(name)__elf_bytes(sz); }
      #endif /* __cplusplus */
      """)
  }
}
