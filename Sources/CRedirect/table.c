// The table of functions that the module above fills in, and the list of the entry points.

#include "redirect.h"

#include <dlfcn.h>

_Atomic(const green_redirect_table *) green_redirect_current;
_Atomic unsigned green_redirect_families = ~0u;

// Defined by the module that fills the table, where that is linked: linking it is opting in.
extern void green_redirect_link(void) __attribute__((weak));

__attribute__((constructor)) static void link_table(void) {
  if (green_redirect_link != NULL) green_redirect_link();
}

void green_redirect_install(const green_redirect_table *table) {
  atomic_store_explicit(&green_redirect_current, table, memory_order_release);
}

bool green_redirect_installed(void) { return atomic_load(&green_redirect_current) != NULL; }

bool green_redirect_bound(void) { return dlsym(RTLD_DEFAULT, "recv") == (void *)green_own_recv; }

green_redirect_table *green_redirect_storage(void) {
  static green_redirect_table table;
  return &table;
}

void green_redirect_set_families(unsigned families) { atomic_store(&green_redirect_families, families); }

unsigned green_redirect_get_families(void) { return atomic_load(&green_redirect_families); }

EARLY void *green_redirect_find(const char *name, void *interceptor) {
  if (interceptor != NULL) return interceptor;
  void *function = dlsym(RTLD_NEXT, name);
  // An older C library lacks some: not an error of the program's.
  if (function == NULL) dlerror();
  return function;
}

static const green_redirect_entry entries[] = {
#define ENTRY(name, family, page, promise) {#name, GREEN_##family, page, promise},
#include "entries.def"
#undef ENTRY
};

const green_redirect_entry *green_redirect_entry_at(size_t index) {
  return index < sizeof entries / sizeof *entries ? &entries[index] : NULL;
}
