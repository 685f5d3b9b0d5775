// Shared by semaphore.c and semaphore_slots.c: the hubs that have fibers waiting for semaphores.

#ifndef SEMAPHORES_H
#define SEMAPHORES_H

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <semaphore.h>

struct waiter {
  sem_t *semaphore;
  struct slot *slot; // NULL where it has to look now and then
  struct waiter *previous, *next;
};

// The fiber waits from here on. Without a descriptor, or a slot, it looks now and then.
void credirect_await_posts(const credirect_table *table, struct waiter *waiter);
void credirect_await_no_posts(const credirect_table *table, struct waiter *waiter);
// The first waiter of this thread; the next ones follow.
struct waiter *credirect_first_waiter(void);
// Has every hub with waiting fibers look. Async-signal-safe; errno stays.
void credirect_announce_post(void);

#endif
