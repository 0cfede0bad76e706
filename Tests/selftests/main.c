/*
 * Runs the test functions of one of the kernel's prog_tests/NAME.c.
 *
 *   TEST_LIST         (macro) the header with a TEST(function) for each of them, made by `run`
 *   SUBTESTS_LEFT_OUT (environment) names with commas between, not run
 *
 * Failed checks and libbpf's warnings go to stdout as they come; the last line is the count.
 * Exit status: 0 passed, 1 failed, 77 skipped.
 */
#include "test_progs.h"
#include "cgroup_helpers.h"

#define TEST(function) extern void function(void);
#include TEST_LIST
#undef TEST

static void (*const tests[])(void) = {
#define TEST(function) function,
#include TEST_LIST
};

struct test_env env;

static struct {
	int checks, failures, subtests, skips, left_out;
	const char *subtest;             /* the one that runs now, or NULL */
	bool in_cgroup;
} so_far;

bool test__passed(void)
{
	so_far.checks++;
	return true;
}

bool test__failed(const char *func, int line, const char *tag, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	so_far.checks++;
	so_far.failures++;
	printf("%s%s%s:%d: %s: ", so_far.subtest ?: "", so_far.subtest ? ": " : "", func, line, tag);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (format[strlen(format) - 1] != '\n')
		putchar('\n');
	errno = saved_errno;
	return false;
}

void test__fail(void) { so_far.failures++; }
void test__skip(void) { so_far.skips++; }
void test__force_log(void) { }

static bool is_left_out(const char *name)
{
	const char *list = getenv("SUBTESTS_LEFT_OUT") ?: "";
	size_t length = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

bool test__start_subtest(const char *name)
{
	static char kept[256];           /* the caller's may be a buffer that it writes again */

	so_far.subtest = NULL;
	if (is_left_out(name)) {
		so_far.left_out++;
		return false;
	}
	snprintf(kept, sizeof(kept), "%s", name);
	so_far.subtest = kept;
	so_far.subtests++;
	return true;
}

int test__join_cgroup(const char *path)
{
	if (!so_far.in_cgroup && setup_cgroup_environment())
		return -1;
	so_far.in_cgroup = true;

	int fd = create_and_get_cgroup(path);

	if (fd >= 0 && join_cgroup(path)) {
		close(fd);
		return -1;
	}
	return fd;
}

int test__system(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

int bpf_find_map(const char *test, struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map) {
		test__failed(test, 0, name, "no such map\n");
		return -1;
	}
	return bpf_map__fd(map);
}

/* 0 if every key of the first map is in the second, whose values may be stacks. */
int compare_map_keys(int map1_fd, int map2_fd)
{
	char value[PERF_MAX_STACK_DEPTH * sizeof(struct bpf_stack_build_id)];
	__u32 key, *previous = NULL;

	for (; !bpf_map_get_next_key(map1_fd, previous, &key); previous = &key)
		if (bpf_map_lookup_elem(map2_fd, &key, value))
			return -1;
	return previous && errno == ENOENT ? 0 : -1;
}

/* 0 if each value of the first map is under the same key in the second. */
int compare_stack_ips(int map1_fd, int map2_fd, int value_size)
{
	char value1[value_size], value2[value_size];
	__u32 key, *previous = NULL;

	for (; !bpf_map_get_next_key(map1_fd, previous, &key); previous = &key)
		if (bpf_map_lookup_elem(map1_fd, &key, value1) || bpf_map_lookup_elem(map2_fd, &key, value2) ||
		    memcmp(value1, value2, value_size))
			return -1;
	return errno == ENOENT ? 0 : -1;
}

int write_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), length = strlen(value), written;

	if (!ASSERT_GE(fd, 0, path))
		return -1;
	written = write(fd, value, length);
	close(fd);
	return ASSERT_EQ(written, length, path) ? 0 : -1;
}

static int print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vprintf(format, args) : 0;
}

static bool jit_is_on(void)
{
	int fd = open("/proc/sys/net/core/bpf_jit_enable", O_RDONLY);
	char value = '0';

	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value != '0';
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);        /* a crash must not lose what was said before it */
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(print_warnings);
	env.jit_enabled = jit_is_on();
	env.nr_cpus = libbpf_num_possible_cpus();

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		so_far.subtest = NULL;
		tests[i]();
	}
	if (so_far.in_cgroup)
		cleanup_cgroup_environment();

	printf("%d checks", so_far.checks);
	if (so_far.subtests)
		printf(", %d subtests", so_far.subtests);
	if (so_far.left_out)
		printf(", %d left out", so_far.left_out);
	if (so_far.skips)
		printf(", %d skipped", so_far.skips);
	printf("\n");

	/* A test that failed nothing and checked nothing shows nothing: it must not count as passed. */
	if (so_far.failures)
		return 1;
	return so_far.checks == 0 || (so_far.skips && so_far.skips >= so_far.subtests) ? 77 : 0;
}
