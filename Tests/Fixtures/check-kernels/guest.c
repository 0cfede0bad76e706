/* The first process of a virtual machine: loads the objects of /objects by /asked, writes what it prints to the second serial
 * port, and ends the machine. The first line is the kernel's release, with the size and the FNV-1a hash of its BTF; the last is
 * `end` and the exit status. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const struct {
	const char *type, *path;
} mounts[] = {
	{ "proc", "/proc" }, { "sysfs", "/sys" }, { "devtmpfs", "/dev" }, { "bpf", "/sys/fs/bpf" },
	{ "tracefs", "/sys/kernel/tracing" }, { "tmpfs", "/tmp" },
};

static void describe_kernel(FILE *results)
{
	FILE *btf = fopen("/sys/kernel/btf/vmlinux", "r");
	uint64_t hash = 0xcbf29ce484222325;
	struct utsname name;
	size_t size = 0;
	int byte;

	for (; btf && (byte = getc(btf)) != EOF; size++)
		hash = (hash ^ (uint64_t)byte) * 0x100000001b3;
	uname(&name);
	fprintf(results, "kernel\t%s\t%zu\t%016llx\n", name.release, size, (unsigned long long)hash);
}

static int load_objects(void)
{
	char **words = calloc(8192, sizeof(*words));
	struct dirent **names;
	int status = -1, count = scandir("/objects", &names, NULL, alphasort), length = 2;

	words[0] = "/asked";
	words[1] = "2";
	for (int i = 0; i < count && length < 8190; i++)
		if (names[i]->d_name[0] != '.' && asprintf(&words[length], "/objects/%s", names[i]->d_name) > 0)
			length++;
	if (!fork()) {
		int output = open("/tmp/results", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);

		dup2(output, 1);
		execv(words[0], words);
		_exit(127);
	}
	wait(&status);
	return status;
}

int main(void)
{
	struct termios raw;
	FILE *results, *output;
	int status, byte;

	for (unsigned int i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
		if (mount(mounts[i].type, mounts[i].path, mounts[i].type, 0, NULL))
			perror(mounts[i].path);
	results = fopen("/dev/ttyS1", "w");
	if (results) {
		tcgetattr(fileno(results), &raw);
		cfmakeraw(&raw);
		tcsetattr(fileno(results), TCSANOW, &raw);
		describe_kernel(results);
		status = load_objects();
		output = fopen("/tmp/results", "r");
		while (output && (byte = getc(output)) != EOF)
			putc(byte, results);
		fprintf(results, "end\t%d\n", status);
		fflush(results);
		tcdrain(fileno(results));
	}
	/* The machine was started without one to reboot to. */
	reboot(RB_AUTOBOOT);
	return 1;
}
