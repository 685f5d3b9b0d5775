#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/CInspect.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int cinspect_thread_id(void) { return (int)syscall(SYS_gettid); }

void cinspect_thread_name(char name[CINSPECT_THREAD_NAME_BYTES]) {
  memset(name, 0, CINSPECT_THREAD_NAME_BYTES);
  prctl(PR_GET_NAME, name);
}

void cinspect_set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
