/* What the kernel has for the random units, for this machine. */
int LINUX_KERNEL_VERSION = 1;
void bpf_rcu_read_lock(void) { }
void bpf_rcu_read_unlock(void) { }

/* The value of an array map's element: a map is known by its address. */
long *host_map_value(void *map, int key)
{
	static struct {
		void *map;
		long values[4];
	} maps[8];
	int index = 0;

	while (maps[index].map && maps[index].map != map)
		index++;
	maps[index].map = map;
	return &maps[index].values[key];
}
