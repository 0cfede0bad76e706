/* glibc shows it only to _GNU_SOURCE, which a module cannot set. Linux 3.17, glibc 2.27. */
int memfd_create(const char *name, unsigned int flags);

/* Linux 5.14; Debian 12's headers have it, older ones do not. */
static const int CLINUX_MADV_POPULATE_WRITE = 23;

enum { CLINUX_MFD_CLOEXEC = 1 };

/* Linux 3.11: glibc's O_TMPFILE without the O_DIRECTORY in it, which differs by machine. */
static const int CLINUX_O_TMPFILE = 020000000;

/* glibc shows it only to _GNU_SOURCE. Linux 2.6.39. */
enum { CLINUX_AT_EMPTY_PATH = 0x1000 };

/* glibc shows both to _GNU_SOURCE only. Linux 2.6.16; 0x200 is CLONE_FS: the thread gets a working directory of its own. */
int unshare(int flags);
enum { CLINUX_CLONE_FS = 0x200 };

/* Gives this thread a table of descriptors of its own: by close_range (Linux 5.9), which closes none here, where a filter of
   system calls refuses unshare, as those of containers do. 2 is CLOSE_RANGE_UNSHARE, 0x400 CLONE_FILES. */
#include <sys/syscall.h>
long syscall(long number, ...);
static inline int clinux_unshare_descriptors(void)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, ~0U, ~0U, 2U) == 0)
		return 0;
#endif
	return unshare(0x400);
}

/* Swift refuses a C global that anybody may change; we hand it on to a child and change nothing. */
extern char **environ;
static inline char **clinux_environment(void) { return environ; }

/* Swift's module of glibc leaves it out. */
#include <malloc.h>
