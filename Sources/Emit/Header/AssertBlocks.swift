internal import BPF
internal import BTF

/// The compile-time checks of a header: that the compiler computes the same sizes and offsets as the generator.
struct AssertBlocks {
  let layout: ExportedLayout
  /// In a subskeleton variables are pointers, and only their sizes can be checked.
  let areVariablesPointers: Bool
  /// Whether this is a light skeleton, whose first members a loader fills in.
  var isLight = false

  private var assert: String { "\(layout.name)__ASSERT" }
  private var variable: String { "\(layout.name)__ASSERT_VARIABLE" }
  private var member: String { "\(layout.name)__ASSERT_MEMBER" }

  func write(_ writer: inout CWriter) {
    let sections = layout.sections.filter { !$0.variables.isEmpty }
    guard !sections.isEmpty || !layout.userTypes.isEmpty || isLight else { return }
    writer.lines(
      """

      /* The layout that the object has, checked by the compiler. */
      #ifdef __cplusplus
      #define \(assert)(condition, message) static_assert(condition, message)
      #else
      #define \(assert)(condition, message) __extension__ _Static_assert(condition, message)
      #endif
      """)
    if isLight { writeLoaderContext(&writer) }
    if !sections.isEmpty { writeVariables(sections, &writer) }
    writeAlignments(&writer)
    if !layout.userTypes.isEmpty { writeUserTypes(&writer) }
    writer.directive("#undef \(assert)")
  }

  /// The loader's instructions contain these offsets.
  ///
  /// Source: libbpf, gen_loader.c, which takes them from the structs in skel_internal.h.
  private func writeLoaderContext(_ writer: inout CWriter) {
    let (context, map, program) = (24, 16, 4)
    var end = context
    func check(_ isWanted: Bool, _ condition: String, _ what: String) {
      if isWanted { writer.line("\(assert)(\(condition), \"\(what) is not what the loader was made for\");") }
    }
    let (hasMaps, hasPrograms) = (!layout.maps.isEmpty, !layout.programs.isEmpty)
    check(true, "sizeof(struct bpf_loader_ctx) == \(context)", "size of 'struct bpf_loader_ctx'")
    check(hasMaps, "sizeof(struct bpf_map_desc) == \(map)", "size of 'struct bpf_map_desc'")
    check(hasPrograms, "sizeof(struct bpf_prog_desc) == \(program)", "size of 'struct bpf_prog_desc'")
    check(hasMaps, "__builtin_offsetof(struct \(layout.name), maps) == \(end)", "offset of 'maps'")
    end += layout.maps.count * map
    check(hasPrograms, "__builtin_offsetof(struct \(layout.name), progs) == \(end)", "offset of 'progs'")
  }

  private func writeVariables(_ sections: [ExportedLayout.DataSection], _ writer: inout CWriter) {
    if areVariablesPointers {
      writer.lines(
        """
        #define \(variable)(section, name, size) \\
        	\(assert)(sizeof(*((struct \(layout.name) *)0)->section.name) == (size), \\
        		"size of '" #name "' in '" #section "' is not " #size)
        """)
    } else {
      writer.lines(
        """
        #define \(variable)(section, name, offset, size) \\
        	\(assert)(__builtin_offsetof(__typeof__(*((struct \(layout.name) *)0)->section), name) == (offset), \\
        		"offset of '" #name "' in '" #section "' is not " #offset); \\
        	\(assert)(sizeof(((struct \(layout.name) *)0)->section->name) == (size), \\
        		"size of '" #name "' in '" #section "' is not " #size)
        """)
    }
    for section in sections {
      for variable in section.variables {
        let numbers =
          areVariablesPointers ? "\(variable.sizeBytes)" : "\(variable.offsetBytes), \(variable.sizeBytes)"
        // A section's own name is never a keyword; a variable's may be a C++ keyword.
        writer.naming(variable.identifier) { "\(self.variable)(\(section.identifier.c), \($0), \(numbers));" }
      }
    }
    writer.directive("#undef \(variable)")
  }

  /// BTF does not contain the alignment of the user's types, which affects the anonymous types around them.
  private func writeAlignments(_ writer: inout CWriter) {
    for type in layout.neededTypes where !HeaderBlocks.providedByLibBPF.contains(type.name) {
      guard let bytes = type.largestAlignment else { continue }
      writer.line(
        "\(assert)(__alignof__(\(type.spelling)) <= \(bytes), \"alignment of '\(type.spelling)' is more than \(bytes)\");"
      )
    }
  }

  private func writeUserTypes(_ writer: inout CWriter) {
    writer.lines(
      """
      #define \(member)(type, member, offset, size) \\
      	\(assert)(__builtin_offsetof(type, member) == (offset), \\
      		"offset of '" #member "' in '" #type "' is not " #offset); \\
      	\(assert)(sizeof(((type *)0)->member) == (size), \\
      		"size of '" #member "' in '" #type "' is not " #size)
      """)
    for type in layout.userTypes {
      writer.line(
        "\(assert)(sizeof(\(type.spelling)) == \(type.sizeBytes), \"size of '\(type.spelling)' is not \(type.sizeBytes)\");"
      )
      for member in type.members {
        writer.line("\(self.member)(\(type.spelling), \(member.name), \(member.offsetBytes), \(member.sizeBytes));")
      }
    }
    writer.directive("#undef \(member)")
  }
}
