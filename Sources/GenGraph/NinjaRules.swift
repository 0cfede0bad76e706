/// The rules through which Ninja runs us.
public enum NinjaRules {
  /// `ninja/bpfgen.ninja`, which users include who write their steps by hand; a test holds the two together.
  public static let text = """
    # Ninja rules for bpfgen, a process for each step. Include this file and write the steps by hand:
    #
    #   include bpfgen.ninja
    #
    #   build gen/app.bpf.o: bpfgen_link build/main.bpf.o build/net.bpf.o
    #   build gen/app.skel.h | gen/app.skel.o: bpfgen_skeleton_payload gen/app.bpf.o
    #     payload = gen/app.skel.o
    #     options = --name app --strip
    #   build gen/net.subskel.h: bpfgen_subskeleton build/net.bpf.o
    #     options = --name net
    #
    # or have `bpfgen emit ninja` write them from a graph file: its text has these very rules, and this file is not needed.
    #
    # The variables of a step:
    #   options   more of `bpfgen skeleton --help`; what --like names is an implicit input of the step
    #   payload   the path of the payload, quoted for the shell; it is an implicit output of the step
    # The variables of all steps:
    #   bpfgen       the program; set it after this file is included
    #   bpfgen_pool  the pool that the steps run in, if they shall have one; set it before the steps
    #
    # A header that would not change is left alone (restat), and so is everything that includes it. The depfiles name the
    # inputs and the program itself: another bpfgen runs each step anew.

    ninja_required_version = 1.10
    bpfgen = bpfgen

    rule bpfgen_link
      command = $bpfgen link -o $out --depfile $out.d -- $in
      description = bpfgen link $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The header holds the object's bytes.
    rule bpfgen_skeleton
      command = $bpfgen skeleton $options -o $out --depfile $out.d -- $in
      description = bpfgen skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The header holds the layout alone, the payload the bytes.
    rule bpfgen_skeleton_payload
      command = $bpfgen skeleton $options --payload $payload -o $out --depfile $out.d -- $in
      description = bpfgen skeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    rule bpfgen_subskeleton
      command = $bpfgen subskeleton $options -o $out --depfile $out.d -- $in
      description = bpfgen subskeleton $out
      depfile = $out.d
      deps = gcc
      restat = 1
      pool = $bpfgen_pool

    # The input is a graph file, the output says when its libraries and finals last agreed; the objects are implicit inputs.
    rule bpfgen_check
      command = $bpfgen check -f $in > /dev/null && touch -- $out
      description = bpfgen check $in
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
