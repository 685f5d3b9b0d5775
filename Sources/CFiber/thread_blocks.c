// Where the thread-local storage of the Swift runtime lies in the calling thread.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CFiber.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

struct search {
  green_thread_block *blocks;
  size_t capacity;
  size_t count;
  const char *own_name;
};

// The executable (it holds the runtime when that is linked statically), the runtime's libraries, and the library that
// holds this code (libgreen, which carries the runtime).
static int is_candidate(const struct search *search, const char *name) {
  if (name == NULL || name[0] == 0) return 1;
  const char *slash = strrchr(name, '/');
  if (strstr(slash ? slash : name, "libswift") != NULL) return 1;
  return search->own_name != NULL && strcmp(name, search->own_name) == 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
  struct search *search = context;
  (void)size;
  if (info->dlpi_tls_data == NULL || !is_candidate(search, info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum && search->count < search->capacity; i++) {
    if (info->dlpi_phdr[i].p_type != PT_TLS || info->dlpi_phdr[i].p_memsz < sizeof(void *)) continue;
    search->blocks[search->count++] = (green_thread_block){info->dlpi_tls_data, info->dlpi_phdr[i].p_memsz};
  }
  return 0;
}

size_t green_thread_blocks(green_thread_block *blocks, size_t capacity) {
  struct search search = {blocks, capacity, 0, NULL};
  Dl_info own;
  if (dladdr((void *)&green_thread_blocks, &own)) search.own_name = own.dli_fname;
  dl_iterate_phdr(visit, &search);
  return search.count;
}
