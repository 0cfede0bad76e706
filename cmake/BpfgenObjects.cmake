#[=======================================================================[.rst:
BPF objects
^^^^^^^^^^^

.. command:: bpf_add_object

  Compiles BPF programs::

    bpf_add_object(<name> SOURCES <source>...
                   [INCLUDES <folder>...] [DEFINITIONS <definition>...] [COMPILE_OPTIONS <option>...]
                   [LIBRARIES <library target>...]
                   [VMLINUX_H <vmlinux.h>|<folder>|<target>|AUTO] [ARCH <machine>] [ENDIAN little|big] [CPU v1|v2|v3|v4]
                   [COMPILER <program>] [DEPENDS <file or target>...])

  Creates the target ``<name>``, with an object for each source. The compiler is ``BPFGEN_CLANG``, with ``-g -O2 -target bpf``,
  the machine of the programs (``-D__TARGET_ARCH_x86``), the folders of libbpf's and the system's headers, and
  ``COMPILE_OPTIONS``. gcc gets ``-gbtf -mco-re -O2`` instead of the first three. ``BPFGEN_COMPILER_LAUNCHER``, by default
  ``CMAKE_C_COMPILER_LAUNCHER``, starts the compiler. An object whose bytes do not change keeps its modification time, and
  nothing that depends on it runs.

  ``LIBRARIES`` are targets whose include folders, definitions and options for users apply to the programs. So do those of
  the libraries that they link. Use INTERFACE libraries; nothing is linked.

  In a project with the language C, the library ``<name>_sources`` contains the sources too, for tools that read
  ``compile_commands.json`` or CMake's file API. It is not built.

  ``VMLINUX_H`` is a header with the kernel's types, a target of ``bpf_generate_vmlinux_h``, or ``AUTO`` for those of the
  running kernel. In a folder, the header is that of the machine, ``<folder>/<machine>/vmlinux.h``. ``ARCH`` is the machine
  whose kernel loads the program, in the spelling of ``<bpf/bpf_tracing.h>`` (``x86``, ``arm64``, ``riscv``). ``ARCH`` and
  ``ENDIAN`` are those of the project's programs by default. ``COMPILER`` replaces ``BPFGEN_CLANG``. ``DEPENDS`` is built
  before, such as headers that a command of the project writes.

.. command:: bpf_add_library

  Links objects into one, to be linked further::

    bpf_add_library(<name> OBJECTS <object>... [LIBRARIES <library>...])

.. command:: bpf_add_final

  Links objects and libraries into the object that is loaded::

    bpf_add_final(<name> OBJECTS <object>... [LIBRARIES <library>...])

  An object is a target of ``bpf_add_object``, or the path of an existing one. Objects are linked in this order. The build
  fails if a final and a library that has a subskeleton disagree about a variable, a map or a program.

.. command:: bpf_generate_vmlinux_h

  Writes the kernel's types as ``vmlinux.h``, for ``VMLINUX_H <target>``::

    bpf_generate_vmlinux_h(<target> [BTF <file>])

  ``BTF`` is raw BTF. Default: the running kernel's. In a cross build it is required.
#]=======================================================================]

# Sets `result` to the path of a source's object.
function(_bpfgen_object_path name source result)
	# The build folder may be inside the source folder.
	_bpfgen_below("${source}" "${CMAKE_CURRENT_BINARY_DIR}" place)
	if(place STREQUAL "")
		_bpfgen_below("${source}" "${CMAKE_CURRENT_SOURCE_DIR}" place)
	endif()
	if(place STREQUAL "")
		get_filename_component(place "${source}" NAME)
	endif()
	string(REGEX REPLACE "\\.c$" "" place "${place}")
	string(REGEX REPLACE "\\.bpf$" "" place "${place}")
	# CMake does not allow `#` in an output's path, and make has trouble with other characters.
	string(REGEX REPLACE "[^A-Za-z0-9_./+-]" "_" place "${place}")
	set(${result} "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}/${place}.bpf.o" PARENT_SCOPE)
endfunction()

