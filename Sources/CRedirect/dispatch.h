#ifndef CREDIRECT_DISPATCH_H
#define CREDIRECT_DISPATCH_H

// What the files about libdispatch share. Its headers need blocks, and its types are opaque all the same.

#include "redirect.h"

#include <CFiber.h>

#define DISPATCH_HIDDEN __attribute__((visibility("hidden")))

// The queue on which everything that is given to `queue` comes to run, and which is therefore held by who is inside: its
// own, or what it targets. NULL for one of the system's, which nobody holds.
const void *green_dispatch_bottom(const void *queue) DISPATCH_HIDDEN;
// Whether several may be inside at once, but for barriers.
bool green_dispatch_is_concurrent(const void *queue) DISPATCH_HIDDEN;
// The calling thread's words in which libdispatch keeps what queue it is on.
void green_dispatch_words(green_word_scope *scope) DISPATCH_HIDDEN;

// libdispatch's own, NULL where it is not there. Linked weakly: a program without it is none the worse.
#define DISPATCH(type, name, ...) extern type name(__VA_ARGS__) __attribute__((weak))
DISPATCH(void *, dispatch_queue_create, const char *label, const void *attributes);
DISPATCH(void *, dispatch_get_global_queue, intptr_t identifier, uintptr_t flags);
DISPATCH(void, dispatch_set_target_queue, void *object, void *queue);
DISPATCH(void, dispatch_release, void *object);
extern const char _dispatch_queue_attr_concurrent[] __attribute__((weak));

typedef void sync_f(void *queue, void *context, void (*work)(void *));
sync_f *green_real_sync(void) DISPATCH_HIDDEN;

#endif
