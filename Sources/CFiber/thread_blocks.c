// Where the thread-local storage of the Swift runtime lies in the calling thread.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CFiber.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

struct search {
  cfiber_thread_block *blocks;
  size_t capacity;
  size_t count;
  const char *own_name;
  int is_dynamic;
};

static int is_of_runtime(const char *name) {
  const char *slash = name ? strrchr(name, '/') : NULL;
  return name != NULL && strstr(slash ? slash : name, "libswift") != NULL;
}

// The runtime's libraries; without them, where the runtime is linked statically, the executable and the library that
// holds this code (libgreen, which carries the runtime). Not these beside the libraries: a sanitizer keeps its own state
// there, which looks much like what is sought.
static int is_candidate(const struct search *search, const char *name) {
  if (search->is_dynamic) return is_of_runtime(name);
  return name == NULL || name[0] == 0 || (search->own_name != NULL && strcmp(name, search->own_name) == 0);
}

static int find_runtime(struct dl_phdr_info *info, size_t size, void *context) {
  struct search *search = context;
  (void)size;
  if (info->dlpi_tls_data != NULL && is_of_runtime(info->dlpi_name)) search->is_dynamic = 1;
  return 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
  struct search *search = context;
  (void)size;
  if (info->dlpi_tls_data == NULL || !is_candidate(search, info->dlpi_name)) return 0;
  for (int i = 0; i < info->dlpi_phnum && search->count < search->capacity; i++) {
    if (info->dlpi_phdr[i].p_type != PT_TLS || info->dlpi_phdr[i].p_memsz < sizeof(void *)) continue;
    search->blocks[search->count++] = (cfiber_thread_block){info->dlpi_tls_data, info->dlpi_phdr[i].p_memsz};
  }
  return 0;
}

size_t cfiber_thread_blocks(cfiber_thread_block *blocks, size_t capacity) {
  struct search search = {.blocks = blocks, .capacity = capacity};
  Dl_info own;
  if (dladdr((void *)&cfiber_thread_blocks, &own)) search.own_name = own.dli_fname;
  dl_iterate_phdr(find_runtime, &search);
  dl_iterate_phdr(visit, &search);
  return search.count;
}
