internal import CLibBPF
internal import Glibc

/// Collects libbpf's warnings, so that they can be shown below the error that they explain.
enum LibBPFLog {
  // Safe because: libbpf calls back on the thread that called it, and each thread has its own text.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key) { box in unsafe Unmanaged<Text>.fromOpaque(box!).release() }
    return key
  }()

  private final class Text {
    var value = ""
  }

  private static var current: Text {
    if let box = unsafe pthread_getspecific(key) { return unsafe Unmanaged<Text>.fromOpaque(box).takeUnretainedValue() }
    let text = Text()
    unsafe pthread_setspecific(key, Unmanaged.passRetained(text).toOpaque())
    return text
  }

  private static let installed: Void = {
    unsafe libbpf_set_print { level, format, arguments in
      guard unsafe level == LIBBPF_WARN || LibBPF.printsEverything, let format = unsafe format,
        let arguments = unsafe arguments
      else { return 0 }
      var buffer = [CChar](repeating: 0, count: 1024)
      guard unsafe vsnprintf(&buffer, buffer.count, format, arguments) > 0 else { return 0 }
      let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      if unsafe LibBPF.printsEverything { unsafe write(STDERR_FILENO, bytes, bytes.count) }
      if level == LIBBPF_WARN { LibBPFLog.current.value += String(decoding: bytes, as: UTF8.self) }
      return 0
    }
  }()

  /// Runs calls of libbpf, and returns the warnings that they printed on this thread, one per line.
  static func capture<Result>(_ body: () -> Result) -> (result: Result, log: String) {
    _ = installed
    let text = current
    text.value = ""
    let result = body()
    return (result, text.value)
  }
}
