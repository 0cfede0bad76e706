/*
 * The status of many files, and nothing else: the least that a build with nothing to do can take.
 *
 * usage: stat-files LIST THREADS     LIST has a path in each line
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char **paths;
static int count, threads;

static void *run(void *argument)
{
	int part = *(int *)argument;

	for (int i = (int)((long)count * part / threads); i < (int)((long)count * (part + 1) / threads); i++) {
		struct stat status;

		if (stat(paths[i], &status) != 0) {
			perror(paths[i]);
			exit(1);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	FILE *list = argc == 3 ? fopen(argv[1], "r") : NULL;
	int room = 0;

	if (!list || (threads = atoi(argv[2])) < 1) {
		fprintf(stderr, "usage: stat-files LIST THREADS\n");
		return 2;
	}
	for (;;) {
		char *line = NULL;
		size_t size = 0;

		if (getline(&line, &size, list) < 0) {
			free(line);
			break;
		}
		line[strcspn(line, "\n")] = '\0';
		if (count == room) {
			room = room ? 2 * room : 1024;
			paths = realloc(paths, room * sizeof(*paths));
			if (!paths)
				return 1;
		}
		paths[count++] = line;
	}
	fclose(list);

	pthread_t *others = calloc(threads, sizeof(*others));
	int *parts = calloc(threads, sizeof(*parts));

	if (!others || !parts)
		return 1;
	for (int i = 0; i < threads; i++) {
		parts[i] = i;
		if (i > 0 && pthread_create(&others[i], NULL, run, &parts[i]) != 0)
			return 1;
	}
	run(&parts[0]);
	for (int i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
	free(others);
	free(parts);
	return 0;
}
