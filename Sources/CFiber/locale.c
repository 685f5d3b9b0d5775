// The locale of uselocale(3) as the fiber's. The call itself is made only at a switch between two fibers whose locales differ.

#include "internal.h"

static void set_locale(struct green_thread *thread, green_fiber *fiber, void *locale) {
  if (!fiber->locale && locale) thread->locale_count++;
  if (fiber->locale && !locale) thread->locale_count--;
  fiber->locale = locale;
  green_thread_observe(thread);
}

void *green_use_locale(void *(*real)(void *), void *locale) {
  struct green_thread *thread = green_own_thread();
  green_fiber *fiber = green_running;
  void *before = real(locale);
  if (!locale || !before || !fiber || fiber == thread->root || fiber->control_block) return before;
  thread->use_locale = real;
  if (!fiber->locale) thread->locale = before;
  set_locale(thread, fiber, locale == thread->locale ? NULL : locale);
  return before;
}

ON_BOTH_STACKS void green_locale_exchange(struct green_thread *thread, green_fiber *from, const green_fiber *to) {
  // A fiber with a control block of its own has its locale there; to the others it is one without.
  void *loaded = green_enter_thread();
  void *before = thread->use_locale(to->locale ? to->locale : thread->locale);
  if (!from->locale) thread->locale = before;
  green_leave_thread(loaded);
}

void green_locale_drop(green_fiber *fiber) { set_locale(green_own_thread(), fiber, NULL); }
