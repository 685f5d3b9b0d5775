#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/CInspect.h"

#include <sys/syscall.h>
#include <unistd.h>

int cinspect_thread_id(void) { return (int)syscall(SYS_gettid); }
