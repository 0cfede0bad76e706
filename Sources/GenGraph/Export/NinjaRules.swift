/// The rules through which Ninja runs us.
package enum NinjaRules {
  /// `ninja/bpfgen.ninja`, which users include who write their steps by hand; a test holds the two together.
  package static let text = """
    # Ninja rules for bpfgen, a process for each step. Include this file and write the steps by hand:
    #
    #   include bpfgen.ninja
    #   bpf_flags = $bpf_flags -Iinclude
    #
    #   build vmlinux.h: bpfgen_vmlinux_h
    #   build main.bpf.o: bpfgen_compile main.bpf.c || vmlinux.h
    #   build net.bpf.o: bpfgen_compile net.bpf.c || vmlinux.h
    #   build app.bpf.o: bpfgen_link main.bpf.o net.bpf.o
    #     bpfgen_options = --check net.bpf.o
    #   build app.skel.h | app.skel.o: bpfgen_skeleton_payload app.bpf.o
    #     bpfgen_payload = app.skel.o
    #     bpfgen_options = --name app --strip
    #   build net.subskel.h: bpfgen_subskeleton net.bpf.o
    #     bpfgen_options = --name net
    #
    # or have `bpfgen emit ninja` write the steps of a graph file: its text has these very rules, and this file is not
    # needed; or let one step build all of a graph file. Its output is a stamp, its headers and payloads are implicit outputs,
    # and those of its objects that Ninja makes are implicit inputs:
    #
    #   build gen/stamp | gen/app.skel.h gen/app.skel.o: bpfgen_graph bpfgen.json | main.bpf.o net.bpf.o
    #
    # The variables of a step:
    #   bpfgen_options   more of `bpfgen skeleton --help`, of link's, of build's; what --like names is an implicit input of the
    #                    step, and what --check names too unless it is an input
    #   bpfgen_payload   the path of the payload, quoted for the shell; it is an implicit output of the step
    # The variables of all steps, each of which a step can have for itself:
    #   bpfgen           the program; set it after this file is included
    #   bpf_clang        the compiler of BPF programs, bpf_flags what it is told
    #   bpfgen_pool      the pool that the steps run in, if they shall have one; set it before the steps
    #
    # What would not change is left alone (restat), and so is everything that reads it. The depfiles name the inputs and the
    # program itself: another bpfgen runs each step but compile anew. A first output that somebody edited is made again: Ninja
    # has noted its time with the depfile. Of all other outputs it knows only whether they are there, and so the graph's
    # depfile names them as inputs too, by another spelling, under which Ninja looks at their times.

    ninja_required_version = 1.10
    bpfgen = bpfgen
    bpf_clang = clang
    bpf_flags = -g -O2 -target bpf

    rule bpfgen_compile
      command = $bpfgen compile -o $out --depfile $out.d -- $bpf_clang $bpf_flags -c $in
      description = bpfgen compile $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    rule bpfgen_link
      command = $bpfgen link $bpfgen_options -o $out --depfile $out.d -- $in
      description = bpfgen link $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The header holds the object's bytes.
    rule bpfgen_skeleton
      command = $bpfgen skeleton $bpfgen_options -o $out --depfile $out.d -- $in
      description = bpfgen skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The header holds the layout alone, the payload the bytes.
    rule bpfgen_skeleton_payload
      command = $bpfgen skeleton $bpfgen_options --payload $bpfgen_payload -o $out --depfile $out.d -- $in
      description = bpfgen skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The same for headers that load their object without libbpf.
    rule bpfgen_light_skeleton
      command = $bpfgen light-skeleton $bpfgen_options -o $out --depfile $out.d -- $in
      description = bpfgen light-skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    rule bpfgen_light_skeleton_payload
      command = $bpfgen light-skeleton $bpfgen_options --payload $bpfgen_payload -o $out --depfile $out.d -- $in
      description = bpfgen light-skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    rule bpfgen_subskeleton
      command = $bpfgen subskeleton $bpfgen_options -o $out --depfile $out.d -- $in
      description = bpfgen subskeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The input is a BTF file, or nothing for the running kernel's.
    rule bpfgen_vmlinux_h
      command = $bpfgen vmlinux-h -o $out --depfile $out.d -- $in
      description = bpfgen vmlinux-h $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The inputs are objects, the output the part of a kernel's BTF that their CO-RE relocations need. bpfgen_options has
    # `--btf FILE`, and the file is an implicit input.
    rule bpfgen_min_core_btf
      command = $bpfgen min-core-btf $bpfgen_options -o $out --depfile $out.d -- $in
      description = bpfgen min-core-btf $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The input is a graph file. The output is touched when all that the graph makes is up to date.
    rule bpfgen_graph
      command = $bpfgen build $bpfgen_options -f $in --stamp $out --depfile $out.d --watch-outputs
      description = bpfgen build $in
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The input is a graph file, the output its steps; the files that it includes are implicit inputs.
    rule bpfgen_emit
      command = $bpfgen emit ninja -f $in -o $out --depfile $out.d
      description = bpfgen emit $out
      depfile = $out.d
      deps = gcc
      generator = 1
      restat = 1

    """
}
