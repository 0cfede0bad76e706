#[=======================================================================[.rst:
Bpfgen
------

Builds BPF programs, and generates the C headers through which C and C++ programs use them::

  find_package(Bpfgen REQUIRED)
  bpf_add_object(app_bpf SOURCES app.bpf.c)
  bpf_add_skeleton(app_skel app_bpf NAME app HEADER app.skel.h)
  target_link_libraries(app PRIVATE app_skel)

After a change of a BPF program, C files are compiled only if the layout that the program exports changed.

Commands
^^^^^^^^

``bpf_add_object``, ``bpf_add_library``, ``bpf_add_final``, ``bpf_generate_vmlinux_h``
  See ``BpfgenObjects.cmake``.
``bpf_add_skeleton``, ``bpf_add_light_skeleton``, ``bpf_add_subskeleton``, ``bpf_add_min_core_btf``
  See ``BpfgenHeaders.cmake``.
``bpf_add_graph``
  See ``BpfgenGraph.cmake``.
``bpf_install_library``, ``bpf_install_headers``
  See ``BpfgenPackages.cmake``.

The target ``bpfgen-check`` compares each library that has a subskeleton with the finals that contain it, and
``bpfgen.json`` in the build folder describes the BPF side of the project for ``bpfgen query``, ``graph`` and ``check``.

The target ``Bpfgen::bpfgen`` is the program.

Variables
^^^^^^^^^

``BPFGEN_EXECUTABLE``
  The program. Default: the one installed with this package, else one in the ``PATH``.
``BPFGEN_CLANG``
  The compiler of BPF programs: clang 12 or newer, or gcc for BPF (``bpf-gcc``).
``BPFGEN_COMPILER_LAUNCHER``
  Starts that compiler, for instance ``ccache``. Default: ``CMAKE_C_COMPILER_LAUNCHER``; empty: none.
``BPFGEN_LIBBPF``
  A target that every skeleton links, and whose headers BPF programs include. Default: the libbpf that CMake finds, or that
  ``BPFGEN_LIBBPF_INCLUDE_DIR`` and ``BPFGEN_LIBBPF_LIBRARY`` name.

CMake 3.20 or newer, with a Ninja or a Makefile generator.
#]=======================================================================]

set(Bpfgen_FOUND FALSE)
if(CMAKE_VERSION VERSION_LESS 3.20)
	set(Bpfgen_NOT_FOUND_MESSAGE "Bpfgen needs CMake 3.20 or newer; this is ${CMAKE_VERSION}.")
	return()
endif()
if(NOT CMAKE_GENERATOR MATCHES "Ninja|Makefiles")
	set(Bpfgen_NOT_FOUND_MESSAGE
		"Bpfgen works with Ninja and Makefile generators; this is ${CMAKE_GENERATOR}. Configure with -G Ninja.")
	return()
endif()

if(DEFINED BPFGEN_EXECUTABLE AND NOT BPFGEN_EXECUTABLE MATCHES "NOTFOUND$" AND NOT EXISTS "${BPFGEN_EXECUTABLE}")
	set(Bpfgen_NOT_FOUND_MESSAGE
		"BPFGEN_EXECUTABLE is ${BPFGEN_EXECUTABLE}, and nothing is there: set it to the program's path, or leave it out "
		"(-U BPFGEN_EXECUTABLE) to have it looked for.")
	string(CONCAT Bpfgen_NOT_FOUND_MESSAGE ${Bpfgen_NOT_FOUND_MESSAGE})
	return()
endif()
find_program(BPFGEN_EXECUTABLE bpfgen
	HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin" "${CMAKE_CURRENT_LIST_DIR}/../.build/static/release"
	NO_CMAKE_FIND_ROOT_PATH
	DOC "The program bpfgen")
mark_as_advanced(BPFGEN_EXECUTABLE)
if(NOT BPFGEN_EXECUTABLE)
	set(Bpfgen_NOT_FOUND_MESSAGE
		"The program bpfgen was not found: install it (scripts/install PREFIX), or set BPFGEN_EXECUTABLE to its path.")
	return()
endif()

execute_process(COMMAND "${BPFGEN_EXECUTABLE}" --version RESULT_VARIABLE _bpfgen_status OUTPUT_VARIABLE _bpfgen_output
	ERROR_VARIABLE _bpfgen_output)
if(NOT _bpfgen_status EQUAL 0 OR NOT _bpfgen_output MATCHES "^bpfgen ")
	set(Bpfgen_NOT_FOUND_MESSAGE "${BPFGEN_EXECUTABLE} is not bpfgen: set BPFGEN_EXECUTABLE to the program's path.")
	return()
endif()

# For the project's own commands.
if(NOT TARGET Bpfgen::bpfgen)
	add_executable(Bpfgen::bpfgen IMPORTED GLOBAL)
	set_target_properties(Bpfgen::bpfgen PROPERTIES IMPORTED_LOCATION "${BPFGEN_EXECUTABLE}")
endif()

# The functions use the policies set here, whatever policies the calling project sets.
cmake_policy(PUSH)
cmake_policy(VERSION 3.20...4.4)
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenTools.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenSteps.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenObjects.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenHeaders.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenGraph.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/BpfgenPackages.cmake")
cmake_policy(POP)
set(Bpfgen_FOUND TRUE)
