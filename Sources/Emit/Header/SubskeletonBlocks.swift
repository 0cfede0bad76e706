internal import BPF
internal import BTF

/// A subskeleton: the struct, and an `__open` that checks the final before it returns a pointer into it.
struct SubskeletonBlocks {
  let layout: ExportedLayout

  private var name: String { layout.name }
  private var sections: [ExportedLayout.DataSection] { layout.sections.filter(\.isTyped) }
  private var hasVariables: Bool { layout.sections.contains { !$0.variables.isEmpty } }

  func write(_ writer: inout CWriter) {
    HeaderBlocks.forwardDeclarations(layout, &writer)
    libbpfFunctions(&writer)
    structure(&writer)
    AssertBlocks(layout: layout, areVariablesPointers: true).write(&writer)
    destroy(&writer)
    if hasVariables { findVariable(&writer) }
    if !layout.maps.isEmpty { addMap(&writer) }
    if !layout.programs.isEmpty { addProgram(&writer) }
    create(&writer)
    open(&writer)
    cxxMembers(&writer)
  }

  /// Declares libbpf functions under names of our own: <bpf/btf.h> would include linux/btf.h, whose types conflict with
  /// those of a user's vmlinux.h, and inside a C++ namespace a second declaration of libbpf's own names would declare
  /// other functions.
  private func libbpfFunctions(_ writer: inout CWriter) {
    writer.lines(
      """
      /* Functions of libbpf; <bpf/btf.h> would bring the kernel's own types with it. */
      const void *\(name)__btf(const struct bpf_object *obj) __asm__("bpf_object__btf");
      int \(name)__btf_find(const void *btf, const char *type_name, unsigned int kind) __asm__("btf__find_by_name_kind");
      int \(name)__btf_resolve(const void *btf, unsigned int type_id) __asm__("btf__resolve_type");
      const unsigned int *\(name)__btf_type(const void *btf, unsigned int type_id) __asm__("btf__type_by_id");
      const char *\(name)__btf_name(const void *btf, unsigned int offset) __asm__("btf__name_by_offset");

      """)
  }

  private func structure(_ writer: inout CWriter) {
    writer.lines(
      """
      struct \(name) {
      	struct bpf_object *obj;
      	struct bpf_object_subskeleton *subskel;
      """)
    writer.indented { writer in
      HeaderBlocks.maps(layout, &writer)
      HeaderBlocks.structOps(layout, &writer)
      HeaderBlocks.programs(layout, &writer)
      for section in sections {
        writer.line("\(section.variables.isEmpty ? "__extension__ " : "")struct \(name)__\(section.identifier.c) {")
        writer.indented { writer in
          for variable in section.variables { pointer(to: variable, &writer) }
        }
        writer.line("} \(section.identifier.c);")
      }
    }
    writer.lines(
      """
      #ifdef __cplusplus
      	static inline struct \(name) *open(const struct bpf_object *src);
      	static inline void destroy(struct \(name) *skel);
      #endif /* __cplusplus */
      };
      """)
  }

  private func pointer(to variable: ExportedLayout.Variable, _ writer: inout CWriter) {
    let declaration = variable.declaration
    guard declaration.needsTypeof, declaration.spellsOutType else {
      return writer.naming(variable.identifier) { HeaderBlocks.member(declaration.pointer(named: $0)) }
    }
    // C++ does not allow a type definition within typeof.
    writer.directive("#ifndef __cplusplus")
    writer.line(HeaderBlocks.member(declaration.pointer(named: variable.identifier.c)))
    writer.directive("#else")
    writer.line(HeaderBlocks.member(declaration.declarator(ofPointer: variable.identifier.cxx)))
    writer.directive("#endif")
  }

