internal import CLibBPF
internal import Glibc
internal import Incr

/// All types of a BTF as one C header for BPF programs: `vmlinux.h`, when it is the kernel's.
public enum TypesHeader {
  /// The header's text, in the order in which libbpf's dump declares them.
  ///
  /// Every access to a member of these types is relocated when the program is loaded (CO-RE), unless the includer defines
  /// `BPF_NO_PRESERVE_ACCESS_INDEX` first, as with bpftool's header.
  ///
  /// - Parameters:
  ///   - file: the types. The header has those of the base as well.
  ///   - base: what they continue, when they are split BTF, as a kernel module's are.
  ///   - uses: what sources use of the types; `nil` for all of them.
  /// - Throws: what is wrong with `file`. Memory and time: linear in the BTF's size.
  public static func text(of file: TypesFile, base: TypesFile? = nil, for uses: TypeUses? = nil) throws(ObjectError)
    -> [UInt8]
  {
    let types = try file.checked(base: base)
    try types.checkWalks()
    try TypesText.check(types)
    try types.checkGaps()
    var text = Array(opening.utf8)
    text += try dump(uses?.ids(in: types) ?? Array(1..<UInt32(max(1, types.count))), file.section, base?.section)
    text += Array(closing.utf8)
    return text
  }

  private static let opening = """
    #ifndef __VMLINUX_H__
    #define __VMLINUX_H__

    #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
    #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
    #endif


    """

  private static let closing = """
    #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
    #pragma clang attribute pop
    #endif

    #endif /* __VMLINUX_H__ */

    """

  /// Some types and what they need.
  private static func dump(_ ids: [UInt32], _ section: [UInt8], _ base: [UInt8]?) throws(ObjectError) -> [UInt8] {
    let sink = Sink()
    var failure: (operation: String, errno: Int32)?
    let (_, log) = LibBPFLog.capture {
      let baseTypes = base.flatMap { read($0, base: nil) }
      defer { btf__free(baseTypes) }
      guard base == nil || baseTypes != nil, let types = read(section, base: baseTypes) else {
        failure = ("read the BTF", errno)
        return
      }
      defer { btf__free(types) }
      let dump = btf_dump__new(types, Sink.print, Unmanaged.passUnretained(sink).toOpaque(), nil)
      guard let dump else {
        failure = ("dump the BTF", errno)
        return
      }
      defer { btf_dump__free(dump) }
      for id in ids {
        let result = btf_dump__dump_type(dump, id)
        if result != 0 {
          failure = ("declare type \(id)", -result)
          return
        }
      }
    }
    if let failure { throw .libbpf(operation: failure.operation, errno: failure.errno, log: log) }
    guard let text = sink.text() else { throw .libbpf(operation: "print", errno: ENOMEM, log: "") }
    return text
  }

  /// Sets errno when it fails.
  private static func read(_ section: [UInt8], base: OpaquePointer?) -> OpaquePointer? {
    guard let base else { return section.withUnsafeBytes { btf__new($0.baseAddress, UInt32($0.count)) } }
    // libbpf 1.1 declares btf__new_split and does not have it: it reads split BTF from files alone.
    do throws(FileError) {
      let file = try MemoryFile(name: "bpfgen-btf")
      try file.fill(section)
      return btf__parse_raw_split(file.path, base)
    } catch {
      errno = ENOMEM
      return nil
    }
  }

  /// Where libbpf's dump prints to: a stream into memory, since most of the calls are for a few bytes.
  private final class Sink {
    private let start = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    private let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    private let stream: UnsafeMutablePointer<FILE>?
    /// Whether the last that was printed is a parenthesis.
    private var hasOpened = false

    init() {
      start.initialize(to: nil)
      count.initialize(to: 0)
      stream = open_memstream(start, count)
    }

    deinit {
      if let stream { fclose(stream) }
      free(start.pointee)
      start.deallocate()
      count.deallocate()
    }

    /// All that was printed; `nil` when there was no memory for it.
    func text() -> [UInt8]? {
      guard let stream, fflush(stream) == 0, ferror(stream) == 0, let text = start.pointee else { return nil }
      return Array(UnsafeRawBufferPointer(start: text, count: count.pointee))
    }

    static let print: btf_dump_printf_fn_t = { context, format, arguments in
      guard let context, let format, let arguments else { return }
      Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().append(format, arguments)
    }

    private func append(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer) {
      guard let stream else { return }
      // libbpf before 1.5 writes `()` for a function without parameters: in C one that takes any.
      if hasOpened, strcmp(format, ")") == 0 { fputs("void", stream) }
      hasOpened = strcmp(format, "(") == 0
      vfprintf(stream, format, arguments)
    }
  }
}
