// posix_spawn(3): the program starts with the signals blocked that its caller has, and not with those that are blocked only
// because another fiber of the thread waits for them.

#include "redirect.h"

#include <signal.h>
#include <spawn.h>

// Without a version the functions of old programs might be found, which try a shell where the program is none.
#define credirect_find(name, interceptor) credirect_find_version(name, interceptor, "GLIBC_2.15")
REAL(posix_spawn)
REAL(posix_spawnp)
#undef credirect_find

// The attributes to use: those given, or a copy of them in `own`.
static const posix_spawnattr_t *with_mask(const posix_spawnattr_t *given, posix_spawnattr_t *own) {
  short flags = 0;
  if (given != NULL) posix_spawnattr_getflags(given, &flags);
  if ((flags & POSIX_SPAWN_SETSIGMASK) != 0 || !credirect_holds_back()) return given;
  if (given != NULL) *own = *given;
  else if (posix_spawnattr_init(own) != 0) return given;
  const sigset_t mask = credirect_own_mask();
  posix_spawnattr_setsigmask(own, &mask);
  posix_spawnattr_setflags(own, (short)(flags | POSIX_SPAWN_SETSIGMASK));
  return own;
}

REDIRECTED int posix_spawn(pid_t *restrict pid, const char *restrict path,
                           const posix_spawn_file_actions_t *restrict actions,
                           const posix_spawnattr_t *restrict attributes, char *const arguments[restrict],
                           char *const environment[restrict]) {
  posix_spawnattr_t own;
  return real_posix_spawn()(pid, path, actions, with_mask(attributes, &own), arguments, environment);
}

REDIRECTED int posix_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                            const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
  posix_spawnattr_t own;
  return real_posix_spawnp()(pid, name, actions, with_mask(attributes, &own), arguments, environment);
}
