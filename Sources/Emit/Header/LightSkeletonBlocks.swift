internal import BPF
internal import BTF

/// A light skeleton: the struct that its loader fills in, and the functions that run the loader and attach the
/// programs.
///
/// It does not link libbpf: <bpf/skel_internal.h> has the system calls.
struct LightSkeletonBlocks {
  let layout: ExportedLayout
  /// The payload's symbols, if the header has one.
  let symbols: PayloadSymbols?
  /// The bytes of `LightPayload`, if the header is self-contained.
  let embedded: [UInt8]?

  private var name: String { layout.name }
  private var loader: ExportedLayout.Loader { layout.loader! }

  private typealias Program = (program: ExportedLayout.Program, use: ExportedLayout.Loader.Program)
  private var programs: [Program] { Array(zip(layout.programs, loader.programs)) }
  private var attachable: [ExportedLayout.Program] { programs.filter { $0.use.attachment != .manual }.map(\.program) }

  /// A mapped data section, with its part of the payload.
  private struct Section {
    let identifier: CIdentifier
    let isReadOnly: Bool
    let part: Int
  }

  private var sections: [Section] {
    zip(layout.sections, loader.sections).enumerated().compactMap { index, section in
      guard section.1.isMapped else { return nil }
      // After the loader's data and instructions.
      return Section(identifier: section.0.identifier, isReadOnly: section.1.isReadOnly, part: index + 2)
    }
  }

  /// Kernel modules include these headers too, and have no C library headers.
  static func includes(_ layout: ExportedLayout, _ writer: inout CWriter) {
    writer.lines(
      """
      #ifndef __KERNEL__
      #include <errno.h>
      #include <stddef.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      #endif
      #include <bpf/skel_internal.h>
      """)
    // It declares the type of a tristate CONFIG_... option.
    if layout.neededTypes.contains(where: { $0.name == "libbpf_tristate" }) {
      writer.directive("#include <bpf/libbpf.h>")
    }
  }

  func write(_ writer: inout CWriter) {
    HeaderBlocks.forwardDeclarations(layout, &writer)
    if let symbols { HeaderBlocks.payloadSymbols(layout, symbols, &writer) }
    structure(&writer)
    AssertBlocks(layout: layout, areVariablesPointers: false, isLight: true).write(&writer)
    part(&writer)
    if !sections.isEmpty { pages(&writer) }
    for program in programs { attach(program, &writer) }
    attachAll(&writer)
    detach(&writer)
    destroy(&writer)
    open(&writer)
    load(&writer)
    openAndLoad(&writer)
  }

  private func structure(_ writer: inout CWriter) {
    writer.line("struct \(name) {")
    writer.indented { writer in
      writer.line("struct bpf_loader_ctx ctx;")
      HeaderBlocks.maps(layout, &writer, declaration: "struct bpf_map_desc ")
      HeaderBlocks.programs(layout, &writer, declaration: "struct bpf_prog_desc ")
      if !layout.programs.isEmpty {
        writer.block("struct {", "} links;") { writer in
          for program in layout.programs { writer.line("int \(link(program));") }
        }
      }
      for section in layout.sections { HeaderBlocks.dataSection(section, of: name, &writer) }
    }
    writer.line("};")
  }

  private func link(_ program: ExportedLayout.Program) -> String { program.identifier.c + "_fd" }

  private func part(_ writer: inout CWriter) {
    writer.lines(
      """

      /* 0 is the loader's data, 1 its instructions, each further part what a data section holds at first. */
      static inline const void *\(name)__payload_part(size_t part, size_t *size)
      {
      """)
    if let embedded {
      writer.indented { HeaderBlocks.embedded(embedded, &$0) }
    } else {
      writer.line("\tconst unsigned char *data = \(name)__payload;")
    }
    writer.lines(
      """
      	const unsigned long long *place = (const unsigned long long *)(const void *)data + 2 * part;

      	*size = (size_t)place[1];
      	return data + (size_t)place[0];
      }
      """)
  }

