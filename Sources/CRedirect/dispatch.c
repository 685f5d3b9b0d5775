// dispatch_sync(3) and its kin: a fiber that waits inside holds the queue, and the next one of its thread waits for it in
// the hub.
//
// libdispatch knows who is inside by the kernel's number of the thread. A second fiber of the thread would be taken for the
// first, which asks for what it holds, and the process ended. So of the fibers of all hubs one is inside at a time, or as
// many as a concurrent queue lets in. And what queue the thread is on, which libdispatch notes in words of the thread, is
// different for each fiber: those go with it.
//
// dispatch.h tells how the calls come here where libdispatch is linked in.

#define FAMILY GREEN_LOCKS
#include "dispatch.h"

typedef void sync_block(void *queue, void *block);
sync_f dispatch_sync_f, dispatch_barrier_sync_f, dispatch_async_and_wait_f, dispatch_barrier_async_and_wait_f;
sync_block dispatch_sync, dispatch_barrier_sync, dispatch_async_and_wait, dispatch_barrier_async_and_wait;
LINKED(dispatch_sync_f)
LINKED(dispatch_barrier_sync_f)
LINKED(dispatch_async_and_wait_f)
LINKED(dispatch_barrier_async_and_wait_f)
LINKED(dispatch_sync)
LINKED(dispatch_barrier_sync)
LINKED(dispatch_async_and_wait)
LINKED(dispatch_barrier_async_and_wait)

bool credirect_dispatch_is_out_of_reach;

__attribute__((constructor)) static void look_whose_it_is(void) {
  sync_block *volatile bound = dispatch_sync, *volatile own = __wrap_dispatch_sync, *volatile wrapped = __real_dispatch_sync;
  credirect_dispatch_is_out_of_reach = bound != own && wrapped == NULL;
}

bool credirect_follows_dispatch(void) { return !credirect_dispatch_is_out_of_reach; }

// Not a sanitizer's: of what comes out of this it is asked in which library it lies.
sync_f *credirect_real_sync(void) {
  if (credirect_dispatch_is_out_of_reach) return dispatch_sync_f;
  sync_f *linked = linked_dispatch_sync_f();
  return linked == __interceptor_dispatch_sync_f ? (sync_f *)credirect_find("dispatch_sync_f", NULL) : linked;
}

// ---- Who is inside -----------------------------------------------------------------------------------------------

// One fiber that is inside a queue; lies in its call's frame.
struct visit {
  const void *queue;
  uintptr_t fiber;
  bool is_shared;
  const credirect_table *table;
  struct visit *next;
  cfiber_word_scope scope;
};

#define BUCKETS 64
static struct visit *visits[BUCKETS];
// Held for a few instructions, in which nothing waits.
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock_visits(void) {
  while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) {}
}
static void unlock_visits(void) { atomic_flag_clear_explicit(&busy, memory_order_release); }

static struct visit **bucket(const void *queue) { return &visits[((uintptr_t)queue >> 6) % BUCKETS]; }

// Somebody else is inside, and not both are among several. Who asks for what it is inside of itself gets libdispatch's
// answer.
static bool is_barred(const struct visit *visit) {
  bool is_barred = false;
  for (struct visit *one = *bucket(visit->queue); one != NULL; one = one->next) {
    if (one->queue != visit->queue) continue;
    if (one->fiber == visit->fiber) return false;
    is_barred |= !one->is_shared || !visit->is_shared;
  }
  return is_barred;
}

static bool try_to_enter(struct visit *visit) {
  lock_visits();
  bool is_in = !is_barred(visit);
  if (is_in) {
    visit->next = *bucket(visit->queue);
    *bucket(visit->queue) = visit;
  }
  unlock_visits();
  return is_in;
}

static bool must_wait(void *context) {
  lock_visits();
  bool result = is_barred(context);
  unlock_visits();
  return result;
}

static uint64_t visitor(const void *queue, unsigned index) {
  uintptr_t fiber = 0;
  lock_visits();
  for (struct visit *one = *bucket(queue); one != NULL && fiber == 0; one = one->next) {
    if (one->queue == queue && index-- == 0) fiber = one->fiber;
  }
  unlock_visits();
  return cfiber_id_of(fiber);
}

static void enter(struct visit *visit, const void *queue, bool is_barrier) {
  visit->queue = credirect_dispatch_bottom(queue);
  visit->fiber = cfiber_identity();
  visit->is_shared = !is_barrier && visit->queue != NULL && credirect_dispatch_is_concurrent(visit->queue);
  const credirect_object_wait wait = {.address = visit->queue, .name = "the dispatch queue", .holder = visitor};
  while (visit->queue != NULL && !try_to_enter(visit)) {
    credirect_wait_for(visit->table, &wait, must_wait, visit, NEVER, NULL);
  }
  credirect_dispatch_words(&visit->scope);
  cfiber_scope_enter(&visit->scope);
}

static void leave(struct visit *visit) {
  cfiber_scope_leave(&visit->scope);
  if (visit->queue == NULL) return;
  lock_visits();
  struct visit **link = bucket(visit->queue);
  while (*link != visit) link = &(*link)->next;
  *link = visit->next;
  unlock_visits();
  credirect_unpark(visit->queue, true);
}

// ---- The calls ---------------------------------------------------------------------------------------------------

#define ENTER_F(name, is_barrier)                                                     \
  REDIRECTED void __wrap_##name(void *queue, void *context, void (*work)(void *)) {   \
    struct visit visit = {.table = fiber_table()};                                    \
    if (visit.table == NULL) return linked_##name()(queue, context, work);            \
    enter(&visit, queue, is_barrier);                                                 \
    linked_##name()(queue, context, work);                                            \
    leave(&visit);                                                                    \
  }                                                                                   \
  WRAPPED(name)
#define ENTER(name, is_barrier)                                                       \
  REDIRECTED void __wrap_##name(void *queue, void *block) {                           \
    struct visit visit = {.table = fiber_table()};                                    \
    if (visit.table == NULL) return linked_##name()(queue, block);                    \
    enter(&visit, queue, is_barrier);                                                 \
    linked_##name()(queue, block);                                                    \
    leave(&visit);                                                                    \
  }                                                                                   \
  WRAPPED(name)

ENTER_F(dispatch_sync_f, false)
ENTER_F(dispatch_barrier_sync_f, true)
ENTER_F(dispatch_async_and_wait_f, false)
ENTER_F(dispatch_barrier_async_and_wait_f, true)
ENTER(dispatch_sync, false)
ENTER(dispatch_barrier_sync, true)
ENTER(dispatch_async_and_wait, false)
ENTER(dispatch_barrier_async_and_wait, true)
