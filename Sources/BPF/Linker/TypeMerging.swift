internal import BTF
internal import CLibBPF
internal import Glibc

/// libbpf's deduplication of types, `btf__dedup`.
struct TypeMerging {
  /// A `.BTF` section in this machine's byte order without strings: all its names are 0.
  var types: [UInt8]
  /// The offsets of the names in `strings`: for each type its own name, then those of its parts.
  var names: [UInt32]
  /// The strings, without duplicates.
  var strings: [UInt8]
  /// The section `.BTF.ext` that refers to types and strings.
  var records: [UInt8]?
  /// The number of types, which is also the maximum depth of libbpf's recursion.
  let count: Int

  /// The stack that libbpf needs for each type: two calls of at most 200 bytes each.
  private static let stackBytes = 512

  /// The `.BTF` and `.BTF.ext` sections with the types merged.
  ///
  /// - Throws: `ObjectError.libbpf`, with libbpf's message.
  consuming func merged() throws(ObjectError) -> (types: [UInt8], records: [UInt8]?) {
    var merging = self
    var merged: (types: [UInt8], records: [UInt8]?)?
    var failure: Int32 = 0
    var log = ""
    LargeStack.run(bytes: TypeMerging.stackBytes * merging.count) {
      (merged, log) = LibBPFLog.capture {
        let result = merging.merge()
        failure = errno
        return result
      }
    }
    guard let merged else { throw .libbpf(operation: "merge the types of", errno: failure, log: log) }
    return merged
  }

  /// - Returns: `nil` if libbpf fails, which sets errno.
  private mutating func merge() -> (types: [UInt8], records: [UInt8]?)? {
    guard let btf = unsafe namedTypes() else { return nil }
    defer { unsafe btf__free(btf) }
    var extensions: OpaquePointer?
    if let records {
      unsafe extensions = records.withUnsafeBufferPointer {
        unsafe btf_ext__new($0.baseAddress, UInt32($0.count))
      }
      guard unsafe extensions != nil else { return nil }
    }
    records = nil
    defer { unsafe btf_ext__free(extensions) }
    let result = unsafe LibBPF.withOptions(btf_dedup_opts.self) { options in
      unsafe options.pointee.btf_ext = extensions
      return unsafe btf__dedup(btf, options)
    }
    guard result == 0 else { return nil }
    var size: UInt32 = 0
    guard let start = unsafe btf__raw_data(btf, &size) else { return nil }
    let merged = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: Int(size)))
    guard let extensions = unsafe extensions else { return (merged, nil) }
    guard let start = unsafe btf_ext__get_raw_data(extensions, &size) else { return nil }
    return unsafe (merged, [UInt8](UnsafeRawBufferPointer(start: start, count: Int(size))))
  }

  /// libbpf's copy of the types and strings, which replaces ours.
  ///
  /// The strings are added one by one to a BTF without strings. For the strings of a parsed BTF, merging would build a
  /// new table in another order than libbpf's linker.
  private mutating func namedTypes() -> OpaquePointer? {
    guard let btf = unsafe types.withUnsafeBytes({ unsafe btf__new($0.baseAddress, UInt32($0.count)) }) else {
      return nil
    }
    types = []
    let hasStrings = unsafe strings.withUnsafeBytes { bytes in
      var at = 1
      while at < bytes.count {
        let text = unsafe (bytes.baseAddress! + at).assumingMemoryBound(to: CChar.self)
        guard unsafe btf__add_str(btf, text) == at else { return false }
        unsafe at += strlen(text) + 1
      }
      return true
    }
    guard hasStrings else {
      unsafe btf__free(btf)
      return nil
    }
    strings = []
    unsafe TypeMerging.name(btf, names)
    names = []
    return unsafe btf
  }

  /// Gives the types their names.
  ///
  /// libbpf has no function for that. Once something was added to a BTF, its types are in memory that may be written.
  private static func name(_ btf: OpaquePointer, _ names: [UInt32]) {
    let shapes = BTFShape.ofKind
    var next = names.makeIterator()
    for id in unsafe 1..<btf__type_cnt(btf) {
      let type = unsafe UnsafeMutableRawPointer(mutating: btf__type_by_id(btf, id)!)
      let info = unsafe type.load(fromByteOffset: 4, as: UInt32.self)
      unsafe type.storeBytes(of: next.next()!, as: UInt32.self)
      for word in shapes[Int(info >> 24 & 31)].partNames(Int(info) & BTFSpec.maximumParts) {
        unsafe type.storeBytes(of: next.next()!, toByteOffset: 4 * word, as: UInt32.self)
      }
    }
  }
}
