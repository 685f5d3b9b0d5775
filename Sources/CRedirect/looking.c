// Looks whether a child has changed, without taking its status: by a thread, which all fibers that ask the same question share.
// So there are as many such threads as there are different questions, however often a wait for an answer is given up.

#define FAMILY GREEN_PROCESSES
#include "redirect.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>

REAL(waitid)

// Who waits for another's thread is parked under its address.
struct looker {
  idtype_t type;
  id_t id;
  int options;
  _Atomic bool has_looked;
  unsigned users; // those who wait, and the thread
  struct looker *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
// Those that have not looked yet.
static struct looker *lookers;

// In a forked child: the threads are the parent's.
void credirect_forget_lookers(void) {
  lookers = NULL;
  pthread_mutex_init(&lock, NULL);
}

static struct looker *find(idtype_t type, id_t id, int options) {
  struct looker *one = lookers;
  while (one != NULL && (one->type != type || one->id != id || one->options != options)) one = one->next;
  return one;
}

static struct looker *make(idtype_t type, id_t id, int options) {
  struct looker *made = malloc(sizeof *made);
  if (made == NULL) return NULL;
  *made = (struct looker){.type = type, .id = id, .options = options, .users = 1, .next = lookers};
  lookers = made;
  return made;
}

static void let_go(struct looker *looker) {
  pthread_mutex_lock(&lock);
  bool is_last = --looker->users == 0;
  pthread_mutex_unlock(&lock);
  if (is_last) free(looker);
}

// Who asks from now on needs another.
static void end(struct looker *looker) {
  pthread_mutex_lock(&lock);
  struct looker **link = &lookers;
  while (*link != NULL && *link != looker) link = &(*link)->next;
  if (*link == looker) *link = looker->next;
  pthread_mutex_unlock(&lock);
  atomic_store(&looker->has_looked, true);
  credirect_unpark(looker, true);
}

static bool is_looking(void *context) { return !atomic_load(&((struct looker *)context)->has_looked); }

static int wait_for_other(const credirect_table *table, struct looker *looker) {
  const credirect_object_wait wait = {.address = looker, .name = "a child", .comes_from_outside = true};
  return credirect_wait_for(table, &wait, is_looking, looker, NEVER, NULL);
}

static void look(void *context) {
  struct looker *looker = context;
  siginfo_t info;
  real_waitid()(looker->type, looker->id, &info, looker->options | WNOWAIT);
  end(looker);
}

// The fiber that began it is gone, or no thread was to be had.
static void drop(void *context) {
  end(context);
  let_go(context);
}

int credirect_look_for_change(const credirect_table *table, idtype_t type, id_t id, int options) {
  // A number that is given anew while its looker still looks would be another's: who waits for ends is told of that.
  if (type != P_ALL && ((options & WEXITED) == 0 || (type != P_PID && type != P_PGID))) return ENOTSUP;
  options &= WEXITED | WSTOPPED | WCONTINUED | __WALL | __WCLONE;
  pthread_mutex_lock(&lock);
  struct looker *looker = find(type, id, options);
  bool is_first = looker == NULL;
  if (is_first) looker = make(type, id, options);
  else looker->users++;
  pthread_mutex_unlock(&lock);
  if (looker == NULL) return ENOMEM;
  int error = is_first ? table->offload_droppable(look, looker, drop) : wait_for_other(table, looker);
  if (!is_first || error == 0) let_go(looker);
  return error;
}
