#[=======================================================================[.rst:
Headers
^^^^^^^

.. command:: bpf_add_skeleton

  Generates the header that opens, loads and attaches an object::

    bpf_add_skeleton(<name> <object> [HEADER <file>] [NAME <struct>] [SCOPE <text>] [SELF_CONTAINED] [STRIP]
      [ASSERT_MEMBERS])

  ``<object>`` is a target of ``bpf_add_final`` or of ``bpf_add_object`` with one source, or an object's path. Creates the
  library ``<name>``: programs and libraries that link it can include the header, and link the object's bytes and libbpf.
  Several libraries of a program may link it; the program contains the bytes once.

  ``HEADER``
    What programs write after ``#include``. Default: ``x.skel.h`` for ``x.bpf.o``.
  ``NAME``
    The name of the struct and the prefix of its functions: ``NAME app`` gives ``struct app`` and ``app__open()``. Default:
    derived from the file name as by bpftool, ``x_bpf`` for ``x.bpf.o``.
  ``SCOPE``
    A part of the linker names of header and payload. Default: ``<name>``. It keeps two skeletons of one struct name and one
    layout apart in one program, for instance from one source with two definitions. Two builds whose libraries are linked
    together need different scopes if they have targets of the same name.
  ``SELF_CONTAINED``
    The header contains the bytes, as bpftool's does, and is rewritten whenever they change.
  ``STRIP``
    Removes debug sections from the bytes.
  ``ASSERT_MEMBERS``
    The compiler checks the members of the project's own structs that variables hold by value.

.. command:: bpf_add_light_skeleton

  Generates a header that loads an object without libbpf, using a BPF program::

    bpf_add_light_skeleton(<name> <object> [HEADER <file>] [NAME <struct>] [SCOPE <text>] [SELF_CONTAINED] [ASSERT_MEMBERS])

  Like ``bpf_add_skeleton``, but ``HEADER`` is ``x.lskel.h`` for ``x.bpf.o`` by default, and programs include libbpf's headers
  without linking it.

.. command:: bpf_add_min_core_btf

  Writes the part of each kernel's BTF that objects need to load there::

    bpf_add_min_core_btf(<name> OBJECTS <object>... BTF <file>...)

  ``BTF`` are kernels' BTF files, raw or ELF. Creates the target ``<name>``; its property ``BPFGEN_MIN_CORE_BTF`` lists the
  outputs, which are in the folder ``bpf/<name>`` and have the names of the kernels' files.

.. command:: bpf_check_kernels

  Checks at build time which kernels can load objects, by the kernels' BTF::

    bpf_check_kernels(<name> OBJECTS <object>... KERNELS <file or folder>... [BASELINE <file>])

  ``KERNELS`` are files, raw BTF or ELF, and folders of them. The build fails when a kernel fails or may fail to load an
  object, unless the failure is in ``BASELINE``, which ``bpfgen check-kernels --format json`` wrote. Makes the
  target ``<name>``, a part of ``all``. Only what changed is checked again.

.. command:: bpf_add_subskeleton

  Generates a library's view into the objects that contain it::

    bpf_add_subskeleton(<name> <library> [HEADER <file>] [NAME <struct>])

  ``HEADER`` is ``x.subskel.h`` for ``x.bpf.o`` by default. Finals that contain the library are checked against it.
#]=======================================================================]

