#ifndef LIMIT_BPF_H
#define LIMIT_BPF_H

int limit_pass(void);

#endif
