#include "redirect.h"

#include <dlfcn.h>

_Atomic(const green_redirect_table *) green_redirect_current;

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

void *green_redirect_find(const char *name, void *interceptor) {
  if (interceptor != NULL) return interceptor;
  return dlsym(RTLD_NEXT, name);
}

const char *green_redirect_names(void) {
  return "sleep usleep nanosleep clock_nanosleep "
         "read __read_chk write recv __recv_chk send connect accept accept4 poll __poll_chk "
         "close dup dup2 dup3 close_range "
         "swift_once pthread_once "
         "pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_clocklock "
         "pthread_mutex_unlock";
}
