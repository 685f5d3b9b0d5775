// Fibers with thread control blocks of their own: what is theirs, what stays the thread's, and what glibc and the kernel
// do to threads: set*id, fork, robust locks, signals, libraries that are opened later.

#include "check.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <resolv.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static green_pool *pool;
static void yield_to_root(void) { green_switch(green_thread_root()); }

static green_fiber *make_isolated(green_entry entry, void *argument) {
  green_fiber *fiber = green_fiber_create(pool, entry, argument);
  CHECK(green_fiber_isolate(fiber) == 0);
  return fiber;
}

// All run by turns until they have ended.
#define MOST 100
static int alive;
static void end(void) {
  alive--;
  finish();
}
static void run_isolated(green_entry entry, int count) {
  green_fiber *fibers[MOST];
  for (int i = 0; i < count; i++) fibers[i] = make_isolated(entry, (void *)(intptr_t)(i + 2));
  alive = count;
  while (alive > 0) {
    for (int i = 0; i < count; i++) {
      if (fibers[i] == NULL) continue;
      int before = alive;
      green_switch(fibers[i]);
      if (alive == before) continue;
      green_fiber_recycle(pool, fibers[i]);
      fibers[i] = NULL;
    }
  }
}

// ---- What is the fiber's -----------------------------------------------------------------------------------------

#define KEYS 60  // more than struct pthread has room for
static _Thread_local int number = 7;
static pthread_key_t keys[KEYS];
static bool is_first_use;

static void keep_variables(void *argument) {
  intptr_t own = (intptr_t)argument;
  if (is_first_use) CHECK(number == 7);
  number = (int)own;
  errno = (int)own;
  for (int i = 0; i < KEYS; i++) {
    if (is_first_use) CHECK(pthread_getspecific(keys[i]) == NULL);
    pthread_setspecific(keys[i], (void *)(own * 100 + i));
  }
  for (int round = 0; round < 3; round++) {
    yield_to_root();
    CHECK(errno == (int)own);
    CHECK(number == (int)own);
    for (int i = 0; i < KEYS; i++) CHECK(pthread_getspecific(keys[i]) == (void *)(own * 100 + i));
  }
  end();
}

static void thread_locals_and_keys_are_the_fibers(void) {
  for (int i = 0; i < KEYS; i++) pthread_key_create(&keys[i], NULL);
  for (int i = 0; i < KEYS; i++) pthread_setspecific(keys[i], (void *)1);
  number = 1;
  is_first_use = true;
  run_isolated(keep_variables, MOST);
  is_first_use = false;
  run_isolated(keep_variables, MOST);  // with the blocks of those before
  CHECK(number == 1);
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
  end();
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
  end();
}

static void the_bounds_of_its_stack_are_told(void) { run_isolated(look_at_bounds, 3); }

static void look_at_big_bounds(void *argument) {
  intptr_t own = (intptr_t)argument;
  char *thread = (char *)pthread_self();
  for (int round = 0; round < 3; round++) {
    number = errno = (int)own;
    CHECK(bytes_of_stack() > 7 * 1024 * 1024);
    yield_to_root();
    CHECK(number == (int)own && errno == (int)own && (char *)pthread_self() == thread);
  }
}

static void go_on_a_big_stack(void *argument) {
  size_t before = bytes_of_stack();
  CHECK(green_call_on_big_stack(0, look_at_big_bounds, argument) == 0);
  CHECK(bytes_of_stack() == before && before < 600 * 1024);
  end();
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
  end();
}

static void the_kernels_thread_is_the_threads(void) { run_isolated(call_as_the_thread, 2); }

static pthread_mutex_t mutex_of(int kind, int robust, int protocol) {
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
  end();
}

static void locks_that_know_their_owner_work(void) { run_isolated(lock_each_kind, 2); }

static void *allocations[MOST + 2];
static void allocate(void *argument) {
  for (int i = 0; i < 50; i++) free(malloc((size_t)i * 40));
  allocations[(intptr_t)argument] = malloc(100);
  yield_to_root();
  free(allocations[(intptr_t)argument ^ 1]);  // another's
  end();
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
  CHECK(green_in_fiber());
  CHECK(green_thread_root() != green_current());
  *green_thread_word() = (void *)77;
  yield_to_root();
  end();
}

static void plain_and_isolated_fibers_take_turns(void) {
  *green_thread_word() = NULL;
  alive = 3;
  green_fiber *plain = green_fiber_create(pool, see_others, NULL);
  green_fiber *isolated = make_isolated(see_others, NULL), *unused = make_isolated(see_others, NULL);
  for (int i = 0; i < 2; i++) {
    green_switch(plain);
    green_switch(isolated);
  }
  CHECK(alive == 1);
  CHECK(*green_thread_word() == (void *)77);
  CHECK(green_current() == green_thread_root());
  green_fiber_recycle(pool, unused);
  green_fiber_recycle(pool, isolated);
  green_fiber_recycle(pool, plain);
  *green_thread_word() = NULL;
}

