# How a command of bpfgen becomes a part of the build, and how functions speak of their arguments.

# Adds a command whose outputs stay as they are when they would not change. Appends to `result` what a custom target depends
# on to have it run.
#
#   _bpfgen_add_step(<result> TARGET <name> OUTPUTS <file>... [DEPENDS <file or target>...]
#                    COMMENT <text> COMMAND <bpfgen's command> <argument>...)
#
# The output of the command's rule is a stamp, which the command touches. The stamp's depfile names what was read, and the
# outputs by another spelling: one that is removed or edited makes the command run again. TARGET is the custom target that
# depends on `result`.
function(_bpfgen_add_step result)
	cmake_parse_arguments(PARSE_ARGV 1 step "" "TARGET;COMMENT" "OUTPUTS;DEPENDS;COMMAND")
	set(folders "")
	foreach(output IN LISTS step_OUTPUTS)
		get_filename_component(folder "${output}" DIRECTORY)
		list(APPEND folders "${folder}")
	endforeach()
	list(REMOVE_DUPLICATES folders)
	file(MAKE_DIRECTORY ${folders})
	list(POP_FRONT step_COMMAND verb)
	list(GET step_OUTPUTS 0 first)
	_bpfgen_spelled("${first}" spelled)
	set(command "${BPFGEN_EXECUTABLE}" ${verb})
	set(words "")
	foreach(word IN LISTS step_COMMAND)
		_bpfgen_spelled("${word}" word)
		string(REPLACE ";" "\\;" word "${word}")
		list(APPEND words "${word}")
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

