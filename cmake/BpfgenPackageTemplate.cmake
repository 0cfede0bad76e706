# The BPF library @package@, installed by bpfgen's bpf_install_library.
@PACKAGE_INIT@
include(CMakeFindDependencyMacro)
@found_dependencies@
@found_targets@

# The BPF object: bpf_add_final and bpf_add_library link it, and check finals against it.
if(NOT TARGET @package@::bpf)
	add_library(@package@::bpf INTERFACE IMPORTED)
	set_target_properties(@package@::bpf PROPERTIES
		INTERFACE_INCLUDE_DIRECTORIES "@PACKAGE_CMAKE_INSTALL_INCLUDEDIR@"
		BPFGEN_FILES "@PACKAGE_installed_object@"
		BPFGEN_VIEWED "@PACKAGE_installed_object@"
		BPFGEN_LIBRARIES "")
endif()
set_and_check(@package@_BPF_OBJECT "@PACKAGE_installed_object@")
