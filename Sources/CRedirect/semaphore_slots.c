// The hubs that have fibers waiting for semaphores: each has an eventfd, to which whoever posts writes.

#include "semaphores.h"

#include <sys/eventfd.h>
#include <unistd.h>

REAL(read)
REAL(write)

// A slot belongs to the thread of a hub. Its eventfd stays open for ever, since a post may come at any time; 0 where there is
// none, or the program has closed it.
struct slot {
  _Atomic bool is_taken;
  _Atomic int fd;
  _Atomic unsigned waiting;
  struct waiter *first, *last;
  void *watcher;
};
#define SLOTS 256
static struct slot slots[SLOTS];
static _Atomic unsigned slot_count, all_waiting;
static OF_THREAD struct slot *slot_of_thread;
#define own_slot GREEN_OF_THREAD(slot_of_thread)

// In a forked child nobody waits; the eventfds are the parent's too.
void credirect_forget_semaphores(void) {
  own_slot = NULL;
  for (unsigned i = 0; i < SLOTS; i++) {
    int fd = atomic_load(&slots[i].fd);
    if (i < atomic_load(&slot_count) && fd > 0) close(fd);
    slots[i] = (struct slot){0};
  }
  atomic_store(&slot_count, 0);
  atomic_store(&all_waiting, 0);
}

// In the hub, outside any fiber: wakes as many fibers as can have their semaphores.
static void look(void *context) {
  struct slot *slot = context;
  uint64_t posts;
  int fd = atomic_load(&slot->fd);
  while (fd > 0 && real_read()(fd, &posts, sizeof posts) == sizeof posts) {}
  sem_t *semaphore = NULL;
  int value = 0;
  for (struct waiter *one = slot->first; one != NULL; one = one->next) {
    if (one->semaphore != semaphore) {
      semaphore = one->semaphore;
      if (sem_getvalue(semaphore, &value) != 0) value = 1;
    }
    if (value-- > 0) credirect_unpark(one, true);
  }
}

static void give_back(struct slot *slot) {
  slot->watcher = NULL;
  // The thread may end before it comes back.
  own_slot = NULL;
  atomic_store(&slot->is_taken, false);
}

// Nothing wakes those who wait with the slot of this thread any more: they look by themselves.
static void abandon(struct slot *slot) {
  unsigned left = 0;
  for (struct waiter *one = slot->first, *next; one != NULL; one = next, left++) {
    next = one->next;
    one->slot = NULL;
    credirect_unpark(one, true);
  }
  slot->first = slot->last = NULL;
  atomic_fetch_sub(&slot->waiting, left);
  atomic_fetch_sub(&all_waiting, left);
  give_back(slot);
}

// The hub has ended with fibers that can never go on, or the kernel refuses the descriptor.
static void ended(void *context) {
  struct slot *slot = context;
  if (slot == own_slot) abandon(slot);
}

// The eventfd of a slot in use is lost to other threads' fibers with the rest of what their hub waits with.
void credirect_forget_slots(unsigned first, unsigned last) {
  unsigned count = atomic_load(&slot_count);
  for (unsigned i = 0; i < count; i++) {
    int fd = atomic_load(&slots[i].fd);
    if (fd <= 0 || (unsigned)fd < first || (unsigned)fd > last || !credirect_is_home()) continue;
    if (!atomic_compare_exchange_strong(&slots[i].fd, &fd, 0) || &slots[i] != own_slot) continue;
    const credirect_table *table = fiber_table();
    if (table != NULL && own_slot->watcher != NULL) table->unwatch(own_slot->watcher);
    abandon(own_slot);
  }
}

static struct slot *take_slot(void) {
  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *slot = &slots[i];
    if (atomic_exchange(&slot->is_taken, true)) continue;
    if (atomic_load(&slot->fd) == 0) {
      int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
      atomic_store(&slot->fd, fd);
      if (fd <= 0) {
        atomic_store(&slot->fd, 0);
        atomic_store(&slot->is_taken, false);
        return NULL;
      }
      unsigned count = atomic_load(&slot_count);
      while (count < i + 1 && !atomic_compare_exchange_weak(&slot_count, &count, i + 1)) {}
    }
    return slot;
  }
  return NULL;
}

void credirect_await_posts(const credirect_table *table, struct waiter *waiter) {
  if (own_slot == NULL) own_slot = take_slot();
  struct slot *slot = own_slot;
  if (slot == NULL || atomic_load(&slot->fd) <= 0) return;
  if (slot->watcher == NULL) slot->watcher = table->watch(atomic_load(&slot->fd), look, ended, slot);
  waiter->slot = slot;
  waiter->next = NULL;
  waiter->previous = slot->last;
  if (slot->last != NULL) slot->last->next = waiter;
  else slot->first = waiter;
  slot->last = waiter;
  atomic_fetch_add(&slot->waiting, 1);
  atomic_fetch_add(&all_waiting, 1);
}

void credirect_await_no_posts(const credirect_table *table, struct waiter *waiter) {
  struct slot *slot = waiter->slot;
  if (slot == NULL) return;
  atomic_fetch_sub(&slot->waiting, 1);
  atomic_fetch_sub(&all_waiting, 1);
  if (waiter->previous != NULL) waiter->previous->next = waiter->next;
  else slot->first = waiter->next;
  if (waiter->next != NULL) waiter->next->previous = waiter->previous;
  else slot->last = waiter->previous;
  if (slot->first != NULL) return;
  if (slot->watcher != NULL) table->unwatch(slot->watcher);
  give_back(slot);
}

struct waiter *credirect_first_waiter(void) { return own_slot != NULL ? own_slot->first : NULL; }

void credirect_announce_post(void) {
  // The value must be seen by a fiber that counts itself now, or its count be seen here.
  atomic_thread_fence(memory_order_seq_cst);
  if (atomic_load_explicit(&all_waiting, memory_order_relaxed) == 0) return;
  int saved = errno;
  unsigned count = atomic_load(&slot_count);
  for (unsigned i = 0; i < count; i++) {
    const uint64_t one = 1;
    int fd = atomic_load(&slots[i].fd);
    if (atomic_load(&slots[i].waiting) > 0 && fd > 0) (void)!real_write()(fd, &one, sizeof one);
  }
  errno = saved;
}
