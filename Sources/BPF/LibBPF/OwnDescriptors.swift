internal import CLinux
internal import Glibc

/// A separate table of file descriptors for one call into libbpf.
///
/// libbpf 1.1 closes descriptor 0 when generating a loader fails: it is its placeholder for the descriptors of programs
/// that are not loaded. In a separate table this affects nothing else. Source: `bpf_object_unload`.
enum OwnDescriptors {
  /// Runs `body` on a new thread with copies of all open descriptors. If the kernel refuses both ways to unshare them,
  /// it uses those of the process.
  static func run<Result>(_ body: @escaping () -> Result) -> Result {
    let box = Box(body)
    var thread: pthread_t = 0
    guard unsafe pthread_create(&thread, nil, start, Unmanaged.passUnretained(box as AnyBox).toOpaque()) == 0 else {
      return body()
    }
    pthread_join(thread, nil)
    return box.result!
  }

  private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
    _ = clinux_unshare_descriptors()
    unsafe Unmanaged<AnyBox>.fromOpaque(box!).takeUnretainedValue().run()
    return nil
  }

  private class AnyBox {
    func run() {}
  }

  private final class Box<Result>: AnyBox {
    private let body: () -> Result
    private(set) var result: Result?

    init(_ body: @escaping () -> Result) { self.body = body }

    override func run() { result = body() }
  }
}
