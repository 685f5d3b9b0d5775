#define _GNU_SOURCE

#include "green_abort.h"

#include <signal.h>
#include <string.h>

static green_score_slot *report_slot;
static const void *(*report_subject)(void);
static size_t report_offset;

static void on_abort(int signal) {
  const void *subject = report_subject ? report_subject() : NULL;
  if (subject && report_slot) {
    const char *text = (const char *)subject + report_offset;
    size_t count = strnlen(text, GREEN_ACTIVITY_BYTES - 1);
    if (count) green_score_set_activity(report_slot, text, count);
  }
  // SA_RESETHAND has put the default back; the signal is delivered again when this handler returns.
  raise(signal);
}

void green_abort_report(green_score_slot *slot, const void *(*subject)(void), size_t offset) {
  report_slot = slot;
  report_subject = subject;
  report_offset = offset;
  // A fiber's stack is small: use the alternate one where the thread has it.
  struct sigaction action = {.sa_handler = on_abort, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
  sigfillset(&action.sa_mask);
  sigaction(SIGABRT, &action, NULL);
}
