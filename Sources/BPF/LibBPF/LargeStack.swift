internal import Glibc

/// A stack for what goes as deep as its input is large.
///
/// libbpf's merging of types walks from struct to struct by recursion: two objects of 17 MB with a row of 400,000 structs
/// overflow the 8 MiB that a thread has. Source: `btf_dedup_is_equiv`.
enum LargeStack {
  /// What any thread has to spare.
  private static let spareBytes = 2 << 20

  /// Runs `body` with as much stack, on a thread of its own where this one could have less. Memory that is not touched
  /// costs nothing.
  ///
  /// - Parameter body: does not outlive the call. It is called escaping because `withoutActuallyEscaping` would put this
  ///   file's whole path into the program, which is to be the same wherever it is built.
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