# Sets the variables `header`, `folder` (the include folder) and `struct` for a header of `file`.
macro(_bpfgen_name_header caller file suffix)
	get_filename_component(_bpfgen_stem "${file}" NAME)
	string(REGEX REPLACE "\\.o$" "" _bpfgen_stem "${_bpfgen_stem}")
	set(struct "${arg_NAME}")
	if(NOT DEFINED arg_NAME)
		string(REGEX REPLACE "[^A-Za-z0-9_]" "_" struct "${_bpfgen_stem}")
	endif()
	if(NOT struct MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
		message(FATAL_ERROR "${caller}: '${struct}' is not a name for a C struct: give one with NAME")
	endif()
	string(REGEX REPLACE "\\.bpf$" "" _bpfgen_stem "${_bpfgen_stem}")
	set(header "${arg_HEADER}")
	if(NOT DEFINED arg_HEADER)
		set(header "${_bpfgen_stem}.${suffix}.h")
	endif()
	if(IS_ABSOLUTE "${header}")
		get_filename_component(folder "${header}" DIRECTORY)
	else()
		set(folder "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}")
		set(header "${folder}/${header}")
	endif()
	get_filename_component(header "${header}" ABSOLUTE)
	_bpfgen_below("${header}" "${CMAKE_BINARY_DIR}" _bpfgen_rest)
	if(_bpfgen_rest STREQUAL "")
		message(FATAL_ERROR
			"${caller}: HEADER ${header} is outside the build folder: give a name, or a path below ${CMAKE_BINARY_DIR}")
	endif()
endmacro()

# Adds the library for a header. Targets that link it can include the header, are built after the target `maker`, and
# link libbpf and the payload, which may be empty; a light skeleton needs only libbpf's headers. bpf_install_headers and
# bpf_install_library add the properties of the installed library.
function(_bpfgen_add_header_library name kind maker folder header payload)
	add_library("${name}" INTERFACE)
	add_dependencies("${name}" "${maker}")
	# SYSTEM: the project's warning options are not for generated headers.
	target_include_directories("${name}" SYSTEM INTERFACE "$<BUILD_INTERFACE:${folder}>")
	set(libraries Bpfgen::libbpf)
	if(kind STREQUAL "light-skeleton")
		set(libraries "")
		add_dependencies("${name}" Bpfgen::libbpf)
		target_include_directories("${name}" SYSTEM INTERFACE
			"$<BUILD_INTERFACE:$<TARGET_PROPERTY:Bpfgen::libbpf,INTERFACE_INCLUDE_DIRECTORIES>>")
	endif()
	foreach(item IN LISTS libraries payload)
		target_link_libraries("${name}" INTERFACE "$<BUILD_INTERFACE:${item}>")
	endforeach()
	set_target_properties("${name}" PROPERTIES BPFGEN_KIND ${kind}
		BPFGEN_HEADER "${header}" BPFGEN_INCLUDED_FROM "${folder}" BPFGEN_PAYLOAD "${payload}")
endfunction()

function(bpf_add_skeleton name object)
	_bpfgen_parse(2 "SELF_CONTAINED;STRIP;ASSERT_MEMBERS" "HEADER;NAME;SCOPE" "")
	_bpfgen_add_skeleton(bpf_add_skeleton skeleton skel SKELETONS)
endfunction()

function(bpf_add_light_skeleton name object)
	_bpfgen_parse(2 "SELF_CONTAINED;ASSERT_MEMBERS" "HEADER;NAME;SCOPE" "")
	_bpfgen_add_skeleton(bpf_add_light_skeleton light-skeleton lskel LIGHT_SKELETONS)
endfunction()

# The common part of both. A macro: it reads the variables of cmake_parse_arguments.
macro(_bpfgen_add_skeleton function verb suffix part)
	set(caller "${function}(${name})")
	_bpfgen_check_arguments(${function} "${name}")
	_bpfgen_resolve_one("${caller}" "${object}" file of depends)
	if(NOT arg_SELF_CONTAINED)
		_bpfgen_need_like("${caller}" like)
	elseif(DEFINED arg_SCOPE)
		message(FATAL_ERROR "${caller}: SCOPE names a payload, and SELF_CONTAINED makes none: leave one of them out")
	endif()
	_bpfgen_need_libbpf("${caller}")
	_bpfgen_name_header("${caller}" "${file}" ${suffix})

	set(command ${verb} --name "${struct}")
	set(entry "\"name\": \"${struct}\"")
	if(arg_STRIP)
		list(APPEND command --strip)
		string(APPEND entry ", \"strip\": true")
	endif()
	if(arg_ASSERT_MEMBERS)
		list(APPEND command --assert-members)
		string(APPEND entry ", \"assert_members\": true")
	endif()
	set(payload "")
	if(NOT arg_SELF_CONTAINED)
		string(REGEX REPLACE "\\.h$" "" payload "${header}")
		string(APPEND payload ".o")
		set(scope "${name}")
		if(DEFINED arg_SCOPE)
			set(scope "${arg_SCOPE}")
		endif()
		if(scope STREQUAL "" OR scope MATCHES ";")
			message(FATAL_ERROR "${caller}: '${scope}' is not a SCOPE: a SCOPE has no ';' and is not empty")
		endif()
		list(APPEND command --payload "${payload}" --like "${like}" --scope "${scope}")
		_bpfgen_graph_path("${payload}" place)
		_bpfgen_graph_path("${like}" like_place)
		_bpfgen_json_text("${scope}" scope)
		string(APPEND entry ", \"payload\": \"${place}\", \"like\": \"${like_place}\", \"scope\": \"${scope}\"")
	endif()
	set(done "")
	_bpfgen_add_step(done TARGET "${name}_files" OUTPUTS "${header}" ${payload} DEPENDS ${depends}
		COMMENT "Generating BPF ${verb} ${struct}" COMMAND ${command} -o "${header}" -- "${file}")
	add_custom_target("${name}_files" ALL DEPENDS ${done})
	_bpfgen_add_header_library("${name}" ${verb} "${name}_files" "${folder}" "${header}" "${payload}")
	_bpfgen_graph_path("${header}" place)
	_bpfgen_graph_entry(${part} "" "{ \"of\": \"${of}\", \"header\": \"${place}\", ${entry} }")
endmacro()

function(bpf_add_min_core_btf name)
	_bpfgen_parse(1 "" "" "OBJECTS;BTF")
	set(caller "bpf_add_min_core_btf(${name})")
	_bpfgen_check_arguments(bpf_add_min_core_btf "${name}")
	_bpfgen_require("${caller}" OBJECTS BTF)
	set(objects "")
	set(depends "")
	set(objects_json "")
	foreach(item IN LISTS arg_OBJECTS)
		_bpfgen_resolve("${caller}" "${item}" files names needs)
		list(APPEND objects ${files})
		list(APPEND depends ${needs})
		foreach(object IN LISTS names)
			string(APPEND objects_json ", \"${object}\"")
		endforeach()
	endforeach()
	string(REGEX REPLACE "^, " "" objects_json "${objects_json}")
	set(folder "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}")
	set(outputs "")
	set(done "")
	set(kernels_json "")
	foreach(kernel IN LISTS arg_BTF)
		get_filename_component(kernel "${kernel}" ABSOLUTE)
		get_source_file_property(generated "${kernel}" GENERATED)
		if(NOT EXISTS "${kernel}" AND NOT generated)
			message(FATAL_ERROR "${caller}: there is no file ${kernel}")
		endif()
		get_filename_component(base "${kernel}" NAME)
		if("${folder}/${base}" IN_LIST outputs)
			message(FATAL_ERROR "${caller}: two kernels' files are called ${base}: give one a target of its own")
		endif()
		list(APPEND outputs "${folder}/${base}")
		_bpfgen_add_step(done TARGET "${name}" OUTPUTS "${folder}/${base}" DEPENDS ${depends} "${kernel}"
			COMMENT "Generating minimal BTF ${base}"
			COMMAND min-core-btf --btf "${kernel}" -o "${folder}/${base}" -- ${objects})
		_bpfgen_graph_path("${kernel}" place)
		string(APPEND kernels_json ", \"${place}\"")
	endforeach()
	string(REGEX REPLACE "^, " "" kernels_json "${kernels_json}")
	add_custom_target("${name}" ALL DEPENDS ${done})
	set_target_properties("${name}" PROPERTIES BPFGEN_MIN_CORE_BTF "${outputs}")
	_bpfgen_graph_path("${folder}" place)
	_bpfgen_graph_entry(MIN_CORE_BTFS ""
		"{ \"of\": [${objects_json}], \"btfs\": [${kernels_json}], \"out_dir\": \"${place}\" }")
endfunction()

function(bpf_check_kernels name)
	_bpfgen_parse(1 "" "BASELINE" "OBJECTS;KERNELS")
	set(caller "bpf_check_kernels(${name})")
	_bpfgen_check_arguments(bpf_check_kernels "${name}")
	_bpfgen_require("${caller}" OBJECTS KERNELS)
	set(objects "")
	set(depends "")
	set(of "")
	foreach(item IN LISTS arg_OBJECTS)
		_bpfgen_resolve("${caller}" "${item}" files names needs)
		list(APPEND objects ${files})
		list(APPEND depends ${needs})
		list(APPEND of ${names})
	endforeach()
	set(options "")
	set(kernels_json "")
	foreach(kernel IN LISTS arg_KERNELS)
		get_filename_component(kernel "${kernel}" ABSOLUTE)
		get_source_file_property(generated "${kernel}" GENERATED)
		if(NOT EXISTS "${kernel}" AND NOT generated)
			message(FATAL_ERROR "${caller}: there is no file or folder ${kernel}")
		endif()
		# The depfile has the others: one that is removed is an error of the check, which checks against the others.
		if(generated)
			list(APPEND depends "${kernel}")
		endif()
		list(APPEND options --btf "${kernel}")
		_bpfgen_graph_path("${kernel}" place)
		# A graph file has names for kernels, and ':' in one stands for another graph file.
		string(REPLACE ":" "_" called "${place}")
		_bpfgen_graph_entry(KERNELS "${called}" "\"${place}\"")
		string(APPEND kernels_json ", \"${called}\"")
	endforeach()
	string(REGEX REPLACE "^, " "" kernels_json "${kernels_json}")
	set(entry "\"kernels\": [${kernels_json}]")
	if(DEFINED arg_BASELINE)
		get_filename_component(baseline "${arg_BASELINE}" ABSOLUTE)
		list(APPEND options --baseline "${baseline}")
		get_source_file_property(generated "${baseline}" GENERATED)
		if(generated)
			list(APPEND depends "${baseline}")
		endif()
		_bpfgen_graph_path("${baseline}" place)
		string(APPEND entry ", \"baseline\": \"${place}\"")
	endif()
	set(folder "${CMAKE_CURRENT_BINARY_DIR}/bpf/${name}")
	set(done "")
	_bpfgen_add_step(done TARGET "${name}" STAMP "${folder}/kernels.stamp" DEPENDS ${depends}
		COMMENT "Checking which kernels load ${name}"
		COMMAND check-kernels --state "${folder}/kernels.state" ${options} -- ${objects})
	add_custom_target("${name}" ALL DEPENDS ${done})
	foreach(object IN LISTS of)
		_bpfgen_graph_entry(KERNEL_CHECKS "" "{ \"of\": \"${object}\", ${entry} }")
	endforeach()
endfunction()

function(bpf_add_subskeleton name library)
	_bpfgen_parse(2 "" "HEADER;NAME" "")
	set(caller "bpf_add_subskeleton(${name})")
	_bpfgen_check_arguments(bpf_add_subskeleton "${name}")
	_bpfgen_resolve_one("${caller}" "${library}" file of depends)
	_bpfgen_need_libbpf("${caller}")
	_bpfgen_name_header("${caller}" "${file}" subskel)
	_bpfgen_own_item(library)
	if(TARGET "${library}")
		_bpfgen_spelled("${file}" viewed)
		set_target_properties("${library}" PROPERTIES BPFGEN_VIEWED "${viewed}")
		set_property(TARGET "${library}" APPEND PROPERTY BPFGEN_SUBSKELETONS "${name}")
	endif()
	set(done "")
	_bpfgen_add_step(done TARGET "${name}_files" OUTPUTS "${header}" DEPENDS ${depends}
		COMMENT "Generating BPF subskeleton ${struct}"
		COMMAND subskeleton --name "${struct}" -o "${header}" -- "${file}")
	add_custom_target("${name}_files" ALL DEPENDS ${done})
	_bpfgen_add_header_library("${name}" subskeleton "${name}_files" "${folder}" "${header}" "")
	_bpfgen_graph_path("${header}" place)
	_bpfgen_graph_entry(SUBSKELETONS "" "{ \"of\": \"${of}\", \"header\": \"${place}\", \"name\": \"${struct}\" }")
endfunction()
