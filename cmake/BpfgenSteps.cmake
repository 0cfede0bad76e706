# Turns bpfgen commands into build steps, and checks the arguments of functions.

# Adds a command that leaves its outputs unchanged if they would be the same. Appends to `result` the files on which a
# custom target must depend to run the command.
#
#   _bpfgen_add_step(<result> TARGET <name> OUTPUTS <file>... [DEPENDS <file or target>...]
#                    COMMENT <text> COMMAND <bpfgen's command> <argument>...)
#
# A command without outputs, which only checks something, has STAMP <file> in their place.
#
# The output of the command's rule is a stamp, which the command touches. The stamp's depfile names what was read, and the
# outputs by another spelling: one that is removed or edited makes the command run again. TARGET is the custom target that
# depends on `result`.
function(_bpfgen_add_step result)
	cmake_parse_arguments(PARSE_ARGV 1 step "" "TARGET;COMMENT;STAMP" "OUTPUTS;DEPENDS;COMMAND")
	set(folders "")
	foreach(output IN LISTS step_OUTPUTS step_STAMP)
		get_filename_component(folder "${output}" DIRECTORY)
		list(APPEND folders "${folder}")
	endforeach()
	list(REMOVE_DUPLICATES folders)
	file(MAKE_DIRECTORY ${folders})
	list(POP_FRONT step_COMMAND verb)
	if(step_OUTPUTS)
		list(GET step_OUTPUTS 0 first)
	else()
		string(REGEX REPLACE "\\.stamp$" "" first "${step_STAMP}")
	endif()
	_bpfgen_spelled("${first}" spelled)
	set(command "${BPFGEN_EXECUTABLE}" ${verb})
	set(arguments "")
	foreach(argument IN LISTS step_COMMAND)
		_bpfgen_spelled("${argument}" argument)
		string(REPLACE ";" "\\;" argument "${argument}")
		list(APPEND arguments "${argument}")
	endforeach()
	list(APPEND step_DEPENDS "${BPFGEN_EXECUTABLE}")
	set(common VERBATIM COMMAND_EXPAND_LISTS)
	if(CMAKE_GENERATOR MATCHES "Ninja")
		_bpfgen_add_ninja_step()
	else()
		_bpfgen_add_make_step()
	endif()
	set(${result} ${${result}} ${added} PARENT_SCOPE)
endfunction()

