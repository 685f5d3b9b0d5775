// Words of a thread's memory that a fiber has otherwise than the thread's other fibers for the time of a call.

#include "internal.h"

void cfiber_scope_enter(cfiber_word_scope *scope) {
  struct cfiber_thread *thread = cfiber_own_thread();
  cfiber_fiber *fiber = cfiber_running;
  // What the outermost found is what others have. A fiber with a control block of its own has the words there.
  scope->is_counted = fiber->scope == NULL && fiber->control_block == NULL;
  if (!scope->is_counted) return;
  for (int i = 0; i < scope->count; i++) scope->outside[i] = *scope->words[i];
  fiber->scope = scope;
  thread->scope_count++;
  cfiber_thread_observe(thread);
}

void cfiber_scope_leave(cfiber_word_scope *scope) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (!scope->is_counted) return;
  cfiber_running->scope = NULL;
  thread->scope_count--;
  cfiber_thread_observe(thread);
}

ON_BOTH_STACKS void cfiber_scope_exchange(cfiber_word_scope *from, cfiber_word_scope *to) {
  for (int i = 0; from && i < from->count; i++) {
    from->inside[i] = *from->words[i];
    *from->words[i] = from->outside[i];
  }
  for (int i = 0; to && i < to->count; i++) *to->words[i] = to->inside[i];
}