  private func pages(_ writer: inout CWriter) {
    writer.lines(
      """

      /* The size of a mapping on the machine that runs this. The kernel's own modules map nothing. */
      static inline size_t \(name)__whole_pages(size_t size)
      {
      #ifdef __KERNEL__
      	return size;
      #else
      	size_t page = (size_t)sysconf(_SC_PAGESIZE);

      	return (size + page - 1) / page * page;
      #endif
      }
      """)
  }

  private func attach(_ entry: Program, _ writer: inout CWriter) {
    let (program, use) = entry
    writer.lines(
      """

      static inline int \(name)__\(program.identifier.c)__attach(struct \(name) *skel)
      {
      """)
    func attach(_ call: (String) -> String) {
      writer.naming(program.identifier) { "\tint fd = \(call("skel->progs.\($0).prog_fd"));" }
      writer.lines(
        """

        	if (fd > 0)
        		skel->links.\(link(program)) = fd;
        	return fd;
        }
        """)
    }
    switch use.attachment {
    case .rawTracepoint(let tracepoint):
      attach { "skel_raw_tracepoint_open(\(stringLiteral(tracepoint)), \($0))" }
    case .tracing: attach { "skel_raw_tracepoint_open(NULL, \($0))" }
    case .iterator: attach { "skel_link_create(\($0), 0, BPF_TRACE_ITER)" }
    case .manual:
      writer.lines(
        """
        	(void)skel; /* Its kind of program is attached by hand. */
        	return 0;
        }
        """)
    }
  }