# A second rule "makes" the outputs from the stamp by doing nothing. Ninja checks their times after it (restat), and
# does not run the users of an unchanged output. If they were outputs of the command's own rule, edits of all but the
# first output would go unnoticed: Ninja records only the first output's time (in its deps log, which CMake uses since
# 3.30).
#
# Before 4.4, CMake loses `#` and `$` in paths, and rules without inputs, when it transforms a depfile for Ninja
# (CMP0116). There the depfile is passed to Ninja unchanged: the command runs in the build folder, and spells the paths
# below it as Ninja does.
macro(_bpfgen_add_ninja_step)
	_bpfgen_wants_ninja_paths(is_ninja_spelled)
	if(is_ninja_spelled)
		# CMake 4.3 warns about the OLD behavior; 4.4 is the first version that works without it.
		set(CMAKE_WARN_DEPRECATED FALSE)
		cmake_policy(SET CMP0116 OLD)
		list(APPEND common WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
	endif()
	add_custom_command(OUTPUT "${first}.stamp" DEPFILE "${first}.stamp.d" DEPENDS ${step_DEPENDS} ${common}
		COMMENT "${step_COMMENT}"
		COMMAND ${command} --depfile "${spelled}.stamp.d" --stamp "${spelled}.stamp" --watch-outputs ${arguments})
	if(step_OUTPUTS)
		add_custom_command(OUTPUT ${step_OUTPUTS} DEPENDS "${first}.stamp" VERBATIM
			COMMENT "Looking for changes in ${spelled}" COMMAND true)
		set(added ${step_OUTPUTS})
	else()
		set(added "${first}.stamp")
	endif()
endmacro()

# Makefiles run a rule again as long as its output is older than its inputs. So the output is a stamp, the files are
# byproducts, and the depfile lists the files as dependencies of the stamp: a removed or edited file is made again.
# Targets that use the files are ordered by target dependencies.
#
# Makefiles do not notice a changed command, as Ninja does. So a file contains the command; CMake does not rewrite it if
# it is the same.
macro(_bpfgen_add_make_step)
	file(GENERATE OUTPUT "${first}.command" CONTENT "${command};${arguments}\n")
	# CMake 3.25 merges the old and new depfile of a step, unless its own list of dependencies is missing. With the merged
	# list, a header that no source includes any more and that is removed would make the source compile in each build.
	set(taken "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${step_TARGET}.dir/compiler_depend.internal")
	# Creates a removed folder again, as Ninja does by itself.
	add_custom_command(OUTPUT "${first}.stamp" BYPRODUCTS ${step_OUTPUTS} DEPFILE "${first}.d"
		COMMAND "${CMAKE_COMMAND}" -E make_directory ${folders}
		COMMAND "${CMAKE_COMMAND}" -E rm -f "${taken}"
		DEPENDS ${step_DEPENDS} "${first}.command" ${common} COMMENT "${step_COMMENT}"
		COMMAND ${command} --depfile "${first}.d" --stamp "${first}.stamp" --watch-outputs ${arguments})
	set(added "${first}.stamp")
endmacro()

# Sets `result` to whether commands must spell paths below the build folder as Ninja does, relative to it.
function(_bpfgen_wants_ninja_paths result)
	set(wants FALSE)
	if(CMAKE_GENERATOR MATCHES "Ninja" AND CMAKE_VERSION VERSION_LESS 4.4)
		set(wants TRUE)
	endif()
	set(${result} ${wants} PARENT_SCOPE)
endfunction()

# Sets `result` to an argument as it is spelled in a step's command: a path, or an option with a path.
function(_bpfgen_spelled text result)
	_bpfgen_wants_ninja_paths(is_ninja_spelled)
	if(is_ninja_spelled)
		foreach(option IN ITEMS "" "-I")
			_bpfgen_below("${text}" "${option}${CMAKE_BINARY_DIR}" below)
			if(NOT below STREQUAL "")
				set(text "${option}${below}")
			endif()
		endforeach()
	endif()
	set(${result} "${text}" PARENT_SCOPE)
endfunction()

# Sets `result` to a path relative to a folder; empty if the path is not below the folder.
function(_bpfgen_below path folder result)
	set(rest "")
	string(FIND "${path}" "${folder}/" at)
	if(at EQUAL 0)
		string(LENGTH "${folder}/" length)
		string(SUBSTRING "${path}" ${length} -1 rest)
	endif()
	set(${result} "${rest}" PARENT_SCOPE)
endfunction()

# Parses a function's arguments from the given index on: arg_... are the values, `keywords` are the keywords that it
# supports. A macro, like the next two: it reads and sets the function's variables.
macro(_bpfgen_parse first flags values lists)
	cmake_parse_arguments(PARSE_ARGV ${first} arg "${flags}" "${values}" "${lists}")
	set(keywords ${lists} ${values} ${flags})
endmacro()

# Fails for unknown arguments and for keywords without values.
macro(_bpfgen_check_keywords call)
	if(arg_UNPARSED_ARGUMENTS)
		list(JOIN arg_UNPARSED_ARGUMENTS " " unknown)
		list(JOIN keywords ", " keywords)
		message(FATAL_ERROR "${call}: unknown arguments: ${unknown}. The keywords are ${keywords}.")
	endif()
	if(arg_KEYWORDS_MISSING_VALUES)
		message(FATAL_ERROR "${call}: no value for ${arg_KEYWORDS_MISSING_VALUES}")
	endif()
endmacro()

# The same, and fails if a target with the name exists.
macro(_bpfgen_check_arguments caller name)
	_bpfgen_check_keywords("${caller}(${name})")
	if(TARGET "${name}")
		message(FATAL_ERROR "${caller}(${name}): a target of this name exists already")
	endif()
endmacro()

# Fails if one of the keywords after the call's name has no value. A macro, like the one before.
macro(_bpfgen_require call)
	foreach(option IN ITEMS ${ARGN})
		if(NOT arg_${option})
			message(FATAL_ERROR "${call}: ${option} is missing")
		endif()
	endforeach()
endmacro()

# Sets `files` to the BPF objects of `item`, one of our targets or an object's path, and `names` to their names in the
# project's graph file.
#
# `needs` is the dependency of a step that reads the files. For a path with a Makefile generator it is a target: with a
# file, each target that needs it would get its own copy of the rule that makes it, and run the copies in parallel.
function(_bpfgen_resolve caller item files names needs)
	_bpfgen_own_item(item)
	if(TARGET "${item}")
		get_target_property(is_installed "${item}" IMPORTED)
		get_target_property(found "${item}" BPFGEN_FILES)
		if(NOT found)
			message(FATAL_ERROR
				"${caller}: the target ${item} is not a BPF object: bpf_add_object, bpf_add_library and bpf_add_final make them")
		endif()
		if(is_installed)
			_bpfgen_graph_path("${found}" called)
			_bpfgen_graph_entry(OBJECTS "${called}" "\"${called}\"")
			_bpfgen_record_object("${found}" record)
			set(all "${found}" "${record}")
		else()
			get_target_property(called "${item}" BPFGEN_NAMES)
			set(all ${found} "${item}")
		endif()
	elseif(item MATCHES "\\.o$")
		get_filename_component(found "${item}" ABSOLUTE)
		_bpfgen_graph_path("${found}" called)
		_bpfgen_graph_entry(OBJECTS "${called}" "\"${called}\"")
		set(all "${found}")
		if(NOT CMAKE_GENERATOR MATCHES "Ninja")
			string(MD5 hash "${CMAKE_CURRENT_BINARY_DIR};${found}")
			set(all "bpfgen_object_${hash}")
			if(NOT TARGET "${all}")
				add_custom_target("${all}" DEPENDS "${found}")
			endif()
		endif()
	else()
		message(FATAL_ERROR "${caller}: ${item} is neither a target that exists before this call nor the path of an object")
	endif()
	set(${needs} ${all} PARENT_SCOPE)
	set(${files} "${found}" PARENT_SCOPE)
	set(${names} "${called}" PARENT_SCOPE)
endfunction()

# Replaces the name of <package>::bpf in a variable with the real target, in the project that calls bpf_install_library.
function(_bpfgen_own_item variable)
	if(TARGET "${${variable}}")
		get_target_property(own "${${variable}}" BPFGEN_TARGET)
		if(own)
			set(${variable} "${own}" PARENT_SCOPE)
		endif()
	endif()
endfunction()

# Sets `result` to a file that is rewritten at configure time when the content of an installed object changed. Installed
# files can have old times, for which the build tools would do nothing.
function(_bpfgen_record_object object result)
	string(MD5 hash "${object}")
	set(record "${CMAKE_BINARY_DIR}/CMakeFiles/bpfgen/object-${hash}.txt")
	file(MD5 "${object}" content)
	set(last "")
	if(EXISTS "${record}")
		file(READ "${record}" last)
	endif()
	if(NOT last STREQUAL content)
		file(WRITE "${record}" "${content}")
	endif()
	set(${result} "${record}" PARENT_SCOPE)
endfunction()

# _bpfgen_resolve for exactly one object.
macro(_bpfgen_resolve_one caller item file name needs)
	_bpfgen_resolve("${caller}" "${item}" ${file} ${name} ${needs})
	list(LENGTH ${file} _bpfgen_count)
	if(NOT _bpfgen_count EQUAL 1)
		message(FATAL_ERROR "${caller}: ${item} is ${_bpfgen_count} objects: link them with bpf_add_final or bpf_add_library")
	endif()
endmacro()

# Makes paths absolute, relative to this folder; generator expressions are unchanged.
function(_bpfgen_absolute paths)
	set(result "")
	foreach(path IN LISTS ${paths})
		if(NOT path MATCHES "^\\$<")
			get_filename_component(path "${path}" ABSOLUTE)
		endif()
		list(APPEND result "${path}")
	endforeach()
	set(${paths} "${result}" PARENT_SCOPE)
endfunction()
