#ifndef CREDIRECT_DISPATCH_H
#define CREDIRECT_DISPATCH_H

// What the files about libdispatch share. Its headers need blocks, and its types are opaque all the same.

#include "redirect.h"

#include <CFiber.h>

#define DISPATCH_HIDDEN __attribute__((visibility("hidden")))

// The queue on which everything that is given to `queue` comes to run, and which is therefore held by whoever is inside: its
// own, or what it targets. NULL for one of the system's, which nobody holds.
const void *credirect_dispatch_bottom(const void *queue) DISPATCH_HIDDEN;
// Whether several may be inside at once, except for barriers.
bool credirect_dispatch_is_concurrent(const void *queue) DISPATCH_HIDDEN;
// The calling thread's words in which libdispatch keeps what queue it is on.
void credirect_dispatch_words(cfiber_word_scope *scope) DISPATCH_HIDDEN;

// libdispatch's own, NULL where it is not there. Linked weakly: a program without it is none the worse.
#define DISPATCH(type, name, ...) extern type name(__VA_ARGS__) __attribute__((weak))
DISPATCH(void *, dispatch_queue_create, const char *label, const void *attributes);
DISPATCH(void *, dispatch_get_global_queue, intptr_t identifier, uintptr_t flags);
DISPATCH(void, dispatch_set_target_queue, void *object, void *queue);
DISPATCH(void, dispatch_release, void *object);
extern const char _dispatch_queue_attr_concurrent[] __attribute__((weak));

// ---- Where libdispatch is linked in -------------------------------------------------------------------------------
//
// In a program with a shared libdispatch our definitions come first, as those of libc's names do. With
// --static-swift-stdlib both are in one link, where two definitions are an error unless one is weak: ours, and then
// libdispatch's wins. So the linker is told to bind each call of `name` to __wrap_name (ld(1), --wrap), by the section out
// of which Swift's driver takes what an object asks of the link (swift-autolink-extract). A link that is made without the
// driver does not know of it: there credirect_dispatch_is_out_of_reach.

// Ahead of a definition of __wrap_name: linked_name() gives libdispatch's own.
#define LINKED(name)                                                                              \
  __asm__(".pushsection .swift1_autolink_entries, \"e\", %progbits\n\t"                           \
          ".asciz \"-Wl,--wrap=" #name "\"\n\t"                                                  \
          ".popsection");                                                                         \
  extern __typeof__(name) __wrap_##name;                                                          \
  extern __typeof__(name) __real_##name __attribute__((weak));                                    \
  REAL(name)                                                                                      \
  static inline __typeof__(name) *linked_##name(void) {                                           \
    /* Read at run time: a compiler takes two names for two functions. */                         \
    __typeof__(name) *volatile wrapped = __real_##name, *volatile own = __wrap_##name;            \
    return wrapped != NULL && wrapped != own ? wrapped : real_##name();                           \
  }
// And the name itself, for calls out of shared libraries.
#define WRAPPED(name) REDIRECTED_DISPATCH extern __typeof__(name) name __attribute__((alias("__wrap_" #name)));

typedef void sync_f(void *queue, void *context, void (*work)(void *));
sync_f *credirect_real_sync(void) DISPATCH_HIDDEN;

#endif
