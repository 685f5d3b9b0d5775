// dlopen(3), dlclose: the loader belongs to the fiber in it.
//
// Constructors and destructors of libraries may wait. The loader's lock knows threads, so that another fiber would come in
// meanwhile, and get a library whose constructor has not run. Fibers take a lock of ours first; threads have the loader's.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

REAL(dlopen)
REAL(dlclose)

// A fiber that holds it may ask again, in a constructor.
static pthread_mutex_t loading = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void lock_loader(void) {
  int saved = errno;
  pthread_mutex_lock(&loading);
  errno = saved;
}

static void unlock_loader(void) {
  int saved = errno;
  pthread_mutex_unlock(&loading);
  errno = saved;
}

// Whether it matters to dlopen which library calls it: its DT_RUNPATH is where a mere name is looked for, and it is what
// $ORIGIN is about.
static bool asks_who_calls(const char *path, const void *caller) {
  if (path == NULL || (strchr(path, '/') != NULL && strchr(path, '$') == NULL)) return false;
  if (path[0] != '\0' && strchr(path, '$') != NULL) return true;
  Dl_info information;
  struct link_map *map = NULL, *own = NULL;
  if (dladdr1(caller, &information, (void **)&map, RTLD_DL_LINKMAP) == 0 || map == NULL) return true;
  if (dladdr1((void *)asks_who_calls, &information, (void **)&own, RTLD_DL_LINKMAP) != 0 && own == map) return false;
  for (const ElfW(Dyn) *entry = map->l_ld; entry != NULL && entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_RUNPATH || entry->d_tag == DT_RPATH) return true;
  }
  return false;
}

REDIRECTED void *dlopen(const char *path, int mode) {
  // The loader looks at where the call will return to: a jump leaves that as it is.
  if (fiber_table() == NULL) __attribute__((musttail)) return real_dlopen()(path, mode);
  lock_loader();
  if (asks_who_calls(path, __builtin_return_address(0))) {
    unlock_loader();
    __attribute__((musttail)) return real_dlopen()(path, mode);
  }
  void *library = real_dlopen()(path, mode);
  unlock_loader();
  return library;
}

REDIRECTED int dlclose(void *library) {
  if (fiber_table() == NULL) return real_dlclose()(library);
  lock_loader();
  int result = real_dlclose()(library);
  unlock_loader();
  return result;
}