# Sets `folder` to the folder of a vmlinux.h, and `depends` to the target or file that makes it.
function(_bpfgen_vmlinux caller what folder depends)
	if(what STREQUAL "AUTO")
		if(NOT TARGET bpfgen-vmlinux-h)
			bpf_generate_vmlinux_h(bpfgen-vmlinux-h)
		endif()
		set(what bpfgen-vmlinux-h)
	endif()
	if(TARGET "${what}")
		get_target_property(header "${what}" BPFGEN_VMLINUX_H)
		if(NOT header)
			message(FATAL_ERROR "${caller}: ${what} is not a target of bpf_generate_vmlinux_h")
		endif()
		set(${depends} "${what}" "${header}" PARENT_SCOPE)
	else()
		get_filename_component(header "${what}" ABSOLUTE)
		if(IS_DIRECTORY "${header}")
			_bpfgen_machine(machine)
			string(APPEND header "/${machine}/vmlinux.h")
			if(NOT EXISTS "${header}")
				message(FATAL_ERROR "${caller}: VMLINUX_H ${what} is a folder without ${machine}/vmlinux.h")
			endif()
		endif()
		get_filename_component(base "${header}" NAME)
		if(NOT base STREQUAL "vmlinux.h")
			message(FATAL_ERROR
				"${caller}: VMLINUX_H ${what} is neither a target nor a file named vmlinux.h, which programs include")
		endif()
		set(${depends} "${header}" PARENT_SCOPE)
	endif()
	get_filename_component(place "${header}" DIRECTORY)
	set(${folder} "${place}" PARENT_SCOPE)
endfunction()

# Appends an option with its value to a list. A generator expression may expand to several values, or to none.
function(_bpfgen_add_option list option value)
	if(value MATCHES "\\$<")
		set(value "$<$<BOOL:${value}>:${option}$<JOIN:${value},$<SEMICOLON>${option}>>")
	else()
		string(PREPEND value "${option}")
	endif()
	set(${list} ${${list}} "${value}" PARENT_SCOPE)
endfunction()

# Sets `result` to the byte order of a target's programs: little, big, or empty if unknown.
function(_bpfgen_byte_order result)
	set(order "${arg_ENDIAN}")
	if(NOT DEFINED arg_ENDIAN)
		string(TOUPPER "${CMAKE_C_BYTE_ORDER}${CMAKE_CXX_BYTE_ORDER}" known)
		if(arg_ARCH MATCHES "^(x86|arm64|arm|riscv|loongarch)$" OR (NOT DEFINED arg_ARCH AND known MATCHES "LITTLE"))
			set(order little)
		elseif(arg_ARCH MATCHES "^(s390|sparc)$" OR (NOT DEFINED arg_ARCH AND known MATCHES "BIG"))
			set(order big)
		elseif(DEFINED arg_ARCH)
			message(FATAL_ERROR "bpf_add_object(${name}): ARCH ${arg_ARCH} can have either byte order: name one with ENDIAN")
		endif()
	endif()
	set(${result} "${order}" PARENT_SCOPE)
endfunction()

# Sets `result` to the part of the compiler's command line that is the same for all sources of a target.
#
# `kind` is the compiler that runs, clang or gcc; the tools that read the options of a gcc target's sources are clang's.
function(_bpfgen_compile_command kind result)
	_bpfgen_byte_order(order)
	if(kind STREQUAL "gcc")
		set(command "${BPFGEN_CLANG}" -gbtf -mco-re -O2)
		if(order)
			list(APPEND command "-m${order}-endian")
		endif()
	else()
		set(target bpf)
		if(order STREQUAL "little")
			set(target bpfel)
		elseif(order STREQUAL "big")
			set(target bpfeb)
		endif()
		set(command "${BPFGEN_CLANG}" -g -O2 -target ${target})
	endif()
	if(DEFINED arg_CPU)
		list(APPEND command "-mcpu=${arg_CPU}")
	endif()
	foreach(definition IN LISTS arg_DEFINITIONS)
		string(REGEX REPLACE "^-D" "" definition "${definition}")
		_bpfgen_add_option(command -D "${definition}")
	endforeach()
	foreach(folder IN LISTS arg_INCLUDES)
		_bpfgen_add_option(command -I "${folder}")
	endforeach()
	if(arg_LIBRARIES)
		list(APPEND command "@${requirements}")
	endif()
	if(TARGET Bpfgen::libbpf)
		set(library Bpfgen::libbpf)
		if(BPFGEN_LIBBPF)
			set(library "${BPFGEN_LIBBPF}")
		endif()
		_bpfgen_add_option(command -isystem "$<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>")
	endif()
	_bpfgen_machine_flags(${kind} machine)
	set(${result} ${command} ${machine} ${arg_COMPILE_OPTIONS} PARENT_SCOPE)
