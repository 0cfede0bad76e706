#[=======================================================================[.rst:
Packages
^^^^^^^^

.. command:: bpf_install_library

  Installs a BPF library with its user-space library, as a package for CMake and for pkg-config::

    bpf_install_library(<package> OBJECT <object> [TARGETS <library>...] [HEADERS <file>...] [DEPENDENCIES <package>...]
      [VERSION <version>] [DESCRIPTION <text>])

  ``OBJECT`` is a target of ``bpf_add_library``, or of ``bpf_add_object`` with one source. It is installed with the headers of
  its subskeletons. A project that calls ``find_package(<package>)`` gets these targets:

  ``<package>::bpf``
    for ``LIBRARIES`` of ``bpf_add_final`` and ``bpf_add_library``, which link the object and check the final against it, and for
    ``LIBRARIES`` of ``bpf_add_object``, whose programs find ``HEADERS``.
  ``<package>::<library>``
    for ``target_link_libraries``: the libraries of ``TARGETS``, and the targets of the subskeletons.

  The same names exist in the project that makes the call, so that ``add_subdirectory`` and ``FetchContent`` work too.

  ``TARGETS``
    User-space libraries. The skeletons and subskeletons that they link are installed if their users need them: the payload
    if a static library links a skeleton, the header if a library links it ``PUBLIC``.
  ``HEADERS``
    Headers of the library, for BPF programs and others. All headers go to ``CMAKE_INSTALL_INCLUDEDIR``.
  ``DEPENDENCIES``
    Packages that must be found with this one.
  ``VERSION``
    Default: ``PROJECT_VERSION``. ``find_package`` accepts the same major version.
  ``DESCRIPTION``
    For the pkg-config file. Default: ``PROJECT_DESCRIPTION``.

  pkg-config's ``<package>`` has the flags of the user-space library, and the variables ``bpf_object`` and ``includedir``.

.. command:: bpf_install_headers

  Adds skeletons and subskeletons to one of the project's own export sets, with what their users need::

    bpf_install_headers(<name>... EXPORT <export> [PAYLOAD_ONLY])

  ``<name>`` is a target of ``bpf_add_skeleton`` or ``bpf_add_subskeleton``. With ``PAYLOAD_ONLY`` the header is not installed:
  for libraries that link it ``PRIVATE``.
#]=======================================================================]

function(bpf_install_headers)
	cmake_parse_arguments(PARSE_ARGV 0 arg "PAYLOAD_ONLY" "EXPORT" "")
	set(caller "bpf_install_headers(${arg_UNPARSED_ARGUMENTS})")
	if(NOT arg_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "bpf_install_headers: no target: name one of bpf_add_skeleton or bpf_add_subskeleton")
	endif()
	if(NOT DEFINED arg_EXPORT)
		message(FATAL_ERROR "${caller}: EXPORT is missing")
	endif()
	foreach(name IN LISTS arg_UNPARSED_ARGUMENTS)
		if(NOT TARGET "${name}")
			message(FATAL_ERROR "${caller}: there is no target ${name} before this call")
		endif()
		get_target_property(header "${name}" BPFGEN_HEADER)
		if(NOT header)
			message(FATAL_ERROR
				"${caller}: the target ${name} is not a header: bpf_add_skeleton, bpf_add_subskeleton and bpf_add_graph make them")
		endif()
		_bpfgen_install_header("${name}" "${arg_EXPORT}" "${arg_EXPORT}" "${arg_PAYLOAD_ONLY}")
	endforeach()
endfunction()

