// Why there are no more stacks, and which setting allows more.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// The first number in a file of /proc, or -1.
static long number_in(const char *path) {
  char text[32] = "";
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  ssize_t count = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  return count > 0 ? strtol(text, NULL, 10) : -1;
}

static long count_mappings(void) {
  char text[2048];
  int descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  long lines = 0;
  ssize_t count;
  while ((count = read(descriptor, text, sizeof text)) > 0) {
    for (ssize_t i = 0; i < count; i++) lines += text[i] == '\n';
  }
  close(descriptor);
  return lines;
}

static void explain(char *text, size_t room, int error, const struct cfiber_geometry *geometry, size_t mapped) {
  int used = snprintf(text, room, "no more stacks of %zu KB after %zu: ", geometry->stack / 1024, mapped);
  if (used < 0 || (size_t)used >= room) return;
  text += used;
  room -= (size_t)used;

  if (error != ENOMEM) {
    snprintf(text, room, "the system refused the mapping with error %d", error);
    return;
  }
  struct rlimit limit;
  long pages = number_in("/proc/self/statm");
  if (pages >= 0 && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      (rlim_t)pages * geometry->page + geometry->stride * GREEN_SLAB_STACKS > limit.rlim_cur) {
    snprintf(text, room, "the address space is limited to %llu KB; raise the limit (ulimit -v) or use smaller stacks",
             (unsigned long long)limit.rlim_cur / 1024);
    return;
  }
  // Splitting a mapping can need two more.
  long most = number_in("/proc/sys/vm/max_map_count");
  if (most >= 0 && count_mappings() + 2 >= most) {
    snprintf(text, room, "the process has all the memory mappings it may have; raise vm.max_map_count (now %ld)", most);
    return;
  }
  snprintf(text, room, "the system has no memory for them; use fewer or smaller stacks, or look at "
                       "vm.overcommit_memory and vm.max_map_count (now %ld)", most);
}

void cfiber_explain(char *text, size_t room, int error, const struct cfiber_geometry *geometry, size_t mapped) {
  // Calls made here must not be redirected: there is no stack to wait on.
  cfiber_fiber *current = cfiber_current();
  if (current) current->bypass++;
  explain(text, room, error, geometry, mapped);
  if (current) current->bypass--;
}
