/*
 * Stands in for the kernel's header of this name, so that its prog_tests/NAME.c compile as they are, each into a
 * program of its own. Only the interface that those files use is here; what runs them is main.c.
 *
 * The guard bears the kernel's name on purpose: the kernel's helpers find their own test_progs.h beside them, and
 * this one, included first, turns it into nothing.
 */
#ifndef __TEST_PROGS_H
#define __TEST_PROGS_H

/* The tests rely on their test_progs.h for all of these. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/param.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <linux/types.h>
typedef __u16 __sum16;
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/perf_event.h>
#include <linux/socket.h>
#include <linux/unistd.h>
#include <bpf/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/libbpf.h>

#include "test_iptunnel_common.h"
#include "bpf_util.h"
#include "trace_helpers.h"
#include "testing_helpers.h"

/* ---- What a test asks about its surroundings -------------------------------------------------------------- */

enum verbosity { VERBOSE_NONE, VERBOSE_NORMAL, VERBOSE_VERY, VERBOSE_SUPER };

struct test_env {
	enum verbosity verbosity;
	bool verifier_stats;
	bool jit_enabled;
	bool has_testmod;        /* bpf_testmod.ko: never here */
	int nr_cpus;
};
extern struct test_env env;

#define BPF_TESTMOD_TEST_FILE "/sys/kernel/bpf_testmod"

#if defined(__x86_64__)
#define SYS_NANOSLEEP_KPROBE_NAME "__x64_sys_nanosleep"
#elif defined(__aarch64__)
#define SYS_NANOSLEEP_KPROBE_NAME "__arm64_sys_nanosleep"
#elif defined(__s390x__)
#define SYS_NANOSLEEP_KPROBE_NAME "__s390x_sys_nanosleep"
#else
#define SYS_NANOSLEEP_KPROBE_NAME "sys_nanosleep"
#endif

/* ---- What a test tells ------------------------------------------------------------------------------------ */

bool test__start_subtest(const char *name);
void test__skip(void);
void test__fail(void);
void test__force_log(void);
int test__join_cgroup(const char *path);

/* Every check of a test ends in one of these. What is said of a failure is worked out only when it failed: the
 * tests' arguments may not be fit to look at before. errno stays as it was. */
bool test__passed(void);
bool test__failed(const char *func, int line, const char *tag, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define test__checked(ok, tag, format...) \
	({ (ok) ? test__passed() : test__failed(__func__, __LINE__, (tag), ##format); })

#define PRINT_FAIL(format...) test__checked(false, "", ##format)

/* The CHECK family is about the failure: true means that the test failed. The ASSERT family is the other way round. */
#define CHECK(failed, tag, format...) ({ bool failed_ = (failed); test__checked(!failed_, tag, ##format); failed_; })
#define _CHECK(failed, tag, nanoseconds, format...) CHECK(failed, tag, ##format)
#define CHECK_ATTR(failed, tag, format...) CHECK(failed, tag, ##format)
#define CHECK_FAIL(failed) CHECK(failed, #failed, "is true")

#define ASSERT_FAIL(format, args...) test__checked(false, "", format, ##args)
#define ASSERT_TRUE(actual, name) test__checked(!!(actual), name, "is false")
#define ASSERT_FALSE(actual, name) test__checked(!(actual), name, "is true")

#define test__compare(actual, op, expected, name) ({                                                          \
	typeof(actual) actual_ = (actual);                                                                    \
	typeof(expected) expected_ = (expected);                                                              \
	test__checked(actual_ op expected_, name, "%lld " #op " %lld does not hold",                          \
		      (long long)actual_, (long long)expected_);                                              \
})
#define ASSERT_EQ(actual, expected, name) test__compare(actual, ==, expected, name)
#define ASSERT_NEQ(actual, expected, name) test__compare(actual, !=, expected, name)
#define ASSERT_LT(actual, expected, name) test__compare(actual, <, expected, name)
#define ASSERT_LE(actual, expected, name) test__compare(actual, <=, expected, name)
#define ASSERT_GT(actual, expected, name) test__compare(actual, >, expected, name)
#define ASSERT_GE(actual, expected, name) test__compare(actual, >=, expected, name)

#define ASSERT_STREQ(actual, expected, name) ({                                                               \
	const char *actual_ = (actual), *expected_ = (expected);                                              \
	test__checked(!strcmp(actual_, expected_), name, "'%s' is not '%s'", actual_, expected_);             \
})
#define ASSERT_STRNEQ(actual, expected, len, name) ({                                                         \
	const char *actual_ = (actual), *expected_ = (expected);                                              \
	int len_ = (len);                                                                                     \
	test__checked(!strncmp(actual_, expected_, len_), name, "'%.*s' is not '%.*s'",                       \
		      len_, actual_, len_, expected_);                                                        \
})
#define ASSERT_HAS_SUBSTR(text, part, name) ({                                                                \
	const char *text_ = (text), *part_ = (part);                                                          \
	test__checked(strstr(text_, part_), name, "'%s' is not in '%s'", part_, text_);                       \
})

