package import BTF
internal import CLibBPF
internal import CLinux
internal import Glibc

/// All types of a BTF as one C header for BPF programs; `vmlinux.h` if it is the kernel's BTF.
package enum TypesHeader {
  /// The types that the header declares.
  package enum Selection: Sendable {
    /// All types and kernel functions; in the BTF's own order unless `isSorted`.
    case all(isSorted: Bool)
    /// Those that sources use.
    case used(TypeUses)
    /// The types with these ids and what they need, and no functions.
    case roots([TypeID])
  }

  /// The header's text: types as libbpf's dump declares them, then the prototypes of kernel functions (kfuncs).
  ///
  /// Every access to a member of these types is relocated when the program is loaded (CO-RE), unless the includer first
  /// defines `BPF_NO_PRESERVE_ACCESS_INDEX`. `BPF_NO_KFUNC_PROTOTYPES` omits the prototypes, as in bpftool's header.
  ///
  /// - Parameters:
  ///   - file: the types. The header also has those of the base.
  ///   - base: the BTF that a split BTF continues, such as a kernel module's.
  /// - Throws: the errors of `file`; `BTFError.noSuchType` for a root. Memory and time: linear in the BTF's size, and
  ///   O(types x log types) to sort.
  package static func text(
    of file: TypesFile, base: TypesFile? = nil, _ selection: Selection = .all(isSorted: true)
  ) throws(ObjectError) -> [UInt8] {
    let types = try ObjectError.ofBTF(try file.checked(base: base))
    try ObjectError.ofBTF(try types.checkWalks())
    let kfuncs = Kfuncs(types)
    try ObjectError.ofBTF(try DumpSize.check(types, kfuncs))
    try ObjectError.ofBTF(try types.checkGaps())
    let ids: [TypeID]
    var declared: Kfuncs? = kfuncs
    switch selection {
    case .all(isSorted: true): ids = TypesOrder.sorted(types)
    case .all(isSorted: false): ids = Array(types.ids)
    case .used(let uses):
      let used = kfuncs.named(uses.functions)
      declared = used.all.isEmpty ? nil : used
      let needed = uses.ids(in: types).union(used.types(in: types))
      ids = TypesOrder.sorted(types).filter(needed.contains)
    case .roots(let roots):
      declared = nil
      for id in roots where !types.contains(id) { throw .btf(.noSuchType(id: id, count: types.count)) }
      ids = roots
    }
    let sink = Sink(attributes: types.attributeTags)
    sink.append(opening)
    try dump(ids, declared, file.section, base?.section, to: sink)
    sink.append(closing)
    guard let text = sink.text() else { throw .libbpf(operation: "print", errno: ENOMEM, log: "") }
    return text
  }

  private static let opening = """
    #ifndef __VMLINUX_H__
    #define __VMLINUX_H__

    #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
    #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
    #endif

    #ifndef __ksym
    #define __ksym __attribute__((section(".ksyms")))
    #endif

    #ifndef __weak
    #define __weak __attribute__((weak))
    #endif

    #ifndef __bpf_fastcall
    #if __has_attribute(bpf_fastcall)
    #define __bpf_fastcall __attribute__((bpf_fastcall))
    #else
    #define __bpf_fastcall
    #endif
    #endif


    """

  private static let beforeKfuncs = """

    /* BPF kfuncs */
    #ifndef BPF_NO_KFUNC_PROTOTYPES

    """

  private static let afterKfuncs = """
    #endif


    """

  private static let closing = """
    #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
    #pragma clang attribute pop
    #endif

    #endif /* __VMLINUX_H__ */

    """

  /// Writes some types and what they need, and the functions whose types are among them.
  private static func dump(
    _ ids: [TypeID], _ kfuncs: Kfuncs?, _ section: [UInt8], _ base: [UInt8]?, to sink: Sink
  ) throws(ObjectError) {
    var failure: (operation: String, errno: Int32)?
    let (_, log) = LibBPFLog.capture {
      let baseTypes = unsafe base.flatMap { unsafe read($0, base: nil) }
      defer { unsafe btf__free(baseTypes) }
      guard unsafe base == nil || baseTypes != nil, let types = unsafe read(section, base: baseTypes) else {
        failure = ("read the BTF", errno)
        return
      }
      defer { unsafe btf__free(types) }
      let dump = unsafe btf_dump__new(types, Sink.print, Unmanaged.passUnretained(sink).toOpaque(), nil)
      guard let dump = unsafe dump else {
        failure = ("dump the BTF", errno)
        return
      }
      defer { unsafe btf_dump__free(dump) }
      for id in ids {
        let result = unsafe btf_dump__dump_type(dump, id.rawValue)
        if result != 0 {
          failure = ("declare type [\(id)] of", -result)
          return
        }
      }
      guard let kfuncs else { return }
      sink.append(beforeKfuncs)
      for kfunc in kfuncs.all {
        let result = unsafe declare(kfunc, dump, to: sink)
        if result != 0 {
          failure = ("declare the function '\(kfunc.name)' of", -result)
          return
        }
      }
      sink.append(afterKfuncs)
    }
    if let failure { throw .libbpf(operation: failure.operation, errno: failure.errno, log: log) }
  }

  /// - Returns: 0, or a negative errno.
  private static func declare(_ kfunc: Kfuncs.Kfunc, _ dump: OpaquePointer, to sink: Sink) -> Int32 {
    sink.append(kfunc.isFast ? "extern __bpf_fastcall " : "extern ")
    let result = unsafe kfunc.name.withCString { name in
      unsafe LibBPF.withOptions(btf_dump_emit_type_decl_opts.self) { options in
        unsafe options.pointee.field_name = name
        return unsafe btf_dump__emit_type_decl(dump, kfunc.prototype.rawValue, options)
      }
    }
    sink.append(" __weak __ksym;\n")
    return result
  }

  /// Sets errno on failure.
  private static func read(_ section: [UInt8], base: OpaquePointer?) -> OpaquePointer? {
    guard let base = unsafe base else {
      return unsafe section.withUnsafeBytes { unsafe btf__new($0.baseAddress, UInt32($0.count)) }
    }
    // libbpf 1.1 declares btf__new_split but does not define it: it reads split BTF only from files.
    let file = unsafe memfd_create("bpfgen-btf", UInt32(CLINUX_MFD_CLOEXEC))
    guard file >= 0 else { return nil }
    guard let stream = unsafe fdopen(file, "w") else {
      close(file)
      return nil
    }
    defer { unsafe fclose(stream) }
    let written = unsafe section.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, stream) }
    guard written == section.count, unsafe fflush(stream) == 0 else { return nil }
    return unsafe btf__parse_raw_split("/proc/self/fd/\(file)", base)
  }

  /// The output of libbpf's dump: a stream in memory, because most calls write a few bytes.
  @safe private final class Sink {
    private let start = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    private let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    private let stream: UnsafeMutablePointer<FILE>?
    private let attributes: Set<String>
    /// Whether the last output was a parenthesis.
    private var hasOpened = false

    /// - Parameter attributes: the type tags that are attributes by themselves.
    init(attributes: Set<String>) {
      self.attributes = attributes
      unsafe start.initialize(to: nil)
      unsafe count.initialize(to: 0)
      unsafe stream = open_memstream(start, count)
    }

    deinit {
      if let stream = unsafe stream { unsafe fclose(stream) }
      unsafe free(start.pointee)
      unsafe start.deallocate()
      unsafe count.deallocate()
    }

    /// Everything that was printed; `nil` if memory ran out.
    func text() -> [UInt8]? {
      guard let stream = unsafe stream, unsafe fflush(stream) == 0, unsafe ferror(stream) == 0,
        let text = unsafe start.pointee
      else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(start: text, count: count.pointee))
    }

    static let print: btf_dump_printf_fn_t = { context, format, arguments in
      guard let context = unsafe context, let format = unsafe format, let arguments = unsafe arguments else { return }
      unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().append(format, arguments)
    }

    func append(_ text: String) {
      guard let stream = unsafe stream else { return }
      unsafe fputs(text, stream)
    }

    private func append(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer) {
      guard let stream = unsafe stream else { return }
      if !attributes.isEmpty, unsafe strstr(format, "btf_type_tag") != nil {
        return unsafe appendTag(format, arguments, stream)
      }
      // libbpf before 1.5 writes `()` for a function without parameters, which in C means any parameters.
      if hasOpened, unsafe strcmp(format, ")") == 0 { unsafe fputs("void", stream) }
      hasOpened = unsafe strcmp(format, "(") == 0
      unsafe vfprintf(stream, format, arguments)
    }

    /// libbpf before 1.6 writes each tag as `btf_type_tag("...")`.
    private func appendTag(
      _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer, _ stream: UnsafeMutablePointer<FILE>
    ) {
      var line: UnsafeMutablePointer<CChar>?
      guard unsafe vasprintf(&line, format, arguments) >= 0, let line = unsafe line else { return }
      defer { unsafe free(line) }
      let text = unsafe String(cString: line)
      let name = text.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first.map(String.init)
      unsafe fputs(name.map(attributes.contains) == true ? " __attribute__((\(name!)))" : text, stream)
    }
  }
}

extension BTFSpec {
  /// The type tags that are attributes by themselves, such as `address_space(1)`. Source: the kernel's
  /// Documentation/bpf/btf.rst, `BTF_KIND_TYPE_TAG` with `kind_flag`.
  fileprivate var attributeTags: Set<String> {
    var tags: Set<String> = []
    for id in ids where kind(id) == .typeTag && kindFlag(id) {
      let name = name(id)
      if name.utf8.allSatisfy({ $0 != UInt8(ascii: "\"") && $0 >= UInt8(ascii: " ") }) { tags.insert(name) }
    }
    return tags
  }
}