# Installs the files of a header's target, and adds the target to an export set. `folder` is the payload's, below the
# library folder.
function(_bpfgen_install_header name export folder payload_only)
	include(GNUInstallDirs)
	get_target_property(header "${name}" BPFGEN_HEADER)
	get_target_property(place "${name}" BPFGEN_INCLUDED_FROM)
	get_target_property(payload "${name}" BPFGEN_PAYLOAD)
	if(NOT payload_only)
		_bpfgen_below("${header}" "${place}" below)
		get_filename_component(below "${below}" DIRECTORY)
		install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${below}")
		_bpfgen_installed_path("${CMAKE_INSTALL_INCLUDEDIR}" "$<INSTALL_PREFIX>" folder_of_headers)
		target_include_directories("${name}" SYSTEM INTERFACE "$<INSTALL_INTERFACE:${folder_of_headers}>")
	endif()
	if(payload)
		install(FILES "${payload}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/${folder}")
		get_filename_component(base "${payload}" NAME)
		_bpfgen_installed_path("${CMAKE_INSTALL_LIBDIR}/${folder}/${base}" "$<INSTALL_PREFIX>" base)
		target_link_libraries("${name}" INTERFACE "$<INSTALL_INTERFACE:${base}>")
	endif()
	get_target_property(kind "${name}" BPFGEN_KIND)
	# The libbpf of the project that finds the package, if that project uses bpfgen too.
	if(NOT kind STREQUAL "light-skeleton")
		target_link_libraries("${name}" INTERFACE
			"$<INSTALL_INTERFACE:$<IF:$<TARGET_EXISTS:Bpfgen::libbpf>,Bpfgen::libbpf,bpf>>")
	endif()
	install(TARGETS "${name}" EXPORT "${export}")
endfunction()

# Sets `result` to the path of an installed file relative to the prefix.
function(_bpfgen_installed_path path prefix result)
	if(NOT IS_ABSOLUTE "${path}")
		string(PREPEND path "${prefix}/")
	endif()
	set(${result} "${path}" PARENT_SCOPE)
endfunction()