#define ASSERT_OK(result, name) ({                                                                            \
	long long result_ = (result);                                                                         \
	test__checked(result_ == 0, name, "error %lld, errno %d", result_, errno);                            \
})
#define ASSERT_ERR(result, name) ({                                                                           \
	long long result_ = (result);                                                                         \
	test__checked(result_ < 0, name, "no error: %lld", result_);                                          \
})
#define ASSERT_NULL(pointer, name) ({                                                                         \
	const void *pointer_ = (pointer);                                                                     \
	test__checked(!pointer_, name, "is not NULL: %p", pointer_);                                          \
})
#define ASSERT_OK_PTR(pointer, name) ({                                                                       \
	long error_ = libbpf_get_error(pointer);                                                              \
	test__checked(!error_, name, "error %ld", error_);                                                    \
})
#define ASSERT_ERR_PTR(pointer, name) ({                                                                      \
	const void *pointer_ = (pointer);                                                                     \
	test__checked(libbpf_get_error(pointer_) != 0, name, "no error: %p", pointer_);                       \
})

int test__system(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define SYS(label, format, args...) ({ if (!ASSERT_OK(test__system(format, ##args), format)) goto label; })
#define SYS_NOFAIL(format, args...) test__system(format, ##args)

/* ---- Small helpers that live in the kernel's test_progs.c ------------------------------------------------- */

static inline __u64 ptr_to_u64(const void *pointer) { return (unsigned long)pointer; }
static inline void *u64_to_ptr(__u64 number) { return (void *)(unsigned long)number; }

int bpf_find_map(const char *test, struct bpf_object *object, const char *name);
int compare_map_keys(int map1_fd, int map2_fd);
int compare_stack_ips(int map1_fd, int map2_fd, int value_size);
int write_sysctl(const char *path, const char *value);

/* The names that testing_helpers.c splits a command line into. */
struct test_filter {
	char *name;
	char **subtests;
	int subtest_cnt;
};
struct test_filter_set {
	struct test_filter *tests;
	int cnt;
};

/* test_loader.c, the kernel's own, opens the bytes that a skeleton carries. */
struct test_loader {
	char *log_buf;
	size_t log_buf_sz;
	struct bpf_object *obj;
};
typedef const void *(*skel_elf_bytes_fn)(size_t *size);
void test_loader__run_subtests(struct test_loader *loader, const char *name, skel_elf_bytes_fn bytes);
void test_loader_fini(struct test_loader *loader);
#define RUN_TESTS(skel) ({                                                                                    \
	struct test_loader loader_ = {};                                                                      \
	test_loader__run_subtests(&loader_, #skel, skel##__elf_bytes);                                        \
	test_loader_fini(&loader_);                                                                           \
})

#endif
