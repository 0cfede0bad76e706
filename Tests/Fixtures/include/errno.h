#ifndef STANDIN_ERRNO_H
#define STANDIN_ERRNO_H

extern int *standin_errno(void);
#define errno (*standin_errno())

#define ENOENT 2
#define ESRCH 3
#define E2BIG 7
#define EAGAIN 11
#define ENOMEM 12
#define EBUSY 16
#define EEXIST 17
#define EINVAL 22
#define ERANGE 34
#define ENOTSUP 95
#define EOPNOTSUPP 95

#endif
