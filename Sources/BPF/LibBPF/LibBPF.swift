internal import CLibBPF

/// What is to be known of the libbpf that this program works with.
package enum LibBPF {
  /// The version that this program was built against, as `major.minor`.
  package static var builtVersion: String { "\(CLIBBPF_MAJOR).\(CLIBBPF_MINOR)" }
  /// The version that it runs with.
  package static var runningVersion: String { "\(libbpf_major_version()).\(libbpf_minor_version())" }

  // Safe because: set once, by the command line's parsing, before anything else runs.
  /// Whether all that libbpf tells goes to standard error at once, its debug messages too.
  nonisolated(unsafe) package static var tellsAll = false

  /// Calls libbpf with options: one of its structs that begin with their own size.
  ///
  /// All bytes are zero, the padding's too: libbpf takes what is after the last field that it knows for fields of a newer
  /// version. A variable of the struct's type would leave the padding to chance.
  ///
  /// - Parameter body: sets the fields after `sz`.
  static func withOptions<Options, Result>(
    _: Options.Type = Options.self, _ body: (UnsafeMutablePointer<Options>) -> Result
  ) -> Result {
    let options = UnsafeMutablePointer<Options>.allocate(capacity: 1)
    defer { unsafe options.deallocate() }
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: options, count: MemoryLayout<Options>.size)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe bytes.storeBytes(of: MemoryLayout<Options>.size, as: Int.self)
    return unsafe body(options)
  }

  /// The words for an error number: the system's, and from 4000 on libbpf's own.
  package static func errorText(_ number: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      unsafe libbpf_strerror(number, buffer.baseAddress, buffer.count)
      return unsafe String(cString: buffer.baseAddress!)
    }
  }
}
