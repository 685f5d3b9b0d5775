// What belongs to a fiber with a thread control block of its own, and what stays the thread's.

#include "isolation.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <resolv.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 60  // more than struct pthread has room for
static pthread_key_t keys[KEYS];
static bool is_first_use;
// More than the least stack of a thread has room for. (On arm64 they lie before all others, of which those that are far from
// the thread's pointer are not looked at one by one.)
#if defined(__aarch64__)
#define MANY 20000
#else
#define MANY 100000
#endif
static _Thread_local char many[MANY] = {[0] = 1, [MANY / 2] = 2, [MANY - 1] = 3};

static void keep_variables(void *argument) {
  intptr_t own = (intptr_t)argument;
  if (is_first_use) {
    CHECK(isolation_number == 7);
    CHECK(many[0] == 1 && many[MANY / 2] == 2 && many[MANY - 1] == 3 && many[MANY / 3] == 0);
  }
  many[MANY / 3] = (char)own;
  isolation_number = (int)own;
  errno = (int)own;
  for (int i = 0; i < KEYS; i++) {
    if (is_first_use) CHECK(pthread_getspecific(keys[i]) == NULL);
    pthread_setspecific(keys[i], (void *)(own * 100 + i));
  }
  for (int round = 0; round < 3; round++) {
    yield_to_root();
    CHECK(errno == (int)own);
    CHECK(isolation_number == (int)own);
    CHECK(many[MANY / 3] == (char)own);
    for (int i = 0; i < KEYS; i++) CHECK(pthread_getspecific(keys[i]) == (void *)(own * 100 + i));
  }
  end_isolated();
}

static void thread_locals_and_keys_are_the_fibers(void) {
  for (int i = 0; i < KEYS; i++) pthread_key_create(&keys[i], NULL);
  for (int i = 0; i < KEYS; i++) pthread_setspecific(keys[i], (void *)1);
  isolation_number = 1;
  is_first_use = true;
  run_isolated(keep_variables, MOST);
  is_first_use = false;
  run_isolated(keep_variables, MOST);  // with the blocks of those before
  CHECK(isolation_number == 1);
  for (int i = 0; i < KEYS; i++) {
    CHECK(pthread_getspecific(keys[i]) == (void *)1);
    pthread_key_delete(keys[i]);
  }
}

static void keep_library_state(void *argument) {
  (void)argument;
  locale_t own = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
  CHECK(uselocale((locale_t)0) == LC_GLOBAL_LOCALE);
  uselocale(own);
  CHECK(dlsym(RTLD_DEFAULT, "no_such_thing") == NULL);
  yield_to_root();
  CHECK(uselocale((locale_t)0) == own);
  CHECK(dlerror() != NULL);
  uselocale(LC_GLOBAL_LOCALE);
  freelocale(own);
  CHECK(isalpha('a') && isdigit('5') && !isdigit('x') && toupper('a') == 'A');
  CHECK(__res_state() != NULL);
  end_isolated();
}

static void the_c_librarys_state_is_the_fibers(void) { run_isolated(keep_library_state, 3); }

// As the C library tells them, and the caller lies within.
static size_t bytes_of_stack(void) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  pthread_attr_getstack(&attributes, &low, &size);
  CHECK((char *)&attributes > (char *)low && (char *)&attributes < (char *)low + size);
  pthread_attr_destroy(&attributes);
  return size;
}

static void look_at_bounds(void *argument) {
  (void)argument;
  CHECK(bytes_of_stack() < 600 * 1024);
  end_isolated();
}

static void the_bounds_of_its_stack_are_told(void) { run_isolated(look_at_bounds, 3); }

static void look_at_big_bounds(void *argument) {
  intptr_t own = (intptr_t)argument;
  char *thread = (char *)pthread_self();
  for (int round = 0; round < 3; round++) {
    isolation_number = errno = (int)own;
    CHECK(bytes_of_stack() > 7 * 1024 * 1024);
    yield_to_root();
    CHECK(isolation_number == (int)own && errno == (int)own && (char *)pthread_self() == thread);
  }
}

static void go_on_a_big_stack(void *argument) {
  size_t before = bytes_of_stack();
  CHECK(cfiber_call_on_big_stack(0, look_at_big_bounds, argument) == 0);
  CHECK(bytes_of_stack() == before && before < 600 * 1024);
  end_isolated();
}

static void big_stacks_are_told_and_stay_the_fibers(void) { run_isolated(go_on_a_big_stack, 4); }

static void call_as_the_thread(void *argument) {
  (void)argument;
  char name[32];
  cpu_set_t processors;
  clockid_t clock;
  struct timespec time;
  CHECK(sched_getcpu() >= 0);
  CHECK(pthread_getname_np(pthread_self(), name, sizeof name) == 0);
  CHECK(pthread_getaffinity_np(pthread_self(), sizeof processors, &processors) == 0);
  CHECK(pthread_getcpuclockid(pthread_self(), &clock) == 0 && clock_gettime(clock, &time) == 0);
  CHECK(raise(SIGURG) == 0);  // ignored, unless it is sent to nobody
  CHECK(pthread_kill(pthread_self(), SIGURG) == 0);
  end_isolated();
}

