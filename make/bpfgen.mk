# Rules for GNU make 4.2 or newer: BPF objects, finals, libraries, and their headers. Include this file:
#
#   BPF_OUT = build
#   include bpfgen.mk
#
#   build/app.o: app.c build/app.skel.h
#   app: build/app.o build/app.skel.o
#
# Files with these names have rules, below BPF_OUT:
#
#   X.bpf.o      from X.bpf.c
#   X.skel.h     from X.bpf.o: the header that describes the layout, and with it
#   X.skel.o     the payload, which contains the bytes and is linked into the program once
#   X.subskel.h  from X.bpf.o
#   X.lskel.h    from X.bpf.o: the header that loads without libbpf, and with it its payload, X.lskel.o
#
# For other names, use a call, on a line of its own:
#
#   $(call bpf_compile,OBJECT,SOURCE)
#   $(call bpf_link,OBJECT,OBJECTS[,LIBRARIES])      a final or a library; LIBRARIES are linked in too, and checked
#   $(call bpf_skeleton,HEADER,OBJECT[,PAYLOAD])     without PAYLOAD the header contains the bytes
#   $(call bpf_subskeleton,HEADER,OBJECT)
#   $(call bpf_light_skeleton,HEADER,OBJECT[,PAYLOAD])
#   $(call bpf_min_core_btf,OUTPUT,OBJECTS,BTF)      the part of a kernel's BTF that the objects need
#   $(call bpf_check_kernels,CHECK,OBJECTS,KERNELS[,BASELINE])  which kernels can load the objects: a failure is an error.
#                                                    CHECK is an empty file, KERNELS are files and folders
#   $(call bpf_graph,GRAPH,OUTPUTS[,INPUTS])         one `bpfgen build`, which shares make's jobs; INPUTS are those of
#                                                    its objects that make makes
#   $(call bpf_vmlinux_h,HEADER[,BTF])               BTF: the running kernel's by default
#
# Variables. All can also be set for one target (`build/app.skel.h: BPFGEN_SKELETON_FLAGS = --name app`), except the
# first two, which must be set before this file is included:
#
#   BPF_OUT                  the output folder; by default the folders of the sources
#   BPF_SOURCES              the sources; by default all *.bpf.c here, in folders and in their folders
#   BPFGEN, CLANG            the programs; CLANG may be gcc, and have a launcher: bpf-gcc, ccache clang
#   BPF_CFLAGS               options of the compiler
#   BPF_ARCH                 the machine whose kernel loads the programs, such as x86 or arm64; by default CC's target
#   BPF_SYSTEM_CFLAGS        -D__TARGET_ARCH_$(BPF_ARCH), and the folders of CC's system headers
#   BPFGEN_SKELETON_FLAGS    more options of `bpfgen skeleton`; also BPFGEN_SUBSKELETON_FLAGS, BPFGEN_LIGHT_SKELETON_FLAGS,
#                            BPFGEN_LINK_FLAGS, BPFGEN_CHECK_FLAGS and BPFGEN_BUILD_FLAGS
#   BPFGEN_SCOPE             keeps two skeletons of one name and layout apart in one program; by default the header's
#                            path below BPF_OUT
#   BPFGEN_LIKE              an object: payloads are for its machine, and declare its branch protection; by default the crti.o
#                            that CC links into every program
#   BPFGEN_SELF_CONTAINED    not empty: X.skel.h and X.lskel.h contain the bytes, and there is no payload
#   V                        1: print the commands instead of one line per step
#
# In all of them $(BPF_NAME) is the output's name up to its first dot: BPFGEN_SKELETON_FLAGS = --name $(BPF_NAME)
#
# To make something before the first BPF program is compiled, write `bpf_headers: build/version.h`. A rule of your own
# for %.bpf.o, %.skel.h, %.subskel.h or %.lskel.h replaces the one here if it comes first.
#
# make has no restat: a rule whose command does not change its target would run in every build. So each command touches
# a stamp, X.stamp, and its outputs depend on the stamp with empty recipes, after which make checks their times. The
# stamp's depfile, X.stamp.d, lists the files that were read, the program, and the outputs under a different spelling,
# so that a removed or edited output is made again. Output names must not contain spaces.

