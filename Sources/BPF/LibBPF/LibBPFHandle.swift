internal import BTF
internal import CLibBPF
internal import Glibc

/// The owner of a `struct bpf_object`: libbpf's view of an object's maps, programs and data sections.
///
/// Headers are generated for what libbpf opens: the order of maps and programs, and the offsets in `.kconfig`, are
/// libbpf's.
@safe struct LibBPFHandle: ~Copyable {
  struct Map {
    let name: String
    let type: UInt32
    let keySize: UInt32
    let valueSize: UInt32
    let maximumEntries: UInt32
    let flags: UInt32
    /// `void` if libbpf has none.
    let keyType: TypeID
    let valueType: TypeID
    let isInternal: Bool
    /// Whether loading the object pins the map in a bpffs, or reuses it from there.
    let isPinned: Bool
  }

  struct Program {
    let name: String
    let section: String
    /// `enum bpf_prog_type`.
    let type: UInt32
    /// `enum bpf_attach_type`.
    let attachType: UInt32
    /// Whether loading the object loads it: false if its section begins with `?`.
    let isLoaded: Bool
  }

  let object: OpaquePointer

  /// Opens an object from memory. Nothing is loaded, so no kernel and no privileges are needed.
  ///
  /// - Parameter objectName: libbpf's prefix of the names of data section maps. Without one they have the section's
  ///   name (".bss", not "app.bss").
  /// - Throws: `ObjectError.libbpf` with libbpf's message.
  init(_ bytes: [UInt8], objectName: String = "") throws(ObjectError) {
    var failure: Int32 = 0
    let (opened, log) = unsafe LibBPFLog.capture { () -> OpaquePointer? in
      unsafe bytes.withUnsafeBytes { buffer in
        unsafe objectName.withCString { name in
          unsafe LibBPF.withOptions(bpf_object_open_opts.self) { options in
            unsafe options.pointee.object_name = name
            let opened = unsafe bpf_object__open_mem(buffer.baseAddress, buffer.count, options)
            failure = errno
            return unsafe opened
          }
        }
      }
    }
    guard let opened = unsafe opened else { throw .libbpf(operation: "open", errno: failure, log: log) }
    unsafe object = opened
  }

  deinit { unsafe bpf_object__close(object) }

  func maps() -> [Map] {
    var maps: [Map] = []
    var map: OpaquePointer? = nil
    while let next = unsafe bpf_object__next_map(object, map) {
      unsafe map = next
      maps.append(
        unsafe Map(
          name: String(cString: bpf_map__name(next)), type: UInt32(bpf_map__type(next).rawValue),
          keySize: bpf_map__key_size(next), valueSize: bpf_map__value_size(next),
          maximumEntries: bpf_map__max_entries(next), flags: bpf_map__map_flags(next),
          keyType: TypeID(bpf_map__btf_key_type_id(next)), valueType: TypeID(bpf_map__btf_value_type_id(next)),
          isInternal: bpf_map__is_internal(next), isPinned: bpf_map__pin_path(next) != nil))
    }
    return maps
  }

  func programs() -> [Program] {
    var programs: [Program] = []
    var program: OpaquePointer? = nil
    while let next = unsafe bpf_object__next_program(object, program) {
      unsafe program = next
      programs.append(
        unsafe Program(
          name: String(cString: bpf_program__name(next)), section: String(cString: bpf_program__section_name(next)),
          type: UInt32(bpf_program__type(next).rawValue),
          attachType: UInt32(bpf_program__expected_attach_type(next).rawValue), isLoaded: bpf_program__autoload(next)))
    }
    return programs
  }

  /// A data section's variables with the sizes and offsets that libbpf computed when it opened the object, by ascending
  /// offset.
  func sectionVariables(_ section: TypeID) -> [BTFSpec.SectionVariable] {
    guard let words = unsafe type(section) else { return [] }
    let count = unsafe Int(words.load(fromByteOffset: 4, as: UInt32.self) & 0xffff)
    return (0..<count).map { index in
      let at = 12 + 12 * index
      return unsafe BTFSpec.SectionVariable(
        variable: TypeID(words.load(fromByteOffset: at, as: UInt32.self)),
        offset: words.load(fromByteOffset: at + 4, as: UInt32.self),
        size: words.load(fromByteOffset: at + 8, as: UInt32.self))
    }.sorted { $0.offset < $1.offset }
  }

  /// Whether libbpf considers a variable static; since 1.1 it does so for hidden and internal visibility.
  ///
  /// Source: `btf_fixup_datasec`.
  func isStatic(variable: TypeID) -> Bool {
    unsafe type(variable)?.load(fromByteOffset: 12, as: UInt32.self) == Linkage.static.rawValue
  }

  /// A type in libbpf's BTF of the object.
  private func type(_ id: TypeID) -> UnsafeRawPointer? {
    unsafe btf__type_by_id(bpf_object__btf(object), id.rawValue).map { unsafe UnsafeRawPointer($0) }
  }
}
