internal import BTF
internal import Bytes
internal import CLibBPF
internal import ELF

/// A BPF object as input of a light skeleton: its layout, and the program that loads it into a kernel without libbpf.
package struct LightObject: Sendable {
  /// Its `loader` is set.
  package let layout: ExportedLayout
  package let loader: Loader
  /// An extern whose address in this machine's running kernel is stored in the loader; `nil` if there is none.
  package let kernelAddress: String?

  /// The output of libbpf's loader generator for an object.
  package struct Loader: Hashable, Sendable {
    /// The content of the loader's own map.
    package let data: [UInt8]
    /// The loader, a BPF program of type syscall.
    package let instructions: [UInt8]
    /// For each section of the layout, its initial bytes; empty if the section is not mapped.
    package let initialValues: [[UInt8]]
  }

  /// Reads an object from memory and generates its loader. Nothing is loaded into this machine's kernel.
  ///
  /// - Parameters:
  ///   - bytes: the whole ELF file.
  ///   - name: the name of the header's struct, a C identifier.
  ///   - assertMembers: whether the layout includes the members of user types that variables hold by value.
  ///   - mayHoldAddresses: whether the loader may contain addresses of this machine's running kernel.
  /// - Throws: the errors of `BPFObject`; `ObjectError.noLoader`, or libbpf's message if its generator fails.
  package init(_ bytes: [UInt8], name: String, assertMembers: Bool = false, mayHoldAddresses: Bool = false)
    throws(ObjectError)
  {
    guard !LightObject.libbpfStructs.contains(name) else { throw .badObjectName(name) }
    let object = try BPFObject(bytes, name: name, assertMembers: assertMembers)
    let elf = try ObjectError.ofELF(try ELFFile(bytes))
    // A kernel only runs loaders of its own byte order.
    guard elf.byteOrder == ByteOrder.host else { throw .noLoader(.otherByteOrder(elf.byteOrder)) }
    guard elf.functionCount <= LightObject.maximumFunctions else {
      throw .noLoader(.tooManyFunctions(elf.functionCount, maximum: LightObject.maximumFunctions))
    }
    if let obstacle = object.loaderObstacle { throw .noLoader(obstacle) }
    kernelAddress = object.untypedKernelSymbol
    if let kernelAddress, !mayHoldAddresses { throw .noLoader(.kernelAddress(kernelAddress)) }
    var layout = object.layout
    layout.loader = object.loaderFacts
    self.layout = layout
    // The same name as bpftool's: the maps of data sections have it in the kernel.
    let maps = zip(object.facts.sections, object.loaderFacts.sections).map { $1.isMapped ? $0.map : nil }
    let generated = OwnDescriptors.run { () -> Result<Loader, ObjectError> in
      do throws(ObjectError) {
        let handle = try LibBPFHandle(bytes, objectName: name)
        return .success(try handle.generateLoader(valuesOf: maps))
      } catch { return .failure(error) }
    }
    loader = try generated.get()
  }

  /// A kernel accepts 256 for each program.
  private static let maximumFunctions = 1 << 14

  /// The structs in <bpf/skel_internal.h>.
  private static let libbpfStructs: Set<String> = [
    "bpf_loader_ctx", "bpf_map_desc", "bpf_prog_desc", "bpf_load_and_run_opts",
  ]
}

extension BPFObject {
  /// Source: libbpf, gen_loader.c, MAX_USED_PROGS: the file descriptors of more programs would be outside the loader's
  /// stack.
  private static let maximumPrograms = 32

  /// A light skeleton contains the values of all variables, and the loader contains them again, including those of
  /// .bss, which take no space in the object.
  private static let maximumValueBytes = 32 << 20

  /// The first obstacle that keeps libbpf from generating a loader for other machines than this one, unless libbpf
  /// reports it itself.
  fileprivate var loaderObstacle: LoaderObstacle? {
    if let map = facts.maps.first(where: { $0.type == BPFMapType.structOps }) { return .structOps(map: map.name) }
    if facts.sections.contains(where: { $0.name == arenaSection }) { return .arenaVariables }
    if let map = facts.maps.first(where: \.isPinned) { return .pinnedMap(map.name) }
    let count = facts.programs.count { $0.isLoaded }
    if count > BPFObject.maximumPrograms { return .tooManyPrograms(count, maximum: BPFObject.maximumPrograms) }
    var bytes: UInt64 = 0
    for map in facts.maps where map.isInternal {
      bytes += UInt64(map.valueSize)
      if bytes > BPFObject.maximumValueBytes {
        return .tooManyBytes(section: map.name, maximum: BPFObject.maximumValueBytes)
      }
    }
    return nil
  }

