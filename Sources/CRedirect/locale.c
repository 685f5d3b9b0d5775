// uselocale(3): the locale is the fiber's, as it would be a thread's. One that has set none has its thread's.

#define FAMILY GREEN_THREADS
#include "redirect.h"

#include <CFiber.h>
#include <locale.h>

REAL(uselocale)

REDIRECTED locale_t uselocale(locale_t locale) {
  // Also for a fiber whose calls pass straight through: it is not the thread's locale that it sets.
  if ((credirect_get_families() & FAMILY) == 0) return real_uselocale()(locale);
  return (locale_t)cfiber_use_locale((void *(*)(void *))real_uselocale(), (void *)locale);
}

#ifdef __GLIBC__
ALIAS(uselocale, __uselocale)
#endif
