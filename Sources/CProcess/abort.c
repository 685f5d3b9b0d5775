#define _GNU_SOURCE

#include "green_abort.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

static green_score_slot *report_slot;
static const void *(*report_subject)(void);
static size_t report_offset;
static __thread char noted[GREEN_ACTIVITY_BYTES];

static const int crashes[] = {SIGABRT, SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS};
#define CRASHES (sizeof crashes / sizeof *crashes)
static struct sigaction previous[CRASHES];

static void report(void) {
  const void *subject = report_subject ? report_subject() : NULL;
  const char *text = subject ? (const char *)subject + report_offset : "";
  if (!*text) text = noted;
  size_t count = strnlen(text, GREEN_ACTIVITY_BYTES - 1);
  if (count) green_score_set_activity(report_slot, text, count);
}

// To whoever handled the signal before, or to its default course.
static void hand_on(const struct sigaction *action, int signal, siginfo_t *information, void *context) {
  if (action->sa_flags & SA_SIGINFO) {
    action->sa_sigaction(signal, information, context);
    return;
  }
  bool was_sent = information->si_code <= 0;
  if (action->sa_handler == SIG_IGN && was_sent) return;
  if (action->sa_handler != SIG_IGN && action->sa_handler != SIG_DFL) {
    action->sa_handler(signal);
    return;
  }
  // An instruction runs again when this handler returns, and the process dies of it, with a true core dump.
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigaction(signal, &standard, NULL);
  if (was_sent) raise(signal);
}

static void on_crash(int signal, siginfo_t *information, void *context) {
  int saved_errno = errno;
  report();
  for (size_t i = 0; i < CRASHES; i++)
    if (crashes[i] == signal) hand_on(&previous[i], signal, information, context);
  errno = saved_errno;
}

void green_abort_report(green_score_slot *slot, const void *(*subject)(void), size_t offset) {
  report_slot = slot;
  report_subject = subject;
  report_offset = offset;
  for (size_t i = 0; i < CRASHES; i++) {
    // Read first: a crash between the two calls must find the handler that it is handed on to.
    sigaction(crashes[i], NULL, &previous[i]);
    // A fiber's stack is small: use the alternate one where the thread has it. As the present handler wants to be
    // called: Swift's reads memory that may not be there, and counts on SIGSEGV not being blocked meanwhile.
    struct sigaction action = {
        .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | (previous[i].sa_flags & SA_NODEFER)};
    action.sa_mask = previous[i].sa_mask;
    sigaction(crashes[i], &action, NULL);
  }
}

void green_abort_note(const void *bytes, size_t count) {
  if (count > GREEN_ACTIVITY_BYTES - 1) count = GREEN_ACTIVITY_BYTES - 1;
  if (count) memcpy(noted, bytes, count);
  noted[count] = 0;
}