endfunction()

function(bpf_add_object name)
	_bpfgen_parse(1 "" "VMLINUX_H;ARCH;ENDIAN;CPU;COMPILER"
		"SOURCES;INCLUDES;DEFINITIONS;COMPILE_OPTIONS;LIBRARIES;DEPENDS")
	_bpfgen_check_arguments(bpf_add_object "${name}")
	_bpfgen_require("bpf_add_object(${name})" SOURCES)
	if(DEFINED arg_ENDIAN AND NOT arg_ENDIAN MATCHES "^(little|big)$")
		message(FATAL_ERROR "bpf_add_object(${name}): ENDIAN is little or big, not ${arg_ENDIAN}")
	endif()
	if(DEFINED arg_CPU AND NOT arg_CPU MATCHES "^v[1-4]$")
		message(FATAL_ERROR "bpf_add_object(${name}): CPU is v1, v2, v3 or v4, not ${arg_CPU}")
	endif()
	if(DEFINED arg_ARCH AND NOT arg_ARCH MATCHES "^(x86|arm64|arm|riscv|s390|powerpc|loongarch|mips|sparc)$")
		message(FATAL_ERROR "bpf_add_object(${name}): ARCH is x86, arm64, arm, riscv, s390, powerpc, loongarch, mips or sparc, "
			"not ${arg_ARCH}")
	endif()
	if(DEFINED arg_COMPILER)
		set(BPFGEN_CLANG "${arg_COMPILER}")
	endif()
	_bpfgen_need_clang("bpf_add_object(${name})" compiler_files kind)
	_bpfgen_find_libbpf()
	_bpfgen_absolute(arg_INCLUDES)
	if(DEFINED arg_VMLINUX_H)
		_bpfgen_vmlinux("bpf_add_object(${name})" "${arg_VMLINUX_H}" folder depends)
		list(APPEND arg_INCLUDES "${folder}")
		list(APPEND arg_DEPENDS ${depends})
	endif()
	if(arg_LIBRARIES)
		_bpfgen_add_requirements("${name}" requirements)
		list(APPEND compiler_files "${requirements}")
	endif()
	_bpfgen_compile_command(${kind} compiler)
	set(launcher "${CMAKE_C_COMPILER_LAUNCHER}")
	if(DEFINED BPFGEN_COMPILER_LAUNCHER)
		set(launcher "${BPFGEN_COMPILER_LAUNCHER}")
	endif()

	set(objects "")
	set(paths "")
	set(names "")
	set(done "")
	foreach(source IN LISTS arg_SOURCES)
		get_filename_component(path "${source}" ABSOLUTE)
		if(NOT EXISTS "${path}")
			get_filename_component(path "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
			get_source_file_property(generated "${path}" GENERATED)
			if(NOT EXISTS "${path}" AND NOT generated)
				message(FATAL_ERROR "bpf_add_object(${name}): there is no source ${source}, and no custom command before this "
					"call that makes it")
			endif()
		endif()
		_bpfgen_object_path("${name}" "${path}" object)
		if(object IN_LIST objects)
			message(FATAL_ERROR "bpf_add_object(${name}): two of its sources have one object, ${object}: rename one, "
				"or give it a bpf_add_object of its own")
		endif()
		_bpfgen_add_step(done TARGET "${name}" OUTPUTS "${object}" DEPENDS "${path}" ${arg_DEPENDS} ${compiler_files}
			COMMENT "Compiling BPF object ${name} from ${source}"
			COMMAND compile -o "${object}" -- ${launcher} ${compiler} -c "${path}")
		list(APPEND objects "${object}")
		list(APPEND paths "${path}")
		_bpfgen_graph_path("${object}" place)
		list(LENGTH arg_SOURCES count)
		set(called "${name}")
		if(count GREATER 1)
			get_filename_component(base "${object}" NAME)
			set(called "${name}/${base}")
		endif()
		list(APPEND names "${called}")
		_bpfgen_graph_entry(OBJECTS "${called}" "\"${place}\"")
	endforeach()
	_bpfgen_add_object_target("${name}" "${objects}" "${names}" "" "${done}")
	foreach(library IN LISTS arg_LIBRARIES)
		# At the end of the folder, its libraries have all of their link dependencies.
		cmake_language(EVAL CODE "cmake_language(DEFER CALL _bpfgen_depend_on [[${name}]] [[${library}]])")
	endforeach()
	_bpfgen_compile_command(clang compiler)
	_bpfgen_add_sources_target("${name}" "${paths}" "${compiler}")
endfunction()

# Sets `result` to a response file with the usage requirements of arg_LIBRARIES. Generator expressions in it may depend
# on the language, which is not allowed in a command.
function(_bpfgen_add_requirements name result)
	set(language C)
	if(NOT CMAKE_C_COMPILER_LOADED)
		set(language CXX)
	endif()
	set(condition "$<COMPILE_LANGUAGE:${language}>")
	if(CMAKE_CONFIGURATION_TYPES)
		list(GET CMAKE_CONFIGURATION_TYPES 0 first)
		set(condition "$<AND:${condition},$<CONFIG:${first}>>")
	endif()
	add_library("${name}_requirements" INTERFACE)
	target_link_libraries("${name}_requirements" INTERFACE ${arg_LIBRARIES})
	set(content "")
	foreach(pair IN ITEMS "-D:COMPILE_DEFINITIONS" "-I:INCLUDE_DIRECTORIES" ":COMPILE_OPTIONS")
		string(REGEX MATCH "^(.*):(.*)$" ignored "${pair}")
		set(option "${CMAKE_MATCH_1}")
		set(values "$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:${name}_requirements,INTERFACE_${CMAKE_MATCH_2}>>")
		string(APPEND content "$<$<BOOL:${values}>:'${option}$<JOIN:${values},'\n'${option}>'\n>")
	endforeach()
	set(file "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}/requirements.rsp")
	file(GENERATE OUTPUT "${file}" CONTENT "${content}" CONDITION "${condition}")
	set(${result} "${file}" PARENT_SCOPE)
endfunction()

# Makes a target depend, with add_dependencies, on the targets that make the headers of a library and of all libraries
# that it links.
function(_bpfgen_depend_on name library)
	set(next "${library}")
	set(seen "")
	while(next)
		list(POP_FRONT next item)
		if(item IN_LIST seen OR NOT TARGET "${item}")
			continue()
		endif()
		list(APPEND seen "${item}")
		add_dependencies("${name}" "${item}")
		get_target_property(links "${item}" INTERFACE_LINK_LIBRARIES)
		if(links)
			list(APPEND next ${links})
		endif()
	endwhile()
endfunction()

# A library of the sources that is never built, with the options of their compilation: IDEs, clangd and clang-tidy find
# them there.
function(_bpfgen_add_sources_target name paths command)
	set(library "${name}_sources")
	if(NOT CMAKE_C_COMPILER_LOADED OR TARGET "${library}")
		return()
	endif()
	add_library("${library}" OBJECT EXCLUDE_FROM_ALL ${paths})
	list(POP_FRONT command)
	# As one argument: CMake removes duplicate options, and would keep the value of the second one.
	string(REPLACE ";-target;" ";--target=" command ";${command}")
	string(REPLACE ";-idirafter;" ";-idirafter" command "${command}")
	list(FILTER command EXCLUDE REGEX "^@")
	# The folder's options for its own programs do not apply to these.
	set_target_properties("${library}" PROPERTIES COMPILE_DEFINITIONS "" INCLUDE_DIRECTORIES "" COMPILE_OPTIONS "${command}"
		POSITION_INDEPENDENT_CODE FALSE INTERPROCEDURAL_OPTIMIZATION FALSE UNITY_BUILD FALSE
		DISABLE_PRECOMPILE_HEADERS TRUE)
	foreach(property IN ITEMS C_STANDARD C_VISIBILITY_PRESET C_CLANG_TIDY C_CPPCHECK C_INCLUDE_WHAT_YOU_USE)
		set_property(TARGET "${library}" PROPERTY ${property})
	endforeach()
	if(arg_LIBRARIES)
		target_link_libraries("${library}" PRIVATE ${arg_LIBRARIES})
	endif()
endfunction()

# Adds the target of one or several objects.
function(_bpfgen_add_object_target name files names libraries done)
	add_custom_target("${name}" ALL DEPENDS ${done})
	set_target_properties("${name}" PROPERTIES
		BPFGEN_FILES "${files}" BPFGEN_NAMES "${names}" BPFGEN_LIBRARIES "${libraries}")
endfunction()

# Implements bpf_add_library and bpf_add_final.
function(_bpfgen_add_linked caller name kind)
	_bpfgen_parse(3 "" "" "OBJECTS;LIBRARIES")
	_bpfgen_check_arguments(${caller} "${name}")
	if(NOT arg_OBJECTS AND NOT arg_LIBRARIES)
		message(FATAL_ERROR "${caller}(${name}): OBJECTS is missing")
	endif()
	set(inputs "")
	set(inputs_json "")
	set(libraries "")
	set(depends "")
	foreach(item IN LISTS arg_OBJECTS arg_LIBRARIES)
		_bpfgen_resolve("${caller}(${name})" "${item}" files names needs)
		list(APPEND inputs ${files})
		list(APPEND depends ${needs})
		foreach(input IN LISTS names)
			string(APPEND inputs_json ", \"${input}\"")
		endforeach()
		_bpfgen_own_item(item)
		if(TARGET "${item}")
			get_target_property(inner "${item}" BPFGEN_LIBRARIES)
			if(inner)
				list(APPEND libraries ${inner})
			endif()
			# A subskeleton can also be made from a single object.
			list(APPEND libraries "${item}")
		endif()
	endforeach()
	string(REGEX REPLACE "^, " "" inputs_json "${inputs_json}")
	list(REMOVE_DUPLICATES libraries)

	set(output "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}/${name}.bpf.o")
	set(checks "")
	if(kind STREQUAL "FINALS")
		# Evaluated when the whole project is known: a subskeleton may be added later, and in another folder.
		foreach(library IN LISTS libraries)
			set(viewed "$<TARGET_PROPERTY:${library},BPFGEN_VIEWED>")
			list(APPEND checks "$<$<BOOL:${viewed}>:--check$<SEMICOLON>${viewed}>")
		endforeach()
	endif()
	set(done "")
	_bpfgen_add_step(done TARGET "${name}" OUTPUTS "${output}" DEPENDS ${depends} COMMENT "Linking BPF object ${name}"
		COMMAND link ${checks} -o "${output}" -- ${inputs})
	_bpfgen_graph_path("${output}" place)
	_bpfgen_graph_entry(${kind} "${name}" "{ \"inputs\": [${inputs_json}], \"output\": \"${place}\" }")
	_bpfgen_add_object_target("${name}" "${output}" "${name}" "${libraries}" "${done}")
	set_property(GLOBAL APPEND PROPERTY BPFGEN_LINKED_TARGETS "${name}")
endfunction()

function(bpf_add_library name)
	_bpfgen_add_linked(bpf_add_library "${name}" LIBRARIES ${ARGN})
endfunction()

function(bpf_add_final name)
	_bpfgen_add_linked(bpf_add_final "${name}" FINALS ${ARGN})
endfunction()

function(bpf_generate_vmlinux_h name)
	_bpfgen_parse(1 "" "BTF" "")
	_bpfgen_check_arguments(bpf_generate_vmlinux_h "${name}")
	set(btf /sys/kernel/btf/vmlinux)
	if(DEFINED arg_BTF)
		get_filename_component(btf "${arg_BTF}" ABSOLUTE)
	elseif(CMAKE_CROSSCOMPILING)
		message(FATAL_ERROR
			"bpf_generate_vmlinux_h(${name}): this is a cross build, and the running kernel is not the target's. Name the target "
			"kernel's BTF, bpf_generate_vmlinux_h(<target> BTF <file>) with VMLINUX_H <target>, or its vmlinux.h, VMLINUX_H <file>.")
	endif()
	if(NOT EXISTS "${btf}")
		message(FATAL_ERROR
			"bpf_generate_vmlinux_h(${name}): there is no ${btf}. Name a kernel's BTF with BTF <file>; "
			"/sys/kernel/btf/vmlinux is there on kernels with CONFIG_DEBUG_INFO_BTF.")
	endif()
	set(header "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}/vmlinux.h")
	set(done "")
	_bpfgen_add_step(done TARGET "${name}" OUTPUTS "${header}" DEPENDS "${btf}"
		COMMENT "Generating vmlinux.h from ${btf}" COMMAND vmlinux-h -o "${header}" -- "${btf}")
	add_custom_target("${name}" DEPENDS ${done})
	set_target_properties("${name}" PROPERTIES BPFGEN_VMLINUX_H "${header}")
endfunction()
