/* Creates files as a build does, and prints what one takes in microseconds: see Benchmarks/file-system. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_A_FOLDER = 300 };

static const char *method, *folder;
static int count, threads;
static size_t size;
static char *bytes;

static void fail(const char *what)
{
	fprintf(stderr, "new-files: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_whole(int file)
{
	if (write(file, bytes, size) != (ssize_t)size)
		fail("write");
}

static void make(int number)
{
	char path[4096], temporary[4200], link_of_descriptor[64];
	int file;

	snprintf(path, sizeof(path), "%s/%d/%d", folder, number / FILES_A_FOLDER, number);
	snprintf(temporary, sizeof(temporary), "%s/tmp/%d", folder, number);
	if (!strcmp(method, "plain")) {
		file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (file < 0)
			fail(path);
		write_whole(file);
	} else if (!strcmp(method, "rename") || !strcmp(method, "sibling")) {
		if (!strcmp(method, "sibling"))
			snprintf(temporary, sizeof(temporary), "%s.tmp", path);
		file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (file < 0)
			fail(temporary);
		write_whole(file);
		if (rename(temporary, path))
			fail("rename");
	} else {
		/* In the folder of the file: some file systems put the inode near it. */
		snprintf(temporary, sizeof(temporary), "%s/%s", folder, "tmp");
		file = open(temporary, O_WRONLY | O_TMPFILE, 0666);
		if (file < 0)
			fail("O_TMPFILE");
		write_whole(file);
		snprintf(link_of_descriptor, sizeof(link_of_descriptor), "/proc/self/fd/%d", file);
		if (!strcmp(method, "proc") ? linkat(AT_FDCWD, link_of_descriptor, AT_FDCWD, path, AT_SYMLINK_FOLLOW)
					    : linkat(file, "", AT_FDCWD, path, AT_EMPTY_PATH))
			fail("linkat");
	}
	close(file);
}

static void *work(void *first)
{
	for (int number = (int)(long)first; number < count; number += threads)
		make(number);
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	pthread_t workers[64];
	char path[4096];

	if (argc != 6) {
		fprintf(stderr, "usage: new-files plain|proc|empty|rename|sibling FOLDER COUNT BYTES THREADS\n");
		return 2;
	}
	method = argv[1];
	folder = argv[2];
	count = atoi(argv[3]);
	size = (size_t)atol(argv[4]);
	threads = atoi(argv[5]);
	if (threads < 1 || threads > 64)
		return 2;
	bytes = calloc(1, size + 1);
	memset(bytes, 'x', size);
	snprintf(path, sizeof(path), "%s/tmp", folder);
	if (mkdir(folder, 0777) || mkdir(path, 0777))
		fail(folder);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int number = 0; number < count; number += FILES_A_FOLDER) {
		snprintf(path, sizeof(path), "%s/%d", folder, number / FILES_A_FOLDER);
		if (mkdir(path, 0777))
			fail(path);
	}
	for (long index = 0; index < threads; index++)
		if (pthread_create(&workers[index], NULL, work, (void *)index))
			fail("pthread_create");
	for (int index = 0; index < threads; index++)
		pthread_join(workers[index], NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.1f\n", ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / count / 1e3);
	return 0;
}
