#[=======================================================================[.rst:
Graph files
^^^^^^^^^^^

.. command:: bpf_add_graph

  Updates all outputs of a graph file in one build step, for trees with thousands of headers::

    bpf_add_graph(<name> FILE <bpfgen.json> [DEPENDS <file or target>...])

  Creates the target ``<name>``, and for each header a library ``<name>::<struct>`` to link, like those of
  ``bpf_add_skeleton`` and ``bpf_add_subskeleton``. ``DEPENDS`` builds the graph's objects. The graph file contains the paths of the
  outputs. CMake runs again when the graph file changes.
#]=======================================================================]

# Sets `result` to the lines that bpfgen prints about a graph file.
function(_bpfgen_query caller question file result)
	execute_process(COMMAND "${BPFGEN_EXECUTABLE}" query "${question}" -f "${file}"
		RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE errors)
	if(NOT status EQUAL 0)
		message(FATAL_ERROR "${caller}: the graph file cannot be used:\n${errors}")
	endif()
	string(REPLACE ";" "\\;" text "${text}")
	string(REGEX REPLACE "\n$" "" text "${text}")
	string(REPLACE "\n" ";" text "${text}")
	set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(bpf_add_graph name)
	_bpfgen_parse(1 "" "FILE" "DEPENDS")
	set(caller "bpf_add_graph(${name})")
	_bpfgen_check_arguments(bpf_add_graph "${name}")
	if(NOT DEFINED arg_FILE)
		message(FATAL_ERROR "${caller}: FILE is missing")
	endif()
	get_filename_component(file "${arg_FILE}" ABSOLUTE)
	if(NOT EXISTS "${file}")
		message(FATAL_ERROR "${caller}: there is no graph file ${file}")
	endif()
	_bpfgen_need_libbpf("${caller}")
	_bpfgen_query("${caller}" files "${file}" files)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
	_bpfgen_query("${caller}" headers "${file}" lines)
	if(NOT lines)
		message(FATAL_ERROR "${caller}: the graph file makes no header")
	endif()

	set(headers "")
	set(payloads "")
	foreach(line IN LISTS lines)
		string(REGEX MATCH "^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$" ignored "${line}")
		set(kind "${CMAKE_MATCH_1}")
		set(struct "${CMAKE_MATCH_2}")
		set(header "${CMAKE_MATCH_3}")
		set(payload "${CMAKE_MATCH_4}")
		list(APPEND headers "${header}")
		if(TARGET "${name}_${struct}")
			message(FATAL_ERROR "${caller}: two of its headers have the struct ${struct}")
		endif()
		if(payload AND NOT payload MATCHES "\\.o$")
			message(FATAL_ERROR "${caller}: the payload ${payload} is C, which is not built here: end its name in .o")
		endif()
		list(APPEND payloads ${payload})
		get_filename_component(folder "${header}" DIRECTORY)
		_bpfgen_add_header_library("${name}_${struct}" "${kind}" "${name}" "${folder}" "${header}" "${payload}")
		add_library("${name}::${struct}" ALIAS "${name}_${struct}")
	endforeach()
	set(done "")
	_bpfgen_add_step(done TARGET "${name}" OUTPUTS ${headers} ${payloads} DEPENDS "${file}" ${arg_DEPENDS}
		COMMENT "Bringing ${arg_FILE} up to date" COMMAND build -f "${file}")
	add_custom_target("${name}" ALL DEPENDS ${done})
endfunction()

# MARK: the graph file of the whole project

# Sets `result` to a path as it is written in the project's graph file, escaped for JSON.
function(_bpfgen_graph_path path result)
	_bpfgen_below("${path}" "${CMAKE_BINARY_DIR}" below)
	if(NOT below STREQUAL "")
		set(path "${below}")
	endif()
	_bpfgen_json_text("${path}" path)
	set(${result} "${path}" PARENT_SCOPE)
endfunction()

