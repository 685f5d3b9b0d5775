#ifndef CPROCESS_ABORT_H
#define CPROCESS_ABORT_H

#include "cprocess_scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

// Says what the process was doing when it crashes or is aborted: copies a text into the slot's activity, and hands the
// signal on to whoever handled it before, such as Swift's backtracer, or to its default course.
//
// `subject` is called in the signal handler and must be async-signal-safe. The text lies `offset` bytes after the
// address that it returns. Where it returns NULL, or the text is empty, it is what the thread has noted; without a note
// the slot keeps the activity that it has.
//
// `tell`, which may be NULL, is called in the handler with the interrupted context: to tell the calls where no backtracer does.
void cprocess_abort_report(
    cprocess_score_slot *slot, const void *(*subject)(void), size_t offset, void (*tell)(const void *context));
// Leaves SIGABRT that is sent to the process to its other threads, for which the calling one only waits.
void cprocess_abort_leave_to_others(void);
// What the calling thread does from now on; nothing with a count of 0. Costs a copy of at most CPROCESS_ACTIVITY_BYTES.
void cprocess_abort_note(const void *bytes, size_t count);

#ifdef __cplusplus
}
#endif
#endif
