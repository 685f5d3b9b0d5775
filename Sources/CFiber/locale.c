// The locale of uselocale(3) as the fiber's. The call itself is made only at a switch between two fibers whose locales differ.

#include "internal.h"

static void set_locale(struct cfiber_thread *thread, cfiber_fiber *fiber, void *locale) {
  if (!fiber->locale && locale) thread->locale_count++;
  if (fiber->locale && !locale) thread->locale_count--;
  fiber->locale = locale;
  cfiber_thread_observe(thread);
}

void *cfiber_use_locale(void *(*real)(void *), void *locale) {
  struct cfiber_thread *thread = cfiber_own_thread();
  cfiber_fiber *fiber = cfiber_running;
  void *before = real(locale);
  if (!locale || !before || !fiber || fiber == thread->root || fiber->control_block) return before;
  thread->use_locale = real;
  if (!fiber->locale) thread->locale = before;
  set_locale(thread, fiber, locale == thread->locale ? NULL : locale);
  return before;
}

ON_BOTH_STACKS void cfiber_locale_exchange(struct cfiber_thread *thread, cfiber_fiber *from, const cfiber_fiber *to) {
  // A fiber with a control block of its own has its locale there; to the others it is one without.
  void *loaded = cfiber_enter_thread();
  void *before = thread->use_locale(to->locale ? to->locale : thread->locale);
  if (!from->locale) thread->locale = before;
  cfiber_leave_thread(loaded);
}

void cfiber_locale_drop(cfiber_fiber *fiber) { set_locale(cfiber_own_thread(), fiber, NULL); }
