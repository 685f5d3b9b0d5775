#ifndef GREEN_ABORT_H
#define GREEN_ABORT_H

#include "green_scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

// Says what the process was doing when it is aborted: on SIGABRT, copies a text into the slot's activity and then lets
// the signal take its default course.
//
// `subject` is called in the signal handler and must be async-signal-safe. The text lies `offset` bytes behind the
// address that it returns; where it returns NULL, or the text is empty, the slot keeps the activity that it has.
void green_abort_report(green_score_slot *slot, const void *(*subject)(void), size_t offset);

#ifdef __cplusplus
}
#endif
#endif
