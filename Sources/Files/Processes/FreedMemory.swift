internal import CLinux

/// How the allocator reuses freed memory.
package enum FreedMemory {
  /// Keeps freed blocks of up to 32 MiB for reuse in this process. By default, large ones are returned to the kernel,
  /// and each new one costs one fault per page. For work that allocates the same megabytes again and again.
  package static func keep() {
    // Source: mallopt(3); 32 MiB is glibc's maximum.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, .max)
  }

  /// Lets threads that start from now on reuse what other threads have freed; by default each gets its own arena. For
  /// work in which each step runs on one thread.
  package static func share() {
    mallopt(M_ARENA_MAX, 1)
  }
}