static void return_from_entry(void *argument) {
  ++*(int *)argument;
  yield_to_root();
  ++*(int *)argument;
}

static void an_isolated_entry_may_return(void) {
  int count = 0;
  green_fiber *fiber = make_isolated(return_from_entry, &count);
  green_switch(fiber);
  green_switch(fiber);
  CHECK(count == 2);
  green_fiber_recycle(pool, fiber);
}

static _Thread_local uintptr_t word;
static void bind_word(void *argument) {
  CHECK(word == 0);
  CHECK(green_locals_in_use() == 0);
  word = (uintptr_t)argument;
  CHECK(green_locals_in_use() == 1);
  yield_to_root();
  CHECK(word == (uintptr_t)argument);
  word = 0;  // as the runtime does before the fiber ends
  end();
}

static void words_are_its_own_too(void) {
  void *address = &word;
  green_thread_locals(&address, 1);
  word = 5;
  run_isolated(bind_word, 3);
  CHECK(word == 5);
  word = 0;
  green_thread_locals(NULL, 0);
}

// ---- What glibc and the kernel do to threads ---------------------------------------------------------------------

// In a child, so that what hangs ends by an alarm: its exit status.
static int in_child(void (*body)(void)) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(30);
    check_failed = false;
    body();
    fflush(NULL);
    _exit(check_failed ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

static void change_identity(void *argument) {
  (void)argument;
  CHECK(setuid(getuid()) == 0);
  yield_to_root();
  CHECK(setgid(getgid()) == 0);
  end();
}

static atomic_bool is_told, has_changed;
static void *change_identity_when_told(void *argument) {
  while (!is_told) sched_yield();
  CHECK(setuid(getuid()) == 0);
  has_changed = true;
  return argument;
}

static void spin_until_changed(void *argument) {
  (void)argument;
  is_told = true;
  while (!has_changed) {}  // no switch: the signal finds this block loaded
  end();
}

static void change_identities(void) {
  run_isolated(change_identity, 3);
  pthread_t thread;
  pthread_create(&thread, NULL, change_identity_when_told, NULL);
  run_isolated(spin_until_changed, 1);
  pthread_join(thread, NULL);
}

static void set_id_returns(void) { CHECK(in_child(change_identities) == 0); }

static void *add_one(void *argument) {
  ++*(int *)argument;
  return NULL;
}

static int owner_when_locked(void) {
  pthread_mutex_t checking = mutex_of(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
  pthread_mutex_lock(&checking);
  int owner = checking.__data.__owner;
  pthread_mutex_unlock(&checking);
  return owner;
}

static void switch_often(void *argument) {
  number = (int)(intptr_t)argument;
  for (int i = 0; i < 200; i++) {
    void *memory = malloc(50 + (size_t)i);
    yield_to_root();
    free(memory);
    if (number != (int)(intptr_t)argument) abort();
  }
  end();
}

static pid_t before_fork;
static void fork_in_the_middle(void *argument) {
  intptr_t own = (intptr_t)argument;
  number = (int)own;
  if (own == 2 && fork() == 0) {
    CHECK(number == (int)own);
    CHECK(owner_when_locked() == getpid());
    CHECK(raise(SIGURG) == 0);
    int count = 0;
    for (int i = 0; i < 2; i++) {
      pthread_t thread;
      CHECK(pthread_create(&thread, NULL, add_one, &count) == 0);
      pthread_join(thread, NULL);
    }
    CHECK(count == 2);
    CHECK(setuid(getuid()) == 0);
  }
  yield_to_root();
  // Those that did not fork go on in the child too.
  CHECK(number == (int)own);
  CHECK(owner_when_locked() == getpid());
  end();
}

static void fork_and_go_on(void) {
  before_fork = getpid();
  run_isolated(fork_in_the_middle, 3);
  CHECK(owner_when_locked() == getpid());
  run_isolated(switch_often, 3);  // with new blocks in the child
  if (getpid() != before_fork) {
    fflush(NULL);
    _exit(check_failed ? 1 : 0);
  }
  int status = -1;
  CHECK(wait(&status) > 0 && status == 0);
}

static void both_sides_of_a_fork_go_on(void) { CHECK(in_child(fork_and_go_on) == 0); }

static pthread_mutex_t *shared_lock;
static void lock_and_die(void *argument) {
  (void)argument;
  void *loaded = green_enter_thread();
  pthread_mutex_lock(shared_lock);
  green_leave_thread(loaded);
  _exit(0);
}
static void die_with_a_lock(void) { run_isolated(lock_and_die, 1); }

static void a_robust_lock_taken_as_the_thread_is_found_dead(void) {
  shared_lock = mmap(NULL, sizeof *shared_lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(shared_lock, &attributes);
  CHECK(in_child(die_with_a_lock) == 0);
  CHECK(pthread_mutex_trylock(shared_lock) == EOWNERDEAD);
  pthread_mutex_consistent(shared_lock);
  pthread_mutex_unlock(shared_lock);
  munmap(shared_lock, sizeof *shared_lock);
}

// ---- Libraries that are opened later -----------------------------------------------------------------------------

static const char library_text[] =
    "__thread int here __attribute__((tls_model(\"initial-exec\"))) = 42;\n"
    "__thread int anywhere[8] = {1, 2, 3};\n"
    "int *first(void) { return &here; }\n"
    "int *second(void) { return &anywhere[1]; }\n";
static char library_path[64];
static int *(*first_of_library)(void), *(*second_of_library)(void);

static bool build_library(void) {
  char source[] = "/tmp/greenfinch-XXXXXX.c", command[256];
  int fd = mkstemps(source, 2);
  if (fd < 0 || write(fd, library_text, sizeof library_text - 1) < 0) return false;
  close(fd);
  snprintf(library_path, sizeof library_path, "%s.so", source);
  snprintf(command, sizeof command, "cc -shared -fPIC %s -o %s 2> /dev/null", source, library_path);
  bool is_built = system(command) == 0;
  unlink(source);
  return is_built;
}

static void use_library(void *argument) {
  intptr_t own = (intptr_t)argument;
  yield_to_root();
  if (own == 2) {  // the others were there before
    void *library = dlopen(library_path, RTLD_NOW);
    CHECK(library != NULL);
    first_of_library = (int *(*)(void))dlsym(library, "first");
    second_of_library = (int *(*)(void))dlsym(library, "second");
  }
  yield_to_root();
  CHECK(*first_of_library() == 42 && *second_of_library() == 2);
  *first_of_library() = *second_of_library() = (int)own;
  yield_to_root();
  CHECK(*first_of_library() == (int)own && *second_of_library() == (int)own);
  end();
}

static void a_library_opened_later_has_its_variables(void) {
  if (emulated() || !build_library()) return;
  run_isolated(use_library, 3);
  unlink(library_path);
}

// ---- Amid the calls of other threads -----------------------------------------------------------------------------

static atomic_bool is_over;
static void *change_identity_again(void *argument) {
  while (!is_over) setuid(getuid());
  return argument;
}
static void *start_threads(void *argument) {
  int count = 0;
  pthread_t thread;
  while (!is_over) {
    if (pthread_create(&thread, NULL, add_one, &count) == 0) pthread_join(thread, NULL);
  }
  return argument;
}

static void switch_amid_others(void) {
  run_isolated(switch_often, MOST);
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, change_identity_again, NULL);
  pthread_create(&threads[1], NULL, start_threads, NULL);
  for (int i = 0; i < 20; i++) run_isolated(switch_often, MOST);
  is_over = true;
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
}

static void switches_hold_amid_set_id_and_new_threads(void) { CHECK(in_child(switch_amid_others) == 0); }

// ---- The pool ----------------------------------------------------------------------------------------------------

static size_t threads_listed(void) {
  size_t count = 0;
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  while (status && fgets(line, sizeof line, status)) sscanf(line, "Threads: %zu", &count);
  if (status) fclose(status);
  return count;
}

static void *isolate_on_a_thread(void *argument) {
  green_thread_attach();
  green_pool *own = green_pool_create(0);
  CHECK(green_isolation_prepare(10) == 0);
  int count = 0;
  for (int round = 0; round < 3; round++) {
    green_fiber *fiber = green_fiber_create(own, return_from_entry, &count);
    CHECK(green_fiber_isolate(fiber) == 0);
    green_switch(fiber);
    green_switch(fiber);
    green_fiber_recycle(own, fiber);
  }
  CHECK(count == 6);
  green_pool_destroy(own);
  green_thread_detach();
  return argument;
}

static void blocks_go_with_their_thread(void) {
  size_t before = threads_listed();
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, isolate_on_a_thread, NULL);
    pthread_join(thread, NULL);
  }
  if (!emulated()) CHECK(threads_listed() == before);
}

static void plain_fibers_remain_where_it_is_refused(void) {
  green_fiber *fiber = green_fiber_create(pool, return_from_entry, NULL);
  CHECK(green_fiber_isolate(fiber) == ENOSYS);
  CHECK(green_isolation_prepare(1) == ENOSYS);
  green_fiber_recycle(pool, fiber);
}

void isolation_tests(void) {
  pool = green_pool_create(0);
  const char *refusal = green_isolation_refusal();
  if (refusal) {
    printf("no thread control blocks: %s\n", refusal);
    RUN(plain_fibers_remain_where_it_is_refused);
    green_pool_destroy(pool);
    return;
  }
  CHECK(!SANITIZED);
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
  RUN(a_library_opened_later_has_its_variables);
  RUN(set_id_returns);
  RUN(both_sides_of_a_fork_go_on);
  // The emulator keeps no list of robust locks.
  if (!emulated()) RUN(a_robust_lock_taken_as_the_thread_is_found_dead);
  RUN(switches_hold_amid_set_id_and_new_threads);
  RUN(blocks_go_with_their_thread);
  green_pool_destroy(pool);
}
