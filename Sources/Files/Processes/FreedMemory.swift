internal import CLinux

/// What the allocator does with what is freed.
package enum FreedMemory {
  /// Keeps freed blocks of up to 32 MiB for the next ones of this process: by default the large ones go back to the
  /// kernel, and each new one costs a fault a page. For work that takes the same megabytes over and over.
  package static func keep() {
    // Source: mallopt(3); 32 MiB is glibc's most.
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
    mallopt(M_TRIM_THRESHOLD, .max)
  }

  /// Gives each thread that starts from now on what the others have freed: by default it gets an arena of its own. For work of
  /// which one thread does each step.
  package static func share() {
    mallopt(M_ARENA_MAX, 1)
  }
}
