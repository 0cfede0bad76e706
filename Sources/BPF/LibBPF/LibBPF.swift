internal import CLibBPF

/// Properties of the libbpf in use.
package enum LibBPF {
  /// The version that this program was built against, as `major.minor`.
  package static var builtVersion: String { "\(CLIBBPF_MAJOR).\(CLIBBPF_MINOR)" }
  /// The version of the libbpf in this process.
  package static var runningVersion: String { "\(libbpf_major_version()).\(libbpf_minor_version())" }

  // Safe because: set once, by the command line's parsing, before anything else runs.
  /// Whether everything that libbpf prints goes to standard error immediately, including debug messages.
  nonisolated(unsafe) package static var printsEverything = false

  /// Calls libbpf with an options struct, which begins with its own size.
  ///
  /// All bytes are zeroed, including padding: libbpf interprets bytes after the last field that it knows as fields of a
  /// newer version. A variable of the struct's type would have undefined padding.
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

  /// The text for an error number: the system's, and libbpf's own from 4000 on.
  package static func errorText(_ number: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      unsafe libbpf_strerror(number, buffer.baseAddress, buffer.count)
      return unsafe String(cString: buffer.baseAddress!)
    }
  }
}