  private func destroy(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__destroy(struct \(name) *skel)
      {
      	if (skel && skel->subskel)
      		bpf_object__destroy_subskeleton(skel->subskel);
      	free(skel);
      }
      """)
  }

  /// libbpf's own lookup takes the first variable with the name, even a static one of another file, ignores its size,
  /// and fails if resizing a map discarded its BTF. So the header reads the BTF itself.
  private func findVariable(_ writer: inout CWriter) {
    writer.lines(
      """

      /* Finds the library's variable in the object that it was linked into: 0, -ESRCH when there is none of the name, -EINVAL
       * when it has another size. An array at the end of its section may be larger than the library's: the program can resize
       * such a section with bpf_map__set_value_size(). */
      static inline int \(name)__find_var(const void *btf, struct bpf_map *map, const char *section, const char *var_name,
      		unsigned int size, unsigned int element_size, void **address)
      {
      	/* A BTF type is {name, kind << 24 | count, size or type}, then for a section {variable, offset, size}...,
      	 * for an array {element, index, count}. */
      	int id = \(name)__btf_find(btf, section, 15 /* BTF_KIND_DATASEC */);
      	const unsigned int *sec = id > 0 ? \(name)__btf_type(btf, (unsigned int)id) : NULL;
      	unsigned int i, count = sec ? sec[1] & 0xffff : 0;
      	size_t map_size = 0;
      	char *data = (char *)bpf_map__initial_value(map, &map_size);

      	for (i = 0; i < count; i++) {
      		const unsigned int *info = sec + 3 + 3 * i;
      		const unsigned int *var = \(name)__btf_type(btf, info[0]), *array;

      		if (!var || var[3] == 0 /* BTF_VAR_STATIC */ || strcmp(\(name)__btf_name(btf, var[0]), var_name) != 0)
      			continue;
      		if (info[2] != size) {
      			if (info[2] < size || !element_size || i + 1 != count)
      				return -EINVAL;
      			id = \(name)__btf_resolve(btf, var[2]);
      			array = id > 0 ? \(name)__btf_type(btf, (unsigned int)id) : NULL;
      			if (!array || (array[1] >> 24 & 0x1f) != 3 /* BTF_KIND_ARRAY */ ||
      			    (unsigned long long)array[5] * element_size != info[2])
      				return -EINVAL;
      		}
      		if (!data || (size_t)info[1] + info[2] > map_size)
      			return -EINVAL;
      		*address = data + info[1];
      		return 0;
      	}
      	return -ESRCH;
      }
      """)
  }

  private func addMap(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__add_map(struct bpf_object_subskeleton *s, const char *map_name, struct bpf_map **map)
      {
      	char *next = (char *)s->maps + (size_t)s->map_cnt++ * (size_t)s->map_skel_sz;
      	struct bpf_map_skeleton *entry = (struct bpf_map_skeleton *)(void *)next;

      	entry->name = map_name;
      	entry->map = map;
      }
      """)
  }

  private func addProgram(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__add_prog(struct bpf_object_subskeleton *s, const char *prog_name, struct bpf_program **prog)
      {
      	s->progs[s->prog_cnt].name = prog_name;
      	s->progs[s->prog_cnt++].prog = prog;
      }
      """)
  }

  private func create(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline int \(name)__create_subskeleton(struct \(name) *skel, const struct bpf_object *src)
      {
      	struct bpf_object_subskeleton *s = (struct bpf_object_subskeleton *)calloc(1, sizeof(*s));

      	if (!s)
      		return -ENOMEM;
      	skel->subskel = s;
      	s->sz = sizeof(*s);
      	s->obj = src;
      	s->map_skel_sz = (int)(__builtin_offsetof(struct bpf_map_skeleton, mmaped) + sizeof(s->maps->mmaped));
      	s->prog_skel_sz = (int)sizeof(*s->progs);
      	s->var_skel_sz = (int)sizeof(*s->vars);
      """)
    writer.indented { writer in
      table("maps", "bpf_map_skeleton", layout.maps.count, &writer)
      table("progs", "bpf_prog_skeleton", layout.programs.count, &writer)
      writer.blank()
      for map in layout.maps {
        writer.naming(map.identifier) { "\(name)__add_map(s, \(stringLiteral(map.name)), &skel->maps.\($0));" }
      }
      for program in layout.programs {
        writer.naming(program.identifier) {
          "\(name)__add_prog(s, \(stringLiteral(program.name)), &skel->progs.\($0));"
        }
      }
    }
    writer.lines(
      """
      	return 0;
      }
      """)
  }

  private func map(of section: ExportedLayout.DataSection) -> String {
    layout.maps.first { $0.name == section.name && $0.kind != .user }!.identifier.c
  }

  private func table(_ member: String, _ type: String, _ count: Int, _ writer: inout CWriter) {
    guard count > 0 else { return }
    writer.lines(
      """
      s->\(member) = (struct \(type) *)calloc(\(count), sizeof(*s->\(member)));
      if (!s->\(member))
      	return -ENOMEM;
      """)
  }

  private func open(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline struct \(name) *\(name)__open(const struct bpf_object *src)
      {
      	struct \(name) *skel = (struct \(name) *)calloc(1, sizeof(*skel));
      	int err = skel ? \(name)__create_subskeleton(skel, src) : -ENOMEM;
      """)
    if !layout.structOps.isEmpty { writer.line("\tsize_t size = 0;") }
    // libbpf has no error of its own for an object without BTF: it returns whatever errno is.
    writer.lines(
      """
      	const void *btf;

      	if (!err) {
      		btf = \(name)__btf(src);
      		err = btf ? bpf_object__open_subskeleton(skel->subskel) : -EINVAL;
      	}
      	if (err)
      		goto failed;
      """)
    writer.indented { writer in
      for section in sections {
        for variable in section.variables { find(variable, section, &writer) }
      }
      HeaderBlocks.structOpsPointers(layout, &writer)
    }
    writer.lines(
      """
      	return skel;

      failed:
      	\(name)__destroy(skel);
      	errno = -err;
      	return NULL;
      }
      """)
  }

  private func find(
    _ variable: ExportedLayout.Variable, _ section: ExportedLayout.DataSection, _ writer: inout CWriter
  ) {
    writer.naming(variable.identifier) { identifier in
      """
      err = \(name)__find_var(btf, skel->maps.\(map(of: section)), \(stringLiteral(section.name)), \
      \(stringLiteral(variable.name)), \(variable.sizeBytes), \(variable.elementBytes), \
      (void **)&skel->\(section.identifier.c).\(identifier));
      """
    }
    // A weak extern may be missing; its pointer stays NULL.
    writer.line(variable.isWeak ? "if (err && err != -ESRCH)" : "if (err)")
    writer.line("\tgoto failed;")
  }

  private func cxxMembers(_ writer: inout CWriter) {
    writer.lines(
      """

      #ifdef __cplusplus
      inline struct \(name) *\(name)::open(const struct bpf_object *src) { return \(name)__open(src); }
      inline void \(name)::destroy(struct \(name) *skel) { \(name)__destroy(skel); }
      #endif /* __cplusplus */
      """)
  }
}