  private func attachAll(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline int \(name)__attach(struct \(name) *skel)
      {
      """)
    guard !attachable.isEmpty else {
      return writer.lines(
        """
        	(void)skel;
        	return 0;
        }
        """)
    }
    writer.lines("\tint err = 0;\n")
    for program in attachable {
      writer.naming(program.identifier) { "\tif (err >= 0 && skel->progs.\($0).prog_fd > 0)" }
      writer.line("\t\terr = \(name)__\(program.identifier.c)__attach(skel);")
    }
    writer.lines(
      """
      	return err < 0 ? err : 0;
      }
      """)
  }

  private func detach(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__detach(struct \(name) *skel)
      {
      """)
    guard !layout.programs.isEmpty else {
      return writer.lines(
        """
        	(void)skel;
        }
        """)
    }
    for program in layout.programs { writer.line("\tskel_closenz(skel->links.\(link(program)));") }
    // Closed only once: by a second call the numbers may belong to other files.
    writer.lines(
      """
      	memset(&skel->links, 0, sizeof(skel->links));
      }
      """)
  }

  private func destroy(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline void \(name)__destroy(struct \(name) *skel)
      {
      """)
    if !sections.isEmpty { writer.lines("\tsize_t size = 0;\n") }
    writer.lines(
      """
      	if (!skel)
      		return;
      	\(name)__detach(skel);
      """)
    for program in layout.programs {
      writer.naming(program.identifier) { "\tskel_closenz(skel->progs.\($0).prog_fd);" }
    }
    for section in sections {
      let member = section.identifier.c
      writer.lines(
        """
        	if (skel->\(member)) {
        		\(name)__payload_part(\(section.part), &size);
        		skel_free_map_data(skel->\(member), skel->maps.\(member).initial_value, \(name)__whole_pages(size));
        	}
        """)
    }
    for map in layout.maps { writer.naming(map.identifier) { "\tskel_closenz(skel->maps.\($0).map_fd);" } }
    writer.lines(
      """
      	skel_free(skel);
      }
      """)
  }

  private func open(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline struct \(name) *\(name)__open(void)
      {
      	struct \(name) *skel = (struct \(name) *)skel_alloc(sizeof(*skel));
      """)
    if !sections.isEmpty {
      writer.lines(
        """
        	const void *initial;
        	size_t size = 0;
        """)
    }
    // The loader sees the struct up to here.
    let last = !layout.programs.isEmpty ? "progs" : !layout.maps.isEmpty ? "maps" : "ctx"
    writer.lines(
      """

      	if (!skel)
      		return NULL;
      	skel->ctx.sz = (__u32)(__builtin_offsetof(struct \(name), \(last)) + sizeof(skel->\(last)));
      """)
    for section in sections {
      let member = section.identifier.c
      writer.lines(
        """

        	initial = \(name)__payload_part(\(section.part), &size);
        	skel->\(member) = (__typeof__(skel->\(member)))
        		skel_prep_map_data(initial, \(name)__whole_pages(size), size);
        	if (!skel->\(member)) {
        		\(name)__destroy(skel);
        		return NULL;
        	}
        	skel->maps.\(member).initial_value = (__u64)(unsigned long)skel->\(member);
        """)
    }
    writer.lines(
      """
      	return skel;
      }
      """)
  }

  private func load(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline int \(name)__load(struct \(name) *skel)
      {
      	struct bpf_load_and_run_opts opts;
      	size_t size = 0;
      """)
    if !sections.isEmpty { writer.line("\tvoid *mapped;") }
    writer.lines(
      """
      	int err;

      	memset(&opts, 0, sizeof(opts));
      	opts.ctx = (struct bpf_loader_ctx *)skel;
      	opts.data = \(name)__payload_part(0, &size);
      	opts.data_sz = (__u32)size;
      	opts.insns = \(name)__payload_part(1, &size);
      	opts.insns_sz = (__u32)size;
      	err = bpf_load_and_run(&opts);
      	if (err < 0)
      		return err;
      """)
    writer.indented { writer in
      moveDescriptors(&writer)
      for section in sections { map(section, &writer) }
    }
    writer.lines(
      """
      	return 0;
      }
      """)
  }

  /// The loader fills `progs` from the front with the programs that it loads. If one is not loaded, the descriptors
  /// after it are at the wrong index. They are moved from last to first, so that none is overwritten before it is
  /// moved.
  private func moveDescriptors(_ writer: inout CWriter) {
    guard loader.programs.contains(where: { !$0.isLoaded }) else { return }
    let loaded = programs.filter(\.use.isLoaded).map(\.program)
    var slot = loaded.count
    for (index, entry) in programs.enumerated().reversed() {
      var source: CIdentifier?
      if entry.use.isLoaded {
        slot -= 1
        guard slot != index else { continue }
        source = layout.programs[slot].identifier
      }
      move(from: source, to: entry.program.identifier, &writer)
    }
  }

  private func move(from source: CIdentifier?, to target: CIdentifier, _ writer: inout CWriter) {
    writer.line(differs: target.differs || source?.differs == true) { name in
      "skel->progs.\(name(target)).prog_fd = \(source.map { "skel->progs.\(name($0)).prog_fd" } ?? "0");"
    }
  }

  private func map(_ section: Section, _ writer: inout CWriter) {
    let member = section.identifier.c
    let protection = section.isReadOnly ? "PROT_READ" : "PROT_READ | PROT_WRITE"
    writer.lines(
      """

      \(name)__payload_part(\(section.part), &size);
      mapped = skel_finalize_map_data(&skel->maps.\(member).initial_value, \(name)__whole_pages(size),
      	\(protection), skel->maps.\(member).map_fd);
      if (!mapped)
      	return -ENOMEM;
      skel->\(member) = (__typeof__(skel->\(member)))mapped;
      """)
  }

  private func openAndLoad(_ writer: inout CWriter) {
    writer.lines(
      """

      static inline struct \(name) *\(name)__open_and_load(void)
      {
      	struct \(name) *skel = \(name)__open();

      	if (skel && \(name)__load(skel) != 0) {
      		\(name)__destroy(skel);
      		return NULL;
      	}
      	return skel;
      }
      """)
  }
}
