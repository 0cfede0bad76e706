#include "vmlinux.h"

struct totals copy;
