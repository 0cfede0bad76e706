internal import CLibBPF
internal import Glibc

/// libbpf's merging of types that are the same, `btf__dedup`.
enum TypeMerging {
  /// What libbpf needs of the stack for each type: two calls, of at most 200 bytes each.
  private static let stackBytes = 512

  /// - Parameters:
  ///   - types: the bytes of a `.BTF` section in this machine's byte order.
  ///   - records: those of the `.BTF.ext` section that refers to it.
  ///   - count: how many types there are: as deep does libbpf's recursion go.
  /// - Throws: `ObjectError.libbpf`, with libbpf's own words.
  static func merge(
    _ types: [UInt8], records: [UInt8]?, count: Int
  ) throws(ObjectError) -> (types: [UInt8], records: [UInt8]?) {
    var merged: (types: [UInt8], records: [UInt8]?)?
    var failure: Int32 = 0
    var log = ""
    LargeStack.run(bytes: stackBytes * count) {
      (merged, log) = LibBPFLog.capture {
        let result = merge(types, records)
        failure = errno
        return result
      }
    }
    guard let merged else { throw .libbpf(operation: "merge the types of", errno: failure, log: log) }
    return merged
  }

  /// - Returns: `nil` when libbpf fails, which sets errno.
  private static func merge(_ types: [UInt8], _ records: [UInt8]?) -> (types: [UInt8], records: [UInt8]?)? {
    guard let btf = builtByLibBPF(types) else { return nil }
    defer { btf__free(btf) }
    var extensions: OpaquePointer?
    if let records {
      extensions = records.withUnsafeBufferPointer { btf_ext__new($0.baseAddress, UInt32($0.count)) }
      guard extensions != nil else { return nil }
    }
    defer { btf_ext__free(extensions) }
    let result = LibBPF.withOptions(btf_dedup_opts.self) { options in
      options.pointee.btf_ext = extensions
      return btf__dedup(btf, options)
    }
    guard result == 0 else { return nil }
    var size: UInt32 = 0
    guard let start = btf__raw_data(btf, &size) else { return nil }
    let merged = [UInt8](UnsafeRawBufferPointer(start: start, count: Int(size)))
    guard let extensions else { return (merged, nil) }
    guard let start = btf_ext__get_raw_data(extensions, &size) else { return nil }
    return (merged, [UInt8](UnsafeRawBufferPointer(start: start, count: Int(size))))
  }

  /// The types as if libbpf had made them one by one. Of strings in a BTF that it parsed, merging makes a new table, in
  /// another order than its linker's.
  private static func builtByLibBPF(_ types: [UInt8]) -> OpaquePointer? {
    guard let parsed = types.withUnsafeBytes({ btf__new($0.baseAddress, UInt32($0.count)) }) else { return nil }
    defer { btf__free(parsed) }
    guard let built = btf__new_empty() else { return nil }
    let strings = Int(ByteReader(bytes: types, order: ByteOrderSwap.host).load(UInt32.self, at: 16)!) + BTF.headerSize
    let isWhole = types.withUnsafeBytes { bytes in
      var at = strings + 1
      while at < bytes.count {
        let text = bytes.baseAddress! + at
        guard btf__add_str(built, text.assumingMemoryBound(to: CChar.self)) >= 0 else { return false }
        at += strlen(text.assumingMemoryBound(to: CChar.self)) + 1
      }
      return btf__add_btf(built, parsed) >= 0
    }
    if isWhole { return built }
    btf__free(built)
    return nil
  }
}