  /// An `extern const void NAME __ksym`: libbpf looks it up in /proc/kallsyms when it generates the loader.
  fileprivate var untypedKernelSymbol: String? {
    for section in btf.ids(of: .dataSection) where btf.name(section) == ".ksyms" {
      for index in 0..<btf.vlen(section) {
        let variable = btf.sectionVariable(section, index).variable
        guard btf.kind(variable) == .variable else { continue }
        if btf.skippingModifiersAndTypedefs(btf.target(variable)).isVoid { return btf.name(variable) }
      }
    }
    return nil
  }

  fileprivate var loaderFacts: ExportedLayout.Loader {
    ExportedLayout.Loader(
      programs: facts.programs.map { .init(isLoaded: $0.isLoaded, attachment: $0.attachment) },
      sections: facts.sections.map { section in
        let map = facts.maps[section.map]
        return .init(
          isMapped: map.flags & MapFlag.mappable != 0,
          isReadOnly: map.flags & MapFlag.readOnlyProgram != 0)
      })
  }
}

/// Source: `BPF_F_*` of <linux/bpf.h>.
private enum MapFlag {
  static let readOnlyProgram: UInt32 = 1 << 7
  static let mappable: UInt32 = 1 << 10
}

extension LibBPFHandle.Program {
  fileprivate var attachment: ExportedLayout.Loader.Attachment {
    switch type {
    case BPF_PROG_TYPE_RAW_TRACEPOINT.rawValue:
      // Without a slash there is no name.
      let parts = section.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 ? .rawTracepoint(String(parts[1])) : .manual
    case BPF_PROG_TYPE_TRACING.rawValue:
      return attachType == BPF_TRACE_ITER.rawValue ? .iterator : .tracing
    default: return .manual
    }
  }
}

extension LibBPFHandle {
  /// Runs libbpf's loader generator on the object, which cannot be used afterwards.
  ///
  /// - Parameter maps: the index of each data section's map, `nil` if its bytes are not needed.
  consuming func generateLoader(valuesOf maps: [Int?]) throws(ObjectError) -> LightObject.Loader {
    settleForAnyMachine()
    let handle = unsafe object
    let ((failure, loader), log) = LibBPFLog.capture {
      // libbpf keeps a pointer to the options until the object is loaded.
      unsafe LibBPF.withOptions(gen_loader_opts.self) { options -> (Int32, (data: [UInt8], instructions: [UInt8])?) in
        let refused = unsafe bpf_object__gen_loader(handle, options)
        // With a generator this does not load anything: it records the steps of loading.
        let failure = unsafe refused != 0 ? refused : bpf_object__load(handle)
        guard failure == 0, let data = unsafe options.pointee.data, let instructions = unsafe options.pointee.insns
        else {
          return (failure, nil)
        }
        return unsafe (
          0,
          (
            Array(UnsafeRawBufferPointer(start: data, count: Int(options.pointee.data_sz))),
            Array(UnsafeRawBufferPointer(start: instructions, count: Int(options.pointee.insns_sz)))
          )
        )
      }
    }
    guard let loader else { throw .libbpf(operation: "generate a loader for", errno: -failure, log: log) }
    let byIndex = unsafe mapHandles()
    let values = maps.map { map -> [UInt8] in
      guard let map else { return [] }
      var size = 0
      guard let value = unsafe bpf_map__initial_value(byIndex[map], &size) else { return [] }
      return unsafe Array(UnsafeRawBufferPointer(start: value, count: size))
    }
    return LightObject.Loader(data: loader.data, instructions: loader.instructions, initialValues: values)
  }

  /// The maximum number of processors of Linux on any machine; libbpf would record this machine's number.
  private static var processors: UInt32 { 8192 }

  private func settleForAnyMachine() {
    // Except maps of maps: libbpf crashes when one of them is changed.
    var map: OpaquePointer? = nil
    while let next = unsafe bpf_object__next_map(object, map) {
      unsafe map = next
      if unsafe bpf_map__type(next) == BPF_MAP_TYPE_PERF_EVENT_ARRAY && bpf_map__max_entries(next) == 0 {
        unsafe bpf_map__set_max_entries(next, LibBPFHandle.processors)
      }
    }
    var program: OpaquePointer? = nil
    while let next = unsafe bpf_object__next_program(object, program) {
      unsafe program = next
      // Headers do not show it; libbpf before 1.4 treats it as a program.
      if unsafe String(cString: bpf_program__section_name(next)) == ".text" {
        unsafe bpf_program__set_autoload(next, false)
      }
    }
  }

  private func mapHandles() -> [OpaquePointer] {
    var maps: [OpaquePointer] = unsafe []
    while let next = unsafe bpf_object__next_map(object, maps.last) { unsafe maps.append(next) }
    return unsafe maps
  }
}
