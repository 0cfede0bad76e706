# What a build with BPF programs needs beside bpfgen itself, each found once and then kept in the cache.

# Finds a clang that compiles for BPF; BPFGEN_CLANG names it.
function(_bpfgen_need_clang caller)
	if(BPFGEN_CLANG AND BPFGEN_CLANG STREQUAL BPFGEN_CHECKED_CLANG)
		return()
	endif()
	set(names clang)
	foreach(version RANGE 30 12 -1)
		list(APPEND names clang-${version})
	endforeach()
	find_program(BPFGEN_CLANG NAMES ${names} NO_CMAKE_FIND_ROOT_PATH DOC "A clang that compiles for the BPF target")
	mark_as_advanced(BPFGEN_CLANG)
	if(NOT BPFGEN_CLANG)
		message(FATAL_ERROR
			"${caller}: no clang was found. Install it (Debian: apt-get install clang), "
			"or set BPFGEN_CLANG to a clang that compiles for the BPF target.")
	endif()
	set(probe "${CMAKE_BINARY_DIR}/CMakeFiles/bpfgen/probe.bpf.c")
	file(WRITE "${probe}" "int answer = 42;\n")
	execute_process(
		COMMAND "${BPFGEN_CLANG}" -target bpf -g -c "${probe}" -o "${probe}.o"
		RESULT_VARIABLE result OUTPUT_VARIABLE words ERROR_VARIABLE words)
	if(NOT result EQUAL 0)
		message(FATAL_ERROR
			"${caller}: ${BPFGEN_CLANG} does not compile for the BPF target. "
			"Set BPFGEN_CLANG to a clang that does (Debian: apt-get install clang). It ended with ${result}:\n${words}")
	endif()
	set(BPFGEN_CHECKED_CLANG "${BPFGEN_CLANG}" CACHE INTERNAL "The clang that was seen to compile for BPF")
endfunction()

# Sets `result` to what every BPF program is compiled with because of the machine that it is for.
function(_bpfgen_machine_flags result)
	set(flags "")
	if(CMAKE_SYSROOT)
		list(APPEND flags "--sysroot=${CMAKE_SYSROOT}")
	endif()
	# <bpf/bpf_tracing.h> asks for the machine whose registers it shall know.
	foreach(pair IN ITEMS
		"x86_64|AMD64|i.86:x86" "aarch64|arm64:arm64" "arm:arm" "riscv:riscv" "s390:s390" "ppc|powerpc:powerpc"
		"loongarch:loongarch" "mips:mips" "sparc:sparc"
	)
		string(REGEX MATCH "^(.*):(.*)$" ignored "${pair}")
		if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(${CMAKE_MATCH_1})")
			string(REGEX REPLACE "^.*:" "" machine "${pair}")
			list(APPEND flags "-D__TARGET_ARCH_${machine}")
			break()
		endif()
	endforeach()
	# The BPF target has no system headers of its own; <linux/types.h> wants the program's <asm/types.h>.
	foreach(language IN ITEMS C CXX)
		if(CMAKE_${language}_COMPILER_LOADED AND CMAKE_${language}_IMPLICIT_INCLUDE_DIRECTORIES)
			foreach(folder IN LISTS CMAKE_${language}_IMPLICIT_INCLUDE_DIRECTORIES)
				list(APPEND flags -idirafter "${folder}")
			endforeach()
			break()
		endif()
	endforeach()
	if(NOT CMAKE_C_COMPILER_LOADED AND NOT CMAKE_CXX_COMPILER_LOADED)
		file(GLOB folders LIST_DIRECTORIES TRUE "/usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-*")
		foreach(folder IN LISTS folders)
			list(APPEND flags -idirafter "${folder}")
		endforeach()
	endif()
	set(${result} "${flags}" PARENT_SCOPE)
endfunction()

