// Many fibers at once, and sentences instead of crashes where the system allows no more.

#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void park(void *argument) {
  ++*(size_t *)argument;
  cfiber_switch(cfiber_thread_root());
  --*(size_t *)argument;
  finish();
}

static void forty_thousand_fibers_at_once(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  size_t alive = 0;
  start(pool, park, &alive);
  // With guards by mprotect each stack takes two of the mappings that a process may have.
  size_t wanted = !cfiber_pool_inspect(pool).guard_by_madvise || SANITIZED ? 4000 : 40000;
  cfiber_fiber **fibers = calloc(wanted, sizeof *fibers);
  for (size_t i = 0; i < wanted; i++) {
    fibers[i] = start(pool, park, &alive);
    if (!fibers[i]) {
      printf("  after %zu: %s\n", alive, cfiber_pool_error(pool));
      wanted = i;
      check_failed = true;
    }
  }
  CHECK(alive == wanted + 1);
  for (size_t i = 0; i < wanted; i++) cfiber_switch(fibers[i]);
  CHECK(alive == 1);
  for (size_t i = 0; i < wanted; i++) cfiber_recycle(pool, fibers[i]);
  free(fibers);
  cfiber_pool_destroy(pool);
}

static void impossible_sizes_are_refused(void) {
  errno = 0;
  CHECK(cfiber_pool_create(SIZE_MAX) == NULL && errno == EINVAL);
  CHECK(cfiber_pool_create(SIZE_MAX / 256 + 1) == NULL && errno == EINVAL);
}

// Makes fibers until there are no more, and looks for a word in the reason. 0 is as expected.
static int fill(const char *setting) {
  cfiber_pool *pool = cfiber_pool_create(0);
  size_t alive = 0;
  while (alive < 100 * 1000) {
    if (!start(pool, park, &alive)) break;
  }
  if (errno != ENOMEM) return 1;
  if (alive == 0 || alive == 100 * 1000) return 2;
  if (!strstr(cfiber_pool_error(pool), setting) || !strstr(cfiber_pool_error(pool), "512 KB")) return 3;
  if (cfiber_create(pool, park, &alive)) return 4;  // and again, without a crash
  return cfiber_pool_inspect(pool).in_use == alive ? 0 : 5;
}

static void too_little_address_space_is_a_sentence(void) {
  if (SANITIZED || emulated()) return;
  pid_t child = fork();
  if (child == 0) {
    struct rlimit limit = {256 << 20, 256 << 20};
    setrlimit(RLIMIT_AS, &limit);
    _exit(fill("ulimit -v"));
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void too_few_mappings_are_a_sentence(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  cfiber_recycle(pool, cfiber_create(pool, park, NULL));
  bool by_madvise = cfiber_pool_inspect(pool).guard_by_madvise;
  cfiber_pool_destroy(pool);
  long most = 0;
  FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
  if (!file || fscanf(file, "%ld", &most) != 1) most = 0;
  if (file) fclose(file);
  if (by_madvise || SANITIZED || emulated() || most == 0 || most > 150000) return;
  pid_t child = fork();
  if (child == 0) _exit(fill("raise vm.max_map_count"));
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_forked_child_can_go_on(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  size_t alive = 0;
  cfiber_fiber *fiber = start(pool, park, &alive);
  pid_t child = fork();
  if (child == 0) {
    if (cfiber_current() != cfiber_thread_root()) _exit(1);
    cfiber_switch(fiber);
    size_t own = 0;
    start(pool, park, &own);
    _exit(alive == 0 && own == 1 ? 0 : 2);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  cfiber_switch(fiber);
  cfiber_recycle(pool, fiber);
  cfiber_pool_destroy(pool);
}

void limit_tests(void) {
  RUN(forty_thousand_fibers_at_once);
  RUN(impossible_sizes_are_refused);
  RUN(too_little_address_space_is_a_sentence);
  RUN(too_few_mappings_are_a_sentence);
  RUN(a_forked_child_can_go_on);
}