static void the_kernels_thread_is_the_threads(void) { run_isolated(call_as_the_thread, 2); }

pthread_mutex_t mutex_of(int kind, int robust, int protocol) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, kind);
  pthread_mutexattr_setrobust(&attributes, robust);
  pthread_mutexattr_setprotocol(&attributes, protocol);
  pthread_mutex_init(&mutex, &attributes);
  return mutex;
}

static void lock_each_kind(void *argument) {
  (void)argument;
  pthread_mutex_t recursive = mutex_of(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
  pthread_mutex_t checking = mutex_of(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
  pthread_mutex_t inheriting = mutex_of(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
  CHECK(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0);
  CHECK(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
  CHECK(pthread_mutex_lock(&checking) == 0 && pthread_mutex_lock(&checking) == EDEADLK);
  CHECK(pthread_mutex_unlock(&checking) == 0 && pthread_mutex_unlock(&checking) == EPERM);
  CHECK(pthread_mutex_lock(&inheriting) == 0 && pthread_mutex_unlock(&inheriting) == 0);
  end_isolated();
}

static void locks_that_know_their_owner_work(void) { run_isolated(lock_each_kind, 2); }

static void *allocations[MOST + 2];
static void allocate(void *argument) {
  for (int i = 0; i < 50; i++) free(malloc((size_t)i * 40));
  allocations[(intptr_t)argument] = malloc(100);
  yield_to_root();
  free(allocations[(intptr_t)argument ^ 1]);  // another's
  end_isolated();
}

static void all_fibers_of_a_thread_share_its_part_of_malloc(void) {
  run_isolated(allocate, MOST);
  // A cache and an arena for each would be a heap of 132 KB for each.
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  malloc_info(0, file);
  fclose(file);
  int arenas = 0;
  for (char *at = text; (at = strstr(at, "<heap nr=")) != NULL; at++) arenas++;
  free(text);
  CHECK(arenas < 8);
}

static void see_others(void *argument) {
  (void)argument;
  CHECK(cfiber_in_fiber());
  CHECK(cfiber_thread_root() != cfiber_current());
  *cfiber_thread_word() = (void *)77;
  yield_to_root();
  end_isolated();
}

static void plain_and_isolated_fibers_take_turns(void) {
  *cfiber_thread_word() = NULL;
  alive = 3;
  cfiber_fiber *plain = cfiber_create(isolation_pool, see_others, NULL);
  cfiber_fiber *isolated = make_isolated(see_others, NULL), *unused = make_isolated(see_others, NULL);
  for (int i = 0; i < 2; i++) {
    cfiber_switch(plain);
    cfiber_switch(isolated);
  }
  CHECK(alive == 1);
  CHECK(*cfiber_thread_word() == (void *)77);
  CHECK(cfiber_current() == cfiber_thread_root());
  cfiber_recycle(isolation_pool, unused);
  cfiber_recycle(isolation_pool, isolated);
  cfiber_recycle(isolation_pool, plain);
  *cfiber_thread_word() = NULL;
}

static void an_isolated_entry_may_return(void) {
  int count = 0;
  cfiber_fiber *fiber = make_isolated(return_from_entry, &count);
  cfiber_switch(fiber);
  cfiber_switch(fiber);
  CHECK(count == 2);
  cfiber_recycle(isolation_pool, fiber);
}

static _Thread_local uintptr_t word;
static void bind_word(void *argument) {
  CHECK(word == 0);
  CHECK(cfiber_locals_in_use() == 0);
  word = (uintptr_t)argument;
  CHECK(cfiber_locals_in_use() == 1);
  yield_to_root();
  CHECK(word == (uintptr_t)argument);
  word = 0;  // as the runtime does before the fiber ends
  end_isolated();
}

static void words_are_its_own_too(void) {
  void *address = &word;
  cfiber_thread_locals(&address, 1);
  word = 5;
  run_isolated(bind_word, 3);
  CHECK(word == 5);
  word = 0;
  cfiber_thread_locals(NULL, 0);
}

void isolation_state_tests(void) {
  RUN(thread_locals_and_keys_are_the_fibers);
  RUN(the_c_librarys_state_is_the_fibers);
  RUN(the_bounds_of_its_stack_are_told);
  RUN(big_stacks_are_told_and_stay_the_fibers);
  RUN(the_kernels_thread_is_the_threads);
  RUN(locks_that_know_their_owner_work);
  RUN(all_fibers_of_a_thread_share_its_part_of_malloc);
  RUN(plain_and_isolated_fibers_take_turns);
  RUN(an_isolated_entry_may_return);
  RUN(words_are_its_own_too);
}
