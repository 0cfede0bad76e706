// Sets two members of a struct_ops map before loading, and looks what the kernel makes of them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "congestion.h"

// A connection to ourselves; its congestion control is set when it stands, which starts the control.
static int start(const char *control)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), result = -1;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, (struct sockaddr *)&address, size) || listen(server, 1) ||
	    getsockname(server, (struct sockaddr *)&address, &size) ||
	    connect(client, (struct sockaddr *)&address, size))
		perror("loopback");
	else
		result = setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, control, (socklen_t)strlen(control));
	close(client);
	close(server);
	return result;
}

static int is_allowed(const char *control)
{
	char list[4096];
	FILE *file = fopen("/proc/sys/net/ipv4/tcp_allowed_congestion_control", "r");
	size_t size = file ? fread(list, 1, sizeof(list) - 1, file) : 0;

	if (file)
		fclose(file);
	list[size] = 0;
	return strstr(list, control) != NULL;
}

int main(void)
{
	struct congestion *skel = congestion__open();
	int err;

	if (!skel || !skel->struct_ops.plain || !skel->struct_ops.linked)
		return 1;
	printf("flags %u, init %d\n", skel->struct_ops.linked->flags,
	       skel->struct_ops.linked->init == skel->progs.first_start);
	skel->struct_ops.linked->flags = 1; /* TCP_CONG_NON_RESTRICTED */
	skel->struct_ops.linked->init = skel->progs.other_start;
	err = congestion__load(skel);
	if (err) {
		printf("load: %s\n", strerror(-err));
		return err == -EPERM ? 77 : 2;
	}
	err = congestion__attach(skel);
	printf("attach %d, links %d %d %d\n", err, skel->links.plain != NULL, skel->links.linked != NULL,
	       skel->links.first_start != NULL);
	printf("allowed %d %d\n", is_allowed("bpfgen_plain"), is_allowed("bpfgen_linked"));
	err = start("bpfgen_plain");
	printf("plain %d, started %d\n", err, skel->bss->started);
	err = start("bpfgen_linked");
	printf("linked %d, started %d\n", err, skel->bss->started);
	congestion__detach(skel);
	printf("detached %d\n", start("bpfgen_linked"));
	congestion__destroy(skel);
	return 0;
}