function(bpf_install_library package)
	_bpfgen_parse(1 "" "OBJECT;VERSION;DESCRIPTION" "TARGETS;HEADERS;DEPENDENCIES")
	set(caller "bpf_install_library(${package})")
	_bpfgen_check_keywords("${caller}")
	if(NOT package MATCHES "^[A-Za-z0-9_.+-]+$")
		message(FATAL_ERROR "${caller}: '${package}' is not a package's name: use letters, digits and _ . + -")
	endif()
	if(TARGET "${package}::bpf")
		message(FATAL_ERROR "${caller}: a package of this name exists already")
	endif()
	if(NOT DEFINED arg_OBJECT)
		message(FATAL_ERROR "${caller}: OBJECT is missing")
	endif()
	_bpfgen_resolve_one("${caller}" "${arg_OBJECT}" object name depends)
	if(NOT DEFINED arg_VERSION)
		set(arg_VERSION "${PROJECT_VERSION}")
	endif()
	if(NOT DEFINED arg_DESCRIPTION)
		set(arg_DESCRIPTION "${PROJECT_DESCRIPTION}")
	endif()
	if(arg_DESCRIPTION STREQUAL "")
		set(arg_DESCRIPTION "The BPF library ${package}")
	endif()
	include(GNUInstallDirs)

	set(folders "")
	foreach(file IN LISTS arg_HEADERS)
		get_filename_component(path "${file}" ABSOLUTE)
		get_source_file_property(generated "${path}" GENERATED)
		if(NOT EXISTS "${path}" AND NOT generated)
			message(FATAL_ERROR "${caller}: there is no header ${path}")
		endif()
		install(FILES "${path}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
		get_filename_component(folder "${path}" DIRECTORY)
		list(APPEND folders "${folder}")
	endforeach()
	list(REMOVE_DUPLICATES folders)

	set(exported ${arg_TARGETS})
	set(headers "")
	if(TARGET "${arg_OBJECT}")
		get_target_property(headers "${arg_OBJECT}" BPFGEN_SUBSKELETONS)
		if(NOT headers)
			set(headers "")
		endif()
	endif()
	set(payload_only "")
	set(libraries "")
	set(systems "")
	foreach(library IN LISTS arg_TARGETS)
		_bpfgen_check_library("${caller}" "${library}")
		get_target_property(type "${library}" TYPE)
		if(type MATCHES "^(STATIC|SHARED)_LIBRARY$")
			string(APPEND libraries " -l$<TARGET_LINKER_FILE_BASE_NAME:${library}>")
		endif()
		_bpfgen_users_libraries("${library}" public private system)
		list(APPEND headers ${public})
		list(APPEND payload_only ${private})
		list(APPEND systems ${system})
	endforeach()
	list(REMOVE_DUPLICATES headers)
	list(REMOVE_DUPLICATES payload_only)
	list(REMOVE_ITEM payload_only ${headers})
	set(extra "")
	foreach(header IN LISTS headers payload_only)
		set(is_hidden FALSE)
		if(header IN_LIST payload_only)
			set(is_hidden TRUE)
		endif()
		_bpfgen_install_header("${header}" "${package}" "${package}" ${is_hidden})
		get_target_property(payload "${header}" BPFGEN_PAYLOAD)
		if(payload)
			get_filename_component(base "${payload}" NAME)
			string(APPEND libraries " \${libdir}/${package}/${base}")
		endif()
	endforeach()
	foreach(system IN LISTS systems)
		string(APPEND libraries " ${system}")
	endforeach()
	if(arg_TARGETS)
		install(TARGETS ${arg_TARGETS} EXPORT "${package}" INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
	endif()
	install(FILES "${object}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/${package}" RENAME "${package}.bpf.o")

	_bpfgen_write_cmake_package()
	_bpfgen_write_pkg_config_file()

	# The target names that users of the package see.
	add_library("${package}::bpf" INTERFACE IMPORTED GLOBAL)
	set_target_properties("${package}::bpf" PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folders}")
	set(own "${object}")
	if(TARGET "${arg_OBJECT}")
		set(own "${arg_OBJECT}")
	endif()
	set_target_properties("${package}::bpf" PROPERTIES BPFGEN_TARGET "${own}")
	foreach(library IN LISTS arg_TARGETS headers)
		if(NOT TARGET "${package}::${library}")
			add_library("${package}::${library}" ALIAS "${library}")
		endif()
	endforeach()
endfunction()

# Fails if a target is not a library that this project builds.
function(_bpfgen_check_library caller name)
	if(NOT TARGET "${name}")
		message(FATAL_ERROR "${caller}: TARGETS names ${name}, and there is no such target before this call")
	endif()
	if(name STREQUAL "bpf")
		message(FATAL_ERROR "${caller}: TARGETS names bpf, but <package>::bpf is the BPF object: give the library another name")
	endif()
	get_target_property(type "${name}" TYPE)
	get_target_property(imported "${name}" IMPORTED)
	if(imported OR NOT type MATCHES "^(STATIC|SHARED|INTERFACE)_LIBRARY$")
		message(FATAL_ERROR
			"${caller}: TARGETS names ${name}, which is not a static, shared or interface library of this project. "
			"OBJECT names the BPF library, whose subskeletons come with it.")
	endif()
endfunction()

# Sets `public` and `private` to the header targets that users of a library need with and without the header itself, and
# `system` to the linker options for system libraries.
function(_bpfgen_users_libraries library public private system)
	set(all_public "")
	set(all_private "")
	set(all_system "")
	get_target_property(links "${library}" INTERFACE_LINK_LIBRARIES)
	if(NOT links)
		set(links "")
	endif()
	foreach(item IN LISTS links)
		set(is_private FALSE)
		if(item MATCHES "^\\$<LINK_ONLY:(.*)>$")
			set(item "${CMAKE_MATCH_1}")
			set(is_private TRUE)
		endif()
		if(TARGET "${item}")
			get_target_property(header "${item}" BPFGEN_HEADER)
			if(header AND is_private)
				list(APPEND all_private "${item}")
			elseif(header)
				list(APPEND all_public "${item}")
			endif()
		elseif(item MATCHES "^-")
			list(APPEND all_system "${item}")
		elseif(item MATCHES "^[A-Za-z0-9_.+-]+$")
			list(APPEND all_system "-l${item}")
		endif()
	endforeach()
	set(${public} "${all_public}" PARENT_SCOPE)
	set(${private} "${all_private}" PARENT_SCOPE)
	set(${system} "${all_system}" PARENT_SCOPE)
endfunction()

# The files that find_package reads. A macro, like the next one: both read variables of bpf_install_library.
macro(_bpfgen_write_cmake_package)
	include(CMakePackageConfigHelpers)
	set(cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/${package}")
	set(made "${CMAKE_CURRENT_BINARY_DIR}/bpf/${package}-package")
	set(installed_object "${CMAKE_INSTALL_LIBDIR}/${package}/${package}.bpf.o")
	set(found_targets "")
	if(arg_TARGETS OR headers)
		install(EXPORT "${package}" FILE "${package}Targets.cmake" NAMESPACE "${package}::" DESTINATION "${cmake_folder}")
		set(found_targets "include(\"\${CMAKE_CURRENT_LIST_DIR}/${package}Targets.cmake\")")
	endif()
	set(found_dependencies "")
	foreach(dependency IN LISTS arg_DEPENDENCIES)
		string(APPEND found_dependencies "find_dependency(${dependency})\n")
	endforeach()
	configure_package_config_file("${CMAKE_CURRENT_FUNCTION_LIST_DIR}/BpfgenPackageTemplate.cmake"
		"${made}/${package}Config.cmake"
		INSTALL_DESTINATION "${cmake_folder}" PATH_VARS installed_object CMAKE_INSTALL_INCLUDEDIR)
	install(FILES "${made}/${package}Config.cmake" DESTINATION "${cmake_folder}")
	if(NOT arg_VERSION STREQUAL "")
		write_basic_package_version_file("${made}/${package}ConfigVersion.cmake" VERSION "${arg_VERSION}"
			COMPATIBILITY SameMajorVersion)
		install(FILES "${made}/${package}ConfigVersion.cmake" DESTINATION "${cmake_folder}")
	endif()
endmacro()

macro(_bpfgen_write_pkg_config_file)
	# pkgconf itself escapes spaces in pcfiledir.
	set(prefix "\${pcfiledir}")
	if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
		string(REPLACE " " "\\ " prefix "${CMAKE_INSTALL_PREFIX}")
	else()
		file(RELATIVE_PATH back "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
		string(REGEX REPLACE "/$" "" back "${back}")
		string(APPEND prefix "/${back}")
	endif()
	_bpfgen_installed_path("${CMAKE_INSTALL_LIBDIR}" "\${prefix}" libdir)
	_bpfgen_installed_path("${CMAKE_INSTALL_INCLUDEDIR}" "\${prefix}" includedir)
	set(version "${arg_VERSION}")
	if(version STREQUAL "")
		set(version 0)
	endif()
	list(JOIN arg_DEPENDENCIES " " requires)
	string(CONCAT content
		"prefix=${prefix}\nlibdir=${libdir}\nincludedir=${includedir}\n"
		"bpf_object=\${libdir}/${package}/${package}.bpf.o\n\n"
		"Name: ${package}\nDescription: ${arg_DESCRIPTION}\nVersion: ${version}\nRequires: libbpf ${requires}\n"
		"Libs: -L\${libdir}${libraries}\nCflags: -I\${includedir}\n")
	set(condition "")
	if(CMAKE_CONFIGURATION_TYPES)
		list(GET CMAKE_CONFIGURATION_TYPES 0 first)
		set(condition CONDITION "$<CONFIG:${first}>")
	endif()
	file(GENERATE OUTPUT "${made}/${package}.pc" CONTENT "${content}" ${condition})
	install(FILES "${made}/${package}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endmacro()
