/* An application in C: its own skeleton for its own programs, the library for the rate limit in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "opens.h"
#include "ratelimit.h"
#include "ratelimit_types.h"
#include "opens.skel.h"

/* Exit status where the kernel does not let this user load BPF programs at all. */
#define NOT_ALLOWED 77

static int count_report(void *context, void *data, size_t size)
{
	const struct opens_report *report = data;
	unsigned *reports = context;

	if (size >= sizeof(*report) && (*reports)++ < 3)
		printf("  opened    pid %-7u %s (%u more this second)\n", report->pid, report->command, report->left);
	return 0;
}

/* Opens a file five hundred times a second, and lets the library's limit change on the way. */
static int run(struct opens *skel, struct ratelimit *limit)
{
	unsigned reports = 0;
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(skel->maps.reports), count_report, &reports, NULL);
	struct ratelimit_totals totals;

	if (!ring) {
		fprintf(stderr, "opens: cannot read the ring buffer: %s\n", strerror(errno));
		return 1;
	}
	for (int round = 0; round < 100; round++) {
		if (round == 50)
			ratelimit_set(limit, 20);
		for (int i = 0; i < 10; i++)
			close(open("/dev/null", O_RDONLY));
		ring_buffer__poll(ring, 0);
		usleep(20 * 1000);
	}
	ring_buffer__consume(ring);
	ring_buffer__free(ring);

	opens__detach(skel);
	totals = ratelimit_read(limit);
	printf("opens: %llu files opened by %u processes, %u reported, %llu suppressed by the rate limit\n",
	       (unsigned long long)skel->bss->opens_seen, ratelimit_keys(limit), reports,
	       (unsigned long long)totals.suppressed);
	return 0;
}

static int load_and_run(struct opens *skel)
{
	struct ratelimit *limit;
	int status;
	int err = opens__load(skel);

	if (err) {
		fprintf(stderr, "opens: the kernel refuses to load the programs: %s\n", strerror(-err));
		return err == -EPERM || err == -ENOSYS ? NOT_ALLOWED : 1;
	}
	limit = ratelimit_open(skel->obj);
	if (!limit) {
		fprintf(stderr, "opens: no rate limit in this object: %s\n", strerror(errno));
		return 1;
	}
	ratelimit_set(limit, 5);
	err = opens__attach(skel);
	if (err)
		fprintf(stderr, "opens: cannot attach: %s\n", strerror(-err));
	status = err ? 1 : run(skel, limit);
	ratelimit_close(limit);
	return status;
}

int main(int argc, char **argv)
{
	int open_only = argc == 2 && strcmp(argv[1], "--open-only") == 0;
	struct opens *skel;
	int status = 0;

	if (argc > 1 && !open_only) {
		fprintf(stderr, "usage: opens [--open-only]\n");
		return 2;
	}
	skel = opens__open();
	if (!skel) {
		fprintf(stderr, "opens: cannot open: %s\n", strerror(errno));
		return 1;
	}
	skel->rodata->openat_number = SYS_openat;

	if (open_only)
		printf("opens: opened: program %s, map %s, and map %s of the library\n",
		       bpf_program__name(skel->progs.watch_opens), bpf_map__name(skel->maps.reports),
		       bpf_map__name(skel->maps.ratelimit_windows));
	else
		status = load_and_run(skel);
	opens__destroy(skel);
	return status;
}
