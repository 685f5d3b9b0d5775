// The libraries whose pthread keys belong to the fiber from the start: libcrypto, whose queue of errors is in one, and those
// that the program names.
//
// A key is its library's whose code called pthread_key_create. Keys are made once and rarely, so nothing is kept of where
// the libraries lie.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "redirect.h"

#include <link.h>
#include <pthread.h>
#include <string.h>

#define MOST_LIBRARIES 32
#define NAME_BYTES 64

// Names are added and never removed, so that those below `count` are read without the lock.
static char names[MOST_LIBRARIES][NAME_BYTES] = {"libcrypto"};
static _Atomic unsigned count = 1;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

int credirect_make_keys_fiber_local(const char *library) {
  if (library == NULL || *library == 0 || strchr(library, '/') != NULL) return EINVAL;
  if (strlen(library) >= NAME_BYTES) return ENAMETOOLONG;
  pthread_mutex_lock(&adding);
  unsigned present = atomic_load(&count), index = 0;
  while (index < present && strcmp(names[index], library) != 0) index++;
  if (index == present && present < MOST_LIBRARIES) {
    strcpy(names[present], library);
    atomic_store(&count, present + 1);
  }
  pthread_mutex_unlock(&adding);
  return index < MOST_LIBRARIES ? 0 : ENOSPC;
}

// "libcrypto" names libcrypto.so.3 and libcrypto-1a2b3c.so, and not libcryptsetup.so.
static bool is_named(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
  unsigned present = atomic_load(&count);
  for (unsigned i = 0; i < present; i++) {
    size_t length = strlen(names[i]);
    if (strncmp(name, names[i], length) == 0 && strchr(".-", name[length]) != NULL) return true;
  }
  return false;
}

struct search {
  uintptr_t address;
  bool is_named;
};

static int visit(struct dl_phdr_info *library, size_t size, void *context) {
  struct search *search = context;
  (void)size;
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &library->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || search->address - library->dlpi_addr - part->p_vaddr >= part->p_memsz) continue;
    search->is_named = is_named(library->dlpi_name);
    return 1;
  }
  return 0;
}

bool credirect_makes_fiber_keys(const void *caller) {
  struct search search = {(uintptr_t)caller, false};
  dl_iterate_phdr(visit, &search);
  return search.is_named;
}
