// dispatch_apply(3), Swift's concurrentPerform: for a fiber another thread takes the caller's part of the work, and the hub
// goes on.
//
// libdispatch runs the body on as many threads as there are processors, the calling one among them, and notes in words of
// that thread that it does. A fiber whose body parked would leave those to the next one; and what computes on all
// processors at once is not for the thread that all other fibers share.

#define FAMILY GREEN_LOCKS
#include "dispatch.h"

void dispatch_apply_f(size_t count, void *queue, void *context, void (*work)(void *context, size_t index));
void dispatch_apply(size_t count, void *queue, void *block);
LINKED(dispatch_apply_f)
LINKED(dispatch_apply)
// Theirs are in a file of libdispatch's archive that nothing else needs: a link would leave it out, since ours are there.
__asm__(".pushsection .swift1_autolink_entries, \"e\", %progbits\n\t"
        ".asciz \"-Wl,--undefined=_dispatch_apply_invoke\"\n\t"
        ".popsection");

// A link without Swift's driver leaves it out all the same: then the caller does the work, which the manual allows.
static void in_turn_f(size_t count, void *queue, void *context, void (*work)(void *, size_t)) {
  (void)queue;
  for (size_t i = 0; i < count; i++) work(context, i);
}

static void in_turn(size_t count, void *queue, void *block) {
  struct { // Block_private.h
    void *isa;
    int flags, reserved;
    void (*invoke)(void *, size_t);
  } *layout = block;
  in_turn_f(count, queue, block, layout->invoke);
}

struct apply {
  size_t count;
  void *queue, *context;
  void (*work)(void *context, size_t index); // NULL: the context is a block
};

static void perform(void *argument) {
  const struct apply *apply = argument;
  __typeof__(dispatch_apply_f) *of_function = linked_dispatch_apply_f();
  __typeof__(dispatch_apply) *of_block = linked_dispatch_apply();
  if (apply->work != NULL) (of_function ? of_function : in_turn_f)(apply->count, apply->queue, apply->context, apply->work);
  else (of_block ? of_block : in_turn)(apply->count, apply->queue, apply->context);
}

static void call(struct apply apply) {
  const credirect_table *table = fiber_table();
  if (table == NULL || apply.count == 0) perform(&apply);
  else credirect_on_thread(table, perform, &apply);
}

REDIRECTED void __wrap_dispatch_apply_f(size_t count, void *queue, void *context, void (*work)(void *, size_t)) {
  call((struct apply){count, queue, context, work});
}

REDIRECTED void __wrap_dispatch_apply(size_t count, void *queue, void *block) {
  call((struct apply){.count = count, .queue = queue, .context = block});
}

WRAPPED(dispatch_apply_f)
WRAPPED(dispatch_apply)
