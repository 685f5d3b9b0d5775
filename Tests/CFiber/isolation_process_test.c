// What glibc and the kernel do to threads, met by fibers with thread control blocks of their own: set*id, fork, robust
// locks, libraries that are opened later.

#include "isolation.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void change_identity(void *argument) {
  (void)argument;
  CHECK(setuid(getuid()) == 0);
  yield_to_root();
  CHECK(setgid(getgid()) == 0);
  end_isolated();
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
  end_isolated();
}

static void change_identities(void) {
  run_isolated(change_identity, 3);
  pthread_t thread;
  pthread_create(&thread, NULL, change_identity_when_told, NULL);
  run_isolated(spin_until_changed, 1);
  pthread_join(thread, NULL);
}

static void set_id_returns(void) { CHECK(in_isolated_child(change_identities) == 0); }

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

static pid_t before_fork;
static void fork_in_the_middle(void *argument) {
  intptr_t own = (intptr_t)argument;
  isolation_number = (int)own;
  if (own == 2 && fork() == 0) {
    CHECK(isolation_number == (int)own);
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
  CHECK(isolation_number == (int)own);
  CHECK(owner_when_locked() == getpid());
  end_isolated();
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

static void both_sides_of_a_fork_go_on(void) { CHECK(in_isolated_child(fork_and_go_on) == 0); }

static pthread_mutex_t *shared_lock;
static void lock_and_die(void *argument) {
  (void)argument;
  void *loaded = cfiber_enter_thread();
  pthread_mutex_lock(shared_lock);
  cfiber_leave_thread(loaded);
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
  CHECK(in_isolated_child(die_with_a_lock) == 0);
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
  end_isolated();
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

static void switches_hold_amid_set_id_and_new_threads(void) { CHECK(in_isolated_child(switch_amid_others) == 0); }

void isolation_process_tests(void) {
  RUN(a_library_opened_later_has_its_variables);
  RUN(set_id_returns);
  RUN(both_sides_of_a_fork_go_on);
  // The emulator keeps no list of robust locks.
  if (!emulated()) RUN(a_robust_lock_taken_as_the_thread_is_found_dead);
  RUN(switches_hold_amid_set_id_and_new_threads);
}
