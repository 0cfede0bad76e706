internal import Glibc

/// A stack for recursion whose depth is proportional to the input.
///
/// libbpf's merging of types recurses from struct to struct: two objects of 17 MB with a chain of 400,000 structs
/// overflow a thread's 8 MiB. Source: `btf_dedup_is_equiv`.
/// overflow the 8 MiB that a thread has. Source: `btf_dedup_is_equiv`.
enum LargeStack {
  /// The stack that every thread has available.
  private static let spareBytes = 2 << 20

  /// Runs `body` with this much stack, on a new thread if the current one could have less. Untouched stack memory costs
  /// nothing.
  ///
  /// - Parameter body: does not outlive the call. It is declared escaping because `withoutActuallyEscaping` would
  ///   compile this file's full path into the program, which must be the same wherever it is built.
  static func run(bytes: Int, _ body: @escaping () -> Void) {
    guard bytes > spareBytes else { return body() }
    let box = Box(body)
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    unsafe pthread_attr_init(attributes)
    defer {
      unsafe pthread_attr_destroy(attributes)
      unsafe attributes.deallocate()
    }
    var thread: pthread_t = 0
    let isLarge = unsafe pthread_attr_setstacksize(attributes, bytes + spareBytes) == 0
    guard isLarge, unsafe pthread_create(&thread, attributes, start, Unmanaged.passUnretained(box).toOpaque()) == 0
    else {
      return body()
    }
    pthread_join(thread, nil)
  }

  private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
    unsafe Unmanaged<Box>.fromOpaque(box!).takeUnretainedValue().body()
    return nil
  }

  private final class Box {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
}
