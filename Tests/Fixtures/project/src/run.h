#ifndef RUN_H
#define RUN_H

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a loaded program once in the kernel; 0, or an error's negative number. */
int run_once(int program);

#ifdef __cplusplus
}
#endif

#endif
