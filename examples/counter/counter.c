/* Loads counter.bpf.c through its skeleton, keeps the machine a little busy, and prints what the kernel counts. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "counter.h"
#include "counter.skel.h"

/* Exit status where the kernel does not let this user load BPF programs at all. */
#define NOT_ALLOWED 77

extern char **environ;

/* A child that starts a program and makes system calls, ten times a second, as long as we live. */
static pid_t start_worker(void)
{
	pid_t worker = fork();

	if (worker != 0)
		return worker;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() != 1) {
		char *argv[] = { "true", NULL };
		pid_t child;

		if (posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) == 0)
			waitpid(child, NULL, 0);
		for (int i = 0; i < 1000; i++)
			getppid();
		usleep(100 * 1000);
	}
	_exit(0);
}

/* The first few are enough to see. */
static int print_event(void *context, void *data, size_t size)
{
	const struct counter_event *event = data;
	unsigned *printed = context;

	if (size >= sizeof(*event) && (*printed)++ < 5)
		printf("  started   pid %-7u %s\n", event->pid, event->command);
	return 0;
}

/* Walks the hash map: how many processes there are, and the one with the most calls. */
static unsigned count_processes(int map, __u32 *busiest, __u64 *most)
{
	__u32 pid, *previous = NULL;
	unsigned processes = 0;

	for (*busiest = 0, *most = 0; bpf_map_get_next_key(map, previous, &pid) == 0; previous = &pid) {
		__u64 calls = 0;

		processes++;
		if (bpf_map_lookup_elem(map, &pid, &calls) == 0 && calls > *most) {
			*most = calls;
			*busiest = pid;
		}
	}
	return processes;
}

/* Prints a line a second; 0, or -errno when the ring buffer cannot be read. */
static int watch(struct counter *skel, int seconds)
{
	const struct counter_totals *totals = &skel->bss->totals;
	unsigned printed = 0;
	struct ring_buffer *ring = ring_buffer__new(bpf_map__fd(skel->maps.events), print_event, &printed, NULL);
	__u64 before = 0;
	int err = 0;

	if (!ring)
		return -errno;
	for (int second = 1; second <= seconds && err >= 0; second++) {
		time_t end = time(NULL) + 1;

		while (err >= 0 && time(NULL) < end)
			err = ring_buffer__poll(ring, 100);
		printf("  %2d s      %llu system calls, %llu programs started\n", second,
		       (unsigned long long)(totals->calls - before), (unsigned long long)totals->execs);
		before = totals->calls;
		fflush(stdout);
	}
	ring_buffer__free(ring);
	return err < 0 ? err : 0;
}

static int run(struct counter *skel, int seconds)
{
	unsigned processes;
	__u32 busiest;
	__u64 most;
	pid_t worker;
	int err;

	err = counter__load(skel);
	if (err) {
		fprintf(stderr, "counter: the kernel refuses to load the programs: %s\n", strerror(-err));
		return err == -EPERM || err == -ENOSYS ? NOT_ALLOWED : 1;
	}
	err = counter__attach(skel);
	if (err) {
		fprintf(stderr, "counter: cannot attach: %s\n", strerror(-err));
		return 1;
	}

	worker = start_worker();
	err = watch(skel, seconds);
	if (worker > 0) {
		kill(worker, SIGKILL);
		waitpid(worker, NULL, 0);
	}
	counter__detach(skel);
	if (err) {
		fprintf(stderr, "counter: cannot read the ring buffer: %s\n", strerror(-err));
		return 1;
	}
	processes = count_processes(bpf_map__fd(skel->maps.calls_by_pid), &busiest, &most);
	printf("  busiest   pid %u with %llu system calls\n", busiest, (unsigned long long)most);
	printf("counter: %llu system calls by %u processes, %llu programs started\n",
	       (unsigned long long)skel->bss->totals.calls, processes, (unsigned long long)skel->bss->totals.execs);
	return 0;
}

int main(int argc, char **argv)
{
	int open_only = argc > 1 && strcmp(argv[1], "--open-only") == 0;
	int seconds = argc > 1 && !open_only ? atoi(argv[1]) : 3;
	struct counter *skel;
	int status = 0;

	if (argc > 2 || (!open_only && seconds < 1)) {
		fprintf(stderr, "usage: counter [SECONDS | --open-only]\n");
		return 2;
	}
	skel = counter__open();
	if (!skel) {
		fprintf(stderr, "counter: cannot open: %s\n", strerror(errno));
		return 1;
	}
	skel->rodata->settings.ignored_pid = getpid();

	if (open_only)
		printf("counter: opened: map %s, map %s, programs %s and %s\n", bpf_map__name(skel->maps.calls_by_pid),
		       bpf_map__name(skel->maps.events), bpf_program__name(skel->progs.count_call),
		       bpf_program__name(skel->progs.report_exec));
	else
		status = run(skel, seconds);
	counter__destroy(skel);
	return status;
}
