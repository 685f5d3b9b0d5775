// Words of a thread's memory that a fiber has otherwise than the thread's other fibers for the time of a call.

#include "internal.h"

void green_scope_enter(green_word_scope *scope) {
  struct green_thread *thread = green_own_thread();
  green_fiber *fiber = green_running;
  // What the outermost found is what others have. A fiber with a control block of its own has the words there.
  scope->is_counted = fiber->scope == NULL && fiber->control_block == NULL;
  if (!scope->is_counted) return;
  for (int i = 0; i < scope->count; i++) scope->outside[i] = *scope->words[i];
  fiber->scope = scope;
  thread->scope_count++;
  green_thread_observe(thread);
}

void green_scope_leave(green_word_scope *scope) {
  struct green_thread *thread = green_own_thread();
  if (!scope->is_counted) return;
  green_running->scope = NULL;
  thread->scope_count--;
  green_thread_observe(thread);
}

ON_BOTH_STACKS void green_scope_exchange(green_word_scope *from, green_word_scope *to) {
  for (int i = 0; from && i < from->count; i++) {
    from->inside[i] = *from->words[i];
    *from->words[i] = from->outside[i];
  }
  for (int i = 0; to && i < to->count; i++) *to->words[i] = to->inside[i];
}