# Makes the target Bpfgen::libbpf: what skeletons link, and whose headers BPF programs include. Without a libbpf there is
# no target.
function(_bpfgen_find_libbpf)
	if(TARGET Bpfgen::libbpf)
		return()
	endif()
	if(BPFGEN_LIBBPF)
		if(BPFGEN_LIBBPF MATCHES "/")
			message(FATAL_ERROR
				"BPFGEN_LIBBPF is ${BPFGEN_LIBBPF}: it names a target. For files set BPFGEN_LIBBPF_LIBRARY to the library and "
				"BPFGEN_LIBBPF_INCLUDE_DIR to the folder of bpf/libbpf.h.")
		endif()
		add_library(Bpfgen::libbpf INTERFACE IMPORTED GLOBAL)
		target_link_libraries(Bpfgen::libbpf INTERFACE "${BPFGEN_LIBBPF}")
		return()
	endif()
	find_path(BPFGEN_LIBBPF_INCLUDE_DIR bpf/libbpf.h DOC "The folder of <bpf/libbpf.h>, without bpf/")
	find_library(BPFGEN_LIBBPF_LIBRARY bpf DOC "libbpf")
	mark_as_advanced(BPFGEN_LIBBPF_INCLUDE_DIR BPFGEN_LIBBPF_LIBRARY)
	if(NOT BPFGEN_LIBBPF_INCLUDE_DIR OR NOT BPFGEN_LIBBPF_LIBRARY)
		return()
	endif()
	add_library(Bpfgen::libbpf INTERFACE IMPORTED GLOBAL)
	set(system ${CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES} ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
	if(NOT BPFGEN_LIBBPF_INCLUDE_DIR IN_LIST system)
		target_include_directories(Bpfgen::libbpf SYSTEM INTERFACE "${BPFGEN_LIBBPF_INCLUDE_DIR}")
	endif()
	target_link_libraries(Bpfgen::libbpf INTERFACE "${BPFGEN_LIBBPF_LIBRARY}")
	if(BPFGEN_LIBBPF_LIBRARY MATCHES "\\.a$")
		target_link_libraries(Bpfgen::libbpf INTERFACE elf z)
	endif()
endfunction()

function(_bpfgen_need_libbpf caller)
	_bpfgen_find_libbpf()
	if(NOT TARGET Bpfgen::libbpf)
		message(FATAL_ERROR
			"${caller}: libbpf was not found. Install it (Debian: apt-get install libbpf-dev), "
			"add its prefix to CMAKE_PREFIX_PATH, or set BPFGEN_LIBBPF to the target that is your libbpf.")
	endif()
endfunction()

# Sets `result` to an archive with an object of the program's compiler, for `bpfgen skeleton --like`: nothing knows better
# for which machine and ABI a payload has to be. It has all the branch protection that the compiler can give (the property
# note of IBT and shadow stacks, of BTI and PAC), for the options of single targets are not known here: a payload has no
# code, and takes none of it away from a program that has it.
function(_bpfgen_need_like caller result)
	if(CMAKE_C_COMPILER_LOADED)
		set(language C)
		set(suffix c)
	elseif(CMAKE_CXX_COMPILER_LOADED)
		set(language CXX)
		set(suffix cpp)
	else()
		message(FATAL_ERROR "${caller}: no compiler of programs is known. Enable C or C++: project(... LANGUAGES C).")
	endif()
	get_directory_property(options COMPILE_OPTIONS)
	list(FILTER options EXCLUDE REGEX "\\$<")
	# Parts of a project may build for different machines.
	string(MD5 hash "${CMAKE_${language}_COMPILER};${CMAKE_${language}_FLAGS};${options};${CMAKE_SYSROOT};\
${CMAKE_${language}_COMPILER_TARGET}")
	set(folder "${CMAKE_BINARY_DIR}/CMakeFiles/bpfgen/like-${hash}")
	set(archive "${folder}/like.a")
	if(NOT EXISTS "${archive}")
		file(WRITE "${folder}/like.${suffix}" "int bpfgen_like;\n")
		# A library needs no linker, which a cross compiler may lack.
		set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
		foreach(protection IN ITEMS -fcf-protection=full -mbranch-protection=standard "")
			try_compile(works "${folder}" SOURCES "${folder}/like.${suffix}"
				COMPILE_DEFINITIONS ${options} -fno-lto ${protection} OUTPUT_VARIABLE words COPY_FILE "${archive}")
			if(works)
				break()
			endif()
		endforeach()
		if(NOT works)
			message(FATAL_ERROR "${caller}: the program's compiler makes no object. It said:\n${words}")
		endif()
	endif()
	set(${result} "${archive}" PARENT_SCOPE)
endfunction()