# A second rule makes the outputs from the stamp and does nothing: Ninja looks at them after it, and what uses one that was
# left alone does not run. As outputs of the command's own rule, those that are not the first could be edited unnoticed:
# of a rule's outputs Ninja knows the first one's time (in its log of dependencies, which CMake has it keep since 3.30).
#
# Before 4.4 CMake loses `#` and `$` of paths when it translates a depfile for Ninja (CMP0116), and rules without inputs
# too. There the depfile is Ninja's as it is: the command runs in the build folder, and names what lies there as Ninja does.
macro(_bpfgen_add_ninja_step)
	_bpfgen_wants_ninja_paths(is_ninja_spelled)
	if(is_ninja_spelled)
		# CMake 4.3 warns of the old behaviour, of which 4.4 is the first that can do without.
		set(CMAKE_WARN_DEPRECATED FALSE)
		cmake_policy(SET CMP0116 OLD)
		list(APPEND common WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
	endif()
	add_custom_command(OUTPUT "${first}.stamp" DEPFILE "${first}.stamp.d" DEPENDS ${step_DEPENDS} ${common}
		COMMENT "${step_COMMENT}"
		COMMAND ${command} --depfile "${spelled}.stamp.d" --stamp "${spelled}.stamp" --watch-outputs ${words})
	add_custom_command(OUTPUT ${step_OUTPUTS} DEPENDS "${first}.stamp" VERBATIM
		COMMENT "Looking for changes in ${spelled}" COMMAND true)
	set(added ${step_OUTPUTS})
endmacro()

# Makefiles run a rule again and again whose output is older than its inputs. The output is a stamp, the files are
# byproducts, and the depfile names them as what the stamp hangs on: so one that is gone or was edited is made again. What
# depends on the files comes later because its target does.
#
# They do not see that a command changed, as Ninja does: a file has it, which CMake leaves alone when it is the same.
macro(_bpfgen_add_make_step)
	file(GENERATE OUTPUT "${first}.command" CONTENT "${command};${words}\n")
	# Of two depfiles of one step CMake 3.25 takes all that either names, unless it has no list of its own: then a header that
	# no source includes any more, and that is gone, has the source compiled at each build.
	set(taken "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${step_TARGET}.dir/compiler_depend.internal")
	# A folder that somebody removed is made again, as Ninja does by itself.
	add_custom_command(OUTPUT "${first}.stamp" BYPRODUCTS ${step_OUTPUTS} DEPFILE "${first}.d"
		COMMAND "${CMAKE_COMMAND}" -E make_directory ${folders}
		COMMAND "${CMAKE_COMMAND}" -E rm -f "${taken}"
		DEPENDS ${step_DEPENDS} "${first}.command" ${common} COMMENT "${step_COMMENT}"
		COMMAND ${command} --depfile "${first}.d" --stamp "${first}.stamp" --watch-outputs ${words})
	set(added "${first}.stamp")
endmacro()

# Whether commands name what lies in the build folder as Ninja does, as seen from there.
function(_bpfgen_wants_ninja_paths result)
	set(wants FALSE)
	if(CMAKE_GENERATOR MATCHES "Ninja" AND CMAKE_VERSION VERSION_LESS 4.4)
		set(wants TRUE)
	endif()
	set(${result} ${wants} PARENT_SCOPE)
endfunction()

# Sets `result` to a word as the command of a step has it: a path, or an option with one.
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

# Sets `result` to the rest of a path that lies below a folder; empty for one that does not.
function(_bpfgen_below path folder result)
	set(rest "")
	string(FIND "${path}" "${folder}/" at)
	if(at EQUAL 0)
		string(LENGTH "${folder}/" length)
		string(SUBSTRING "${path}" ${length} -1 rest)
	endif()
	set(${result} "${rest}" PARENT_SCOPE)
endfunction()

# Parses a function's arguments from the given one on: arg_... are the values, and `keywords` is what it takes. A macro, as are
# the next two: the function's own variables are set and read.
macro(_bpfgen_parse first flags values lists)
	cmake_parse_arguments(PARSE_ARGV ${first} arg "${flags}" "${values}" "${lists}")
	set(keywords ${lists} ${values} ${flags})
endmacro()

# Refuses arguments that a function does not take, and keywords without values.
macro(_bpfgen_check_words call)
	if(arg_UNPARSED_ARGUMENTS)
		list(JOIN arg_UNPARSED_ARGUMENTS " " words)
		list(JOIN keywords ", " keywords)
		message(FATAL_ERROR "${call}: unknown arguments: ${words}. The keywords are ${keywords}.")
	endif()
	if(arg_KEYWORDS_MISSING_VALUES)
		message(FATAL_ERROR "${call}: no value for ${arg_KEYWORDS_MISSING_VALUES}")
	endif()
endmacro()

# The same, and refuses a target's name that is taken.
macro(_bpfgen_check_arguments caller name)
	_bpfgen_check_words("${caller}(${name})")
	if(TARGET "${name}")
		message(FATAL_ERROR "${caller}(${name}): a target of this name exists already")
	endif()
endmacro()

# Sets `files` to the BPF objects that `item` stands for, a target of ours or an object's path, and `names` to what the
# project's graph file calls them.
#
# `needs` is what a step that reads the files depends on. For a path with a Makefile generator that is a target: with the
# file itself each target that needs it would have the rule that makes it, and run it beside the others.
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

# Sets a variable that has the name of <package>::bpf to what that is in the project that calls bpf_install_library.
function(_bpfgen_own_item variable)
	if(TARGET "${${variable}}")
		get_target_property(own "${${variable}}" BPFGEN_TARGET)
		if(own)
			set(${variable} "${own}" PARENT_SCOPE)
		endif()
	endif()
endfunction()

# Sets `result` to a file that is written when CMake configures and an installed object has another content. Packages have old
# times, which the build tools would take for no change.
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

# _bpfgen_resolve where one object is wanted.
macro(_bpfgen_resolve_one caller item file name needs)
	_bpfgen_resolve("${caller}" "${item}" ${file} ${name} ${needs})
	list(LENGTH ${file} _bpfgen_count)
	if(NOT _bpfgen_count EQUAL 1)
		message(FATAL_ERROR "${caller}: ${item} is ${_bpfgen_count} objects: link them with bpf_add_final or bpf_add_library")
	endif()
endmacro()

# Makes paths absolute, of this folder; generator expressions stay.
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
