// The table of functions that the module above fills in, and the list of the entry points.

#include "redirect.h"

#include <dlfcn.h>

_Atomic(const credirect_table *) credirect_current;
_Atomic unsigned credirect_families = ~0u;

// Defined by the module that fills the table, where that is linked: linking it is opting in.
extern void credirect_link(void) __attribute__((weak));

__attribute__((constructor)) static void link_table(void) {
  if (credirect_link != NULL) credirect_link();
}

void credirect_install(const credirect_table *table) {
  atomic_store_explicit(&credirect_current, table, memory_order_release);
}

bool credirect_installed(void) { return atomic_load(&credirect_current) != NULL; }

bool credirect_bound(void) { return dlsym(RTLD_DEFAULT, "recv") == (void *)credirect_own_recv; }

credirect_table *credirect_storage(void) {
  static credirect_table table;
  return &table;
}

void credirect_set_families(unsigned families) { atomic_store(&credirect_families, families); }

unsigned credirect_get_families(void) { return atomic_load(&credirect_families); }

EARLY void *credirect_find(const char *name, void *interceptor) {
  if (interceptor != NULL) return interceptor;
  void *function = dlsym(RTLD_NEXT, name);
  // An older C library lacks some: not an error of the program's.
  if (function == NULL) dlerror();
  return function;
}

EARLY void *credirect_find_version(const char *name, void *interceptor, const char *version) {
  void *function = interceptor != NULL ? interceptor : dlvsym(RTLD_NEXT, name, version);
  return function != NULL ? function : credirect_find(name, NULL);
}

static const credirect_entry entries[] = {
#define ENTRY(name, family, page, promise) {#name, GREEN_##family, page, promise},
#include "entries.def"
#undef ENTRY
};

const credirect_entry *credirect_entry_at(size_t index) {
  return index < sizeof entries / sizeof *entries ? &entries[index] : NULL;
}
