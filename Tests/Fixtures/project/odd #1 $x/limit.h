#ifndef LIMIT_H
#define LIMIT_H

#ifdef __cplusplus
extern "C" {
#endif

struct bpf_object;

enum limit_mode { LIMIT_OFF, LIMIT_ON };

/* How many runs have passed in an object that the library is linked into; -1 where it is not. */
long long limit_passed(const struct bpf_object *object);

#ifdef __cplusplus
}
#endif

#endif