BPF_OUT ?= .
BPF_SOURCES ?= $(wildcard *.bpf.c */*.bpf.c */*/*.bpf.c)
BPFGEN ?= bpfgen
CLANG ?= clang
# Recognized by its name, which may follow a launcher's.
bpfgen-is-gcc = $(findstring gcc,$(notdir $(CLANG)))
BPF_CFLAGS ?= $(if $(bpfgen-is-gcc),-gbtf -mco-re -O2,-g -O2)
# CC with the options that select its target. In a cross build, CC or these options in CFLAGS name another machine.
bpfgen-cc = $(CC) $(filter -m% --target=% --sysroot=%,$(CFLAGS))
# The BPF target has no system folders of its own; <linux/types.h> needs <asm/types.h> of CC's target, and
# <bpf/bpf_tracing.h> needs the name of the machine. In a cross build clang reads none of this machine's headers. All
# are evaluated once, when needed.
BPF_SYSTEM_CFLAGS ?= -D__TARGET_ARCH_$(BPF_ARCH) $(bpfgen-folders)
BPF_ARCH ?= $(bpfgen-machine)
bpfgen-machine = $(eval bpfgen-machine := $(shell { $(bpfgen-cc) -dumpmachine || uname -m; } 2>&- | sed 's/-.*//;s/x86_64/x86/;\
  s/i.86/x86/;s/aarch64/arm64/;s/armv.*/arm/;s/riscv64/riscv/;s/s390x/s390/;s/ppc.*/powerpc/;s/powerpc.*/powerpc/;\
  s/loongarch64/loongarch/;s/mips.*/mips/'))$(bpfgen-machine)
bpfgen-folders = $(eval bpfgen-folders := $(if $(bpfgen-is-gcc),,$(bpfgen-nostdlibinc)) $(shell { LC_ALL=C $(bpfgen-cc) -v -E -x c /dev/null || \
  LC_ALL=C $(CLANG) -v -E -x c /dev/null; } 2>&1 | sed -n '/search starts here/,/^End/s/^ \//-idirafter \//p'))$(bpfgen-folders)
bpfgen-nostdlibinc = $(shell { [ "$$($(bpfgen-cc) -dumpmachine | sed 's/-.*//')" = "$$(uname -m)" ] || echo -nostdlibinc; } 2>&-)
# A compiler that does not find the file prints just the name.
BPFGEN_LIKE ?= $(bpfgen-crti)
bpfgen-crti = $(eval bpfgen-crti := $(shell $(bpfgen-cc) -print-file-name=crti.o 2>&- | grep /))$(bpfgen-crti)
# Kernels of these machines have one byte order.
bpfgen-order = $(if $(filter x86 arm64 arm riscv loongarch,$(BPF_ARCH)),little)$(if $(filter s390 sparc,$(BPF_ARCH)),big)
bpfgen-target = $(if $(bpfgen-is-gcc),$(bpfgen-order:%=-m%-endian),-target bpf$(patsubst little,el,$(patsubst big,eb,$(bpfgen-order))))

.DELETE_ON_ERROR:
.PHONY: bpf_headers bpfgen-force
# The rules and depfiles below must not change the default goal.
bpfgen-goal := $(.DEFAULT_GOAL)
bpf_headers:
bpfgen-force:

bpfgen-hash := \#
# Prefix of each name; empty for this folder, whose rules then apply to all folders.
bpfgen-out := $(patsubst ./%,%,$(if $(filter-out . ./,$(BPF_OUT)),$(BPF_OUT:%/=%)/))
bpfgen-depfiles := $(wildcard $(foreach level,* */* */*/* */*/*/*,$(bpfgen-out)$(level).stamp.d))

# --- Recipes. Each is one line, so that failures are detected under .ONESHELL too.

BPF_NAME = $(firstword $(subst ., ,$(@F)))
# The first output of a stamp.
bpfgen-output = $(patsubst %.stamp,%,$@)
bpfgen-run = $(call bpfgen-say,$2)$(bpfgen-ready)$(BPFGEN) $1 $(bpfgen-keep)$(if $(bpfgen-inputs),\
  && printf '%s\n' '$(bpfgen-inputs)' > '$@.in')
# Prints one line per step, as the kernel's makefiles do; V=1 prints the commands, -s prints nothing.
bpfgen-say = $(if $(filter 1,$(V)),,@$(if $(findstring s,$(bpfgen-short-flags)),,printf '  %-8s %s\n' $1 '$(bpfgen-output)' && ))
bpfgen-ready = $(bpfgen-one-word)$(if $(wildcard $(@D)),,mkdir -p '$(@D)' && )
# Depfiles spell objects differently from the makefile. Under their own names, the rules of this file could make them,
# so each build would make, or fail to make, an object that the makefile no longer uses.
bpfgen-keep = --stamp '$@' --depfile '$@.d' --watch-outputs $(if $(filter compile,$(firstword $1)),,--watch-inputs)
bpfgen-one-word = $(if $(filter-out 1,$(words $@)),$(error bpfgen.mk: '$(bpfgen-output)': an output's name cannot contain blanks))
# Depfiles that a later make does not find would make its builds wrong.
bpfgen-near = $(if $(word 5,$(subst /, ,$(patsubst $(bpfgen-out)%,%,$@)))$(if $(bpfgen-out),,$(filter /% ../%,$@)),$(error \
  bpfgen.mk: '$(bpfgen-output)' is outside BPF_OUT, or more than three folders deep in it))

bpfgen-compile = $(call bpfgen-run,compile -o '$(bpfgen-output)',BPF) \
  -- $(CLANG) $(bpfgen-target) $(BPF_CFLAGS) $(BPF_SYSTEM_CFLAGS) -c '$<'
bpfgen-link = $(call bpfgen-run,link $(bpfgen-objects) -o '$(bpfgen-output)' $(BPFGEN_LINK_FLAGS),BPFLINK)
bpfgen-skeleton = $(call bpfgen-run,skeleton $< -o '$(bpfgen-output)' $(bpfgen-payload) $(bpfgen-like) $(bpfgen-scope) \
  $(BPFGEN_SKELETON_FLAGS),SKEL)
# Only if there is a payload.
bpfgen-scope = $(if $(bpfgen-payload),$(if $(BPFGEN_SCOPE),--scope '$(BPFGEN_SCOPE)'))
# Without this machine's folders, which would make the header differ in another checkout.
BPFGEN_SCOPE ?= $(call bpfgen-relative,$(patsubst $(CURDIR)/%,%,$(patsubst $(bpfgen-out)%,%,$(bpfgen-output))))
bpfgen-relative = $(if $(filter /%,$1),$(notdir $1),$1)
bpfgen-payload = $(if $(BPFGEN_SELF_CONTAINED),,--payload '$(bpfgen-output:skel.h=skel.o)')
# A C payload works on every machine.
bpfgen-like = $(if $(filter-out --payload %.c,$(bpfgen-payload)),$(if $(BPFGEN_LIKE),--like '$(BPFGEN_LIKE)'))
bpfgen-light-skeleton = $(call bpfgen-run,light-skeleton $< -o '$(bpfgen-output)' $(bpfgen-payload) $(bpfgen-like) \
  $(bpfgen-scope) $(BPFGEN_LIGHT_SKELETON_FLAGS),LSKEL)
bpfgen-subskeleton = $(call bpfgen-run,subskeleton $< -o '$(bpfgen-output)' $(BPFGEN_SUBSKELETON_FLAGS),SUBSKEL)
bpfgen-min-core-btf = $(call bpfgen-run,min-core-btf $(bpfgen-objects) -o '$(bpfgen-output)',MINBTF)
# For itself a check makes no file: what depends on it has this one to look at.
bpfgen-check-kernels = $(bpfgen-jobs)$(call bpfgen-run,check-kernels --state '$(bpfgen-output).state' $(bpfgen-objects) \
  $(filter -j1,$(MAKEFLAGS)) $(BPFGEN_CHECK_FLAGS),KERNELS) && touch '$(bpfgen-output)'
bpfgen-vmlinux = $(call bpfgen-run,vmlinux-h $(bpfgen-btf) -o '$(bpfgen-output)',VMLINUX)
# The `+` hands make's jobserver on; for one job there is none. It would also make `make -n`, `-q` and `-t` run the build.
bpfgen-jobs = $(if $(findstring n,$(bpfgen-short-flags))$(findstring q,$(bpfgen-short-flags))$(findstring \
  t,$(bpfgen-short-flags)),,+)
bpfgen-build = $(bpfgen-jobs)$(call bpfgen-run,build -f '$<' $(filter -j1,$(MAKEFLAGS)) $(BPFGEN_BUILD_FLAGS),GRAPH)
bpfgen-short-flags = $(filter-out --%,$(firstword -$(MAKEFLAGS)))

# --- The compiler.

# Its path, size and time now, and at the last build. A time alone would not reveal another version from a package,
# whose file is often older than the objects.
bpfgen-compiler := $(bpfgen-out).bpfgen-compiler
bpfgen-found := $(shell for word in $(CLANG); do file=$$(command -v "$$word") && stat -Lc '%n %s %y' "$$file"; done 2>&-)
bpfgen-differ = $(subst x$1,,x$2)$(subst x$2,,x$1)
$(bpfgen-compiler): $(if $(call bpfgen-differ,$(bpfgen-found),$(file <$(bpfgen-compiler))),bpfgen-force) ; @mkdir -p '$(@D)' && printf '%s\n' '$(bpfgen-found)' > '$@'

# --- Pattern rules.

# The `+` makes `make -q` and `make -n` check the output's time too, instead of assuming that it is new.
$(bpfgen-out)%.bpf.o: $(bpfgen-out)%.bpf.o.stamp ; +
# Listed by name, because otherwise make would prefer any `%.o: %.c` rule whose prerequisites all exist.
$(patsubst %.bpf.c,$(bpfgen-out)%.bpf.o.stamp,$(filter %.bpf.c,$(BPF_SOURCES))):
$(bpfgen-out)%.bpf.o.stamp: %.bpf.c $(bpfgen-compiler) | bpf_headers ; $(bpfgen-near)$(bpfgen-compile)

$(bpfgen-out)%.skel.h: $(bpfgen-out)%.skel.h.stamp ; +
$(bpfgen-out)%.skel.h.stamp: $(bpfgen-out)%.bpf.o ; $(bpfgen-near)$(bpfgen-skeleton)
# If two files depended on one stamp, the stamp would get target-specific variables of either one. So the payload
# depends on the header, and make always checks the payload's time: it may be new when the header is not.
$(bpfgen-out)%.skel.o: $(bpfgen-out)%.skel.h bpfgen-force ; +

$(bpfgen-out)%.subskel.h: $(bpfgen-out)%.subskel.h.stamp ; +
$(bpfgen-out)%.subskel.h.stamp: $(bpfgen-out)%.bpf.o ; $(bpfgen-near)$(bpfgen-subskeleton)

$(bpfgen-out)%.lskel.h: $(bpfgen-out)%.lskel.h.stamp ; +
$(bpfgen-out)%.lskel.h.stamp: $(bpfgen-out)%.bpf.o ; $(bpfgen-near)$(bpfgen-light-skeleton)
$(bpfgen-out)%.lskel.o: $(bpfgen-out)%.lskel.h bpfgen-force ; +

# Keeps make from removing these as intermediate files.
.PRECIOUS: $(foreach end,.bpf.o .skel.h .subskel.h .lskel.h,$(bpfgen-out)%$(end) $(bpfgen-out)%$(end).stamp) \
  $(bpfgen-out)%.skel.o $(bpfgen-out)%.lskel.o

# --- Calls. Each makes a rule for a stamp, with its own variable. The first output depends on the stamp, the others on
# the first.

bpf_compile = $(call bpfgen-step,$1,$2 $(bpfgen-compiler) | bpf_headers,bpfgen-compile)
bpf_link = $(call bpfgen-step,$1,$2 $3,bpfgen-link,bpfgen-objects = $2 $(filter-out $2,$3) $(addprefix --check ,$3))
bpf_skeleton = $(call bpfgen-step,$1 $3,$2,bpfgen-skeleton,bpfgen-payload = $(addprefix --payload ,$3))
bpf_subskeleton = $(call bpfgen-step,$1,$2,bpfgen-subskeleton)
bpf_light_skeleton = $(call bpfgen-step,$1 $3,$2,bpfgen-light-skeleton,bpfgen-payload = $(addprefix --payload ,$3))
bpf_min_core_btf = $(call bpfgen-step,$1,$2 $3,bpfgen-min-core-btf,bpfgen-objects = --btf $3 $2)
# A kernel that is not there is an error of the check, which checks the others, and not of make.
bpf_check_kernels = $(call bpfgen-step,$1,$2 $3 $4,bpfgen-check-kernels,bpfgen-objects = $(addprefix \
  --btf ,$3) $(addprefix --baseline ,$4) $2,$(call bpfgen-escape,$3 $4):)
bpf_graph = $(call bpfgen-step,$2,$1 $3,bpfgen-build)
bpf_vmlinux_h = $(call bpfgen-step,$1,$2,bpfgen-vmlinux,bpfgen-btf = $2,bpf_headers: $1)

bpfgen-step = $(eval bpfgen-goal := $(.DEFAULT_GOAL))$(eval $(call bpfgen-rules,$(firstword $1),$(wordlist \
  2,$(words $1),$1),$(call bpfgen-escape,$2),$3,$4,$(if $(filter bpfgen-compile,$3),,$(strip $2))))$(eval $5)$(call bpfgen-watch,$1)$(if $(filter \
  bpfgen-compile,$3),,$(call bpfgen-known-input,$(filter-out $(bpfgen-watched),$2)))$(eval .DEFAULT_GOAL := $(bpfgen-goal))
# make would not notice an input that was removed from the makefile: a file lists those of the last run.
define bpfgen-rules
$(if $5,$1.stamp: private $5)
$(if $6,$1.stamp: private bpfgen-inputs = $(call bpfgen-escape,$6))
$1.stamp: $3 $(if $6,$(if $(call bpfgen-differ,$6,$(file <$1.stamp.in)),bpfgen-force)) ; $$($4)
$1: $1.stamp ; +
$(if $2,$2: $1 bpfgen-force ; +)
include $(filter-out $(bpfgen-depfiles),$(wildcard $1.stamp.d))
endef

# The other spelling of an output, as used in depfiles. An explicit rule keeps the pattern rules from matching it. A
# missing output is phony: a makefile's `.SECONDARY:` would make make skip it.
bpfgen-watch = $(call bpfgen-watch-new,$(filter-out $(bpfgen-watched),$1))$(eval bpfgen-watched += $1)
bpfgen-watch-new = $(if $(strip $1),$(eval $(call bpfgen-others,$1): ;)$(eval .PHONY: $(call \
  bpfgen-others,$(filter-out $(wildcard $1),$1))))
bpfgen-others = $(addprefix /proc/self/,$(patsubst cwd//%,root/%,$(addprefix cwd/,$1)))
# The other spelling of an input that is in the makefile.
bpfgen-known-input = $(if $(strip $1),$(eval $(call bpfgen-escape,$(call bpfgen-others,$1)): ;)$(eval bpfgen-watched += $1))
bpfgen-escape = $(subst $(bpfgen-hash),\$(bpfgen-hash),$(subst $$,$$$$,$1))
bpfgen-watched :=

$(call bpfgen-watch,$(foreach output,$(bpfgen-depfiles:.stamp.d=),$(output) $(patsubst %skel.h,%skel.o,$(filter \
  %.skel.h %.lskel.h,$(output)))))
$(call bpfgen-known-input,$(filter-out $(bpfgen-watched),$(foreach end,.skel.h .subskel.h .lskel.h,$(patsubst %$(end),%.bpf.o,$(filter \
  %$(end),$(bpfgen-depfiles:.stamp.d=))))))
include $(bpfgen-depfiles)
.DEFAULT_GOAL := $(bpfgen-goal)
