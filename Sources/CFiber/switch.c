// Going from one fiber to another, with everything that belongs to the fiber and not to the thread.

#include "control_block.h"

#include <errno.h>

// Words of C++ and the like are zero in nearly every fiber that waits: only where one is not are they exchanged.
ON_BOTH_STACKS static inline uintptr_t holds_words(const struct cfiber_thread *thread, const cfiber_fiber *to) {
  uintptr_t any = to->kept_count;
  for (uintptr_t **word = thread->kept; word != thread->kept_end; word += 4) {
    any |= *word[0] | *word[1] | *word[2] | *word[3];
  }
  return any;
}

__attribute__((noinline)) ON_BOTH_STACKS
static void exchange_kept(const struct cfiber_thread *thread, cfiber_fiber *from, cfiber_fiber *to) {
  uintptr_t any = 0;
  for (unsigned i = 0; i < thread->kept_count; i++) {
    uintptr_t word = *thread->kept[i];
    // One that was registered since is zero.
    uintptr_t other = i < to->kept_count ? to->kept[i] : 0;
    if (word != other) *thread->kept[i] = other;
    from->kept[i] = word;
    any |= word;
  }
  to->kept_count = 0;
  from->kept_count = any ? thread->kept_count : 0;
}

// Exchanges errno and the words. Everything is done before the stacks are exchanged, so that nothing is left to do
// after; a new fiber needs no special case.
ON_BOTH_STACKS static inline void exchange_words(struct cfiber_thread *thread, cfiber_fiber *from, cfiber_fiber *to) {
  from->saved_errno = *thread->errno_address;
  *thread->errno_address = to->saved_errno;
  for (int i = 0; i < thread->word_count; i++) {
    uintptr_t *word = thread->words[i];
    from->locals[i] = *word;
    *word = to->locals[i];
  }
  if (GREEN_UNLIKELY(holds_words(thread, to))) exchange_kept(thread, from, to);
}

ON_BOTH_STACKS static inline void exchange(struct cfiber_thread *thread, cfiber_fiber *from, cfiber_fiber *to) {
  exchange_words(thread, from, to);
  cfiber_running = to;
}

// The same where some fiber has a locale, a scope or a control block of its own. In that block cfiber_running never changes.
ON_BOTH_STACKS static void exchange_blocks(struct cfiber_thread *thread, cfiber_fiber *from, cfiber_fiber *to) {
  exchange_words(thread, from, to);
  if (GREEN_UNLIKELY(from->locale != to->locale)) cfiber_locale_exchange(thread, from, to);
  if (GREEN_UNLIKELY(from->scope != to->scope)) cfiber_scope_exchange(from->scope, to->scope);
  *thread->running = to;
  if (from->control_block == to->control_block) return;
  cfiber_load_thread_pointer(to->control_block ? to->control_block->pointer : thread->pointer);
}

// On the stack of `to`, after it was switched to.
ON_BOTH_STACKS static void arrive(struct cfiber_thread *thread, cfiber_fiber *to, bool first) {
  cfiber_note_arrive(thread->previous, to);
  // A fiber that has never left has nothing to take back up.
  if (thread->enter && !first) thread->enter((char *)to->locals);
}

ON_BOTH_STACKS static void depart(struct cfiber_thread *thread, cfiber_fiber *from, cfiber_fiber *to, bool last) {
  if (thread->leave) thread->leave((char *)from->locals);
  thread->previous = from;
  exchange_blocks(thread, from, to);
  cfiber_note_leave(from, to, last);
}

__attribute__((noinline)) ON_BOTH_STACKS
static void switch_observed(cfiber_fiber *from, cfiber_fiber *to) {
  struct cfiber_thread *thread = cfiber_own_thread();
  depart(thread, from, to, false);
  cfiber_note_switch(to);
  cfiber_switch_bare(from, to);
  arrive(thread, from, false);
}

ON_BOTH_STACKS void cfiber_switch(cfiber_fiber *to) {
  struct cfiber_thread *thread = &cfiber_this_thread;
  cfiber_fiber *from = cfiber_running;
  if (GREEN_UNLIKELY(from == to)) return;
  if (GREEN_UNLIKELY(thread->observed)) {
    switch_observed(from, to);
    return;
  }
  exchange(thread, from, to);
  cfiber_switch_bare(from, to);
}

ON_BOTH_STACKS cfiber_fiber *cfiber_leave(cfiber_fiber *to) {
  struct cfiber_thread *thread = &cfiber_this_thread;
  cfiber_fiber *from = cfiber_running;
  if (GREEN_UNLIKELY(from == to)) return NULL;
  if (GREEN_UNLIKELY(thread->observed)) {
    switch_observed(from, to);
    return NULL;
  }
  exchange(thread, from, to);
  return from;
}

void cfiber_return_to(cfiber_fiber *to) { cfiber_own_thread()->heir = to; }

ON_BOTH_STACKS void cfiber_finish(cfiber_fiber *to) {
  struct cfiber_thread *thread = cfiber_own_thread();
  cfiber_fiber *from = cfiber_running;
  if (thread->observed) {
    depart(thread, from, to, true);
    cfiber_note_switch(to);
  } else {
    exchange(thread, from, to);
  }
  cfiber_switch_bare(from, to);
  __builtin_trap();  // someone switched to a fiber that has finished
}

ON_BOTH_STACKS cfiber_fiber *cfiber_begin(cfiber_fiber *fiber) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (GREEN_UNLIKELY(thread->observed)) arrive(thread, fiber, true);
  fiber->entry(fiber->argument);
  cfiber_fiber *to = thread->heir ? thread->heir : thread->root;
  thread->heir = NULL;
  if (GREEN_UNLIKELY(thread->observed)) cfiber_finish(to);
  exchange(thread, fiber, to);
  return to;
}
