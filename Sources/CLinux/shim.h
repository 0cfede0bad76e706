/* glibc shows it only to _GNU_SOURCE, which a module cannot set. Linux 3.17, glibc 2.27. */
int memfd_create(const char *name, unsigned int flags);

enum { CLINUX_MFD_CLOEXEC = 1 };
