#define _GNU_SOURCE

#include "cprocess_abort.h"

#include <CSignalsChain.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

static cprocess_score_slot *report_slot;
static const void *(*report_subject)(void);
static size_t report_offset;
static void (*report_tell)(const void *context);
static __thread char noted[CPROCESS_ACTIVITY_BYTES];

static const int crashes[] = {SIGABRT, SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS};
#define CRASHES (sizeof crashes / sizeof *crashes)
static struct sigaction previous[CRASHES];

static void report(void) {
  const void *subject = report_subject ? report_subject() : NULL;
  const char *text = subject ? (const char *)subject + report_offset : "";
  if (!*text) text = noted;
  size_t count = strnlen(text, CPROCESS_ACTIVITY_BYTES - 1);
  if (count) cprocess_score_set_activity(report_slot, text, count);
}

static void on_crash(int signal, siginfo_t *information, void *context) {
  int saved_errno = errno;
  report();
  if (report_tell) report_tell(context);
  for (size_t i = 0; i < CRASHES; i++)
    if (crashes[i] == signal) csignals_hand_on(&previous[i], signal, information, context);
  errno = saved_errno;
}

void cprocess_abort_report(
    cprocess_score_slot *slot, const void *(*subject)(void), size_t offset, void (*tell)(const void *context)) {
  report_slot = slot;
  report_subject = subject;
  report_offset = offset;
  report_tell = tell;
  for (size_t i = 0; i < CRASHES; i++) csignals_take_over(crashes[i], on_crash, 0, &previous[i]);
}

void cprocess_abort_note(const void *bytes, size_t count) {
  if (count > CPROCESS_ACTIVITY_BYTES - 1) count = CPROCESS_ACTIVITY_BYTES - 1;
  if (count) memcpy(noted, bytes, count);
  noted[count] = 0;
}

void cprocess_abort_leave_to_others(void) {
  sigset_t aborts;
  sigemptyset(&aborts);
  sigaddset(&aborts, SIGABRT);
  pthread_sigmask(SIG_BLOCK, &aborts, NULL);
}
