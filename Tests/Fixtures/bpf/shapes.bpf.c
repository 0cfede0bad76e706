// Variables of the user's own types: structs, unions, enums, typedefs, arrays of them, packed and bit-fields.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "shapes.types.h"

struct shape_point origin;
struct shape_point path[8] = {{1, 2}};
struct shape_packed packed_one = {1, 2};
struct shape_packed packed_many[3];
struct shape_flags flags = {1, 2, 3};
union shape_word word;
enum shape_color color = SHAPE_GREEN;
struct shape_frame frame;
shape_u64 total = 1;
shape_size size;
const volatile struct shape_frame limits = {};
const volatile shape_u64 grid[2][3] = {};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, enum shape_color);
	__type(value, struct shape_frame);
} frames SEC(".maps");

SEC("raw_tp/sys_enter")
int draw(void *ctx)
{
	total += origin.x + path[1].y + packed_one.value + packed_many[1].tag + flags.ready + word.whole + color +
		 frame.word.whole + size.width + limits.word.whole + grid[1][2];
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