# Sets `result` to a text escaped for a JSON string.
function(_bpfgen_json_text text result)
	string(REPLACE "\\" "\\\\" text "${text}")
	string(REPLACE "\"" "\\\"" text "${text}")
	set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Adds to a section of the project's graph file: OBJECTS, LIBRARIES and FINALS have names, SKELETONS and SUBSKELETONS do
# not.
function(_bpfgen_graph_entry part name value)
	if(NOT name STREQUAL "")
		get_property(known GLOBAL PROPERTY BPFGEN_NAMES_${part})
		if(name IN_LIST known)
			return()
		endif()
		set_property(GLOBAL APPEND PROPERTY BPFGEN_NAMES_${part} "${name}")
		string(PREPEND value "\"${name}\": ")
	endif()
	get_property(text GLOBAL PROPERTY BPFGEN_GRAPH_${part})
	set(comma "")
	if(text)
		set(comma ",")
	endif()
	set_property(GLOBAL APPEND_STRING PROPERTY BPFGEN_GRAPH_${part} "${comma}\n    ${value}")

	get_property(deferred GLOBAL PROPERTY BPFGEN_GRAPH_DEFERRED)
	if(NOT deferred)
		set_property(GLOBAL PROPERTY BPFGEN_GRAPH_DEFERRED TRUE)
		cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _bpfgen_finish_project)
	endif()
endfunction()

# Runs at the end of the top-level folder: writes the graph file, and adds the target that checks it.
function(_bpfgen_finish_project)
	if(BPFGEN_LIBBPF)
		if(NOT TARGET "${BPFGEN_LIBBPF}")
			message(FATAL_ERROR "BPFGEN_LIBBPF is ${BPFGEN_LIBBPF}, and there is no such target")
		endif()
		get_target_property(type "${BPFGEN_LIBBPF}" TYPE)
		if(NOT type MATCHES "_LIBRARY$")
			message(FATAL_ERROR
				"BPFGEN_LIBBPF is ${BPFGEN_LIBBPF}, which is not a library target. For a libbpf that ExternalProject or a custom "
				"command builds, name an imported library: add_library(my_libbpf STATIC IMPORTED GLOBAL), with IMPORTED_LOCATION, "
				"INTERFACE_INCLUDE_DIRECTORIES and add_dependencies(my_libbpf ${BPFGEN_LIBBPF}). docs/cmake.md has an example.")
		endif()
	endif()
	set(file "${CMAKE_BINARY_DIR}/bpfgen.json")
	if(CMAKE_BINARY_DIR STREQUAL CMAKE_SOURCE_DIR AND EXISTS "${file}" AND NOT BPFGEN_WROTE_GRAPH)
		message(WARNING "Bpfgen: ${file} is the project's own: what CMake builds is not described there")
		return()
	endif()
	set(BPFGEN_WROTE_GRAPH TRUE CACHE INTERNAL "Whether bpfgen.json in the build folder is CMake's")
	set(text "{ \"bpfgen\": 1")
	foreach(part IN ITEMS objects libraries finals skeletons subskeletons light_skeletons min_core_btfs kernels
		kernel_checks)
		string(TOUPPER ${part} key)
		get_property(entries GLOBAL PROPERTY BPFGEN_GRAPH_${key})
		set(open "{")
		set(close "}")
		if(part MATCHES "skeletons|btfs|checks")
			set(open "[")
			set(close "]")
		endif()
		if(entries)
			string(APPEND text ",\n  \"${part}\": ${open}${entries}\n  ${close}")
		endif()
	endforeach()
	string(APPEND text " }\n")
	file(GENERATE OUTPUT "${file}" CONTENT "${text}")

	if(NOT TARGET bpfgen-check)
		add_custom_target(bpfgen-check VERBATIM
			COMMAND "${BPFGEN_EXECUTABLE}" check -f "${file}"
			COMMENT "Checking libraries against the finals that they are linked into")
		get_property(linked GLOBAL PROPERTY BPFGEN_LINKED_TARGETS)
		if(linked)
			add_dependencies(bpfgen-check ${linked})
		endif()
	endif()
endfunction()
