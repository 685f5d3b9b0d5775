// syslog(3): glibc writes to the log's socket inside itself, and waits for room there with a lock held. A thread makes the
// call, and those that take the same lock.
//
// The text is made first, in the fiber: its errno is what %m tells.

#define FAMILY GREEN_STREAMS
#include "redirect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments);

REAL(vsyslog)
REAL(syslog)
REAL(openlog)
REAL(closelog)
REAL(setlogmask)

struct call {
  const char *text;
  int priority, option, facility, mask;
};

static void write_text(void *context) {
  struct call *call = context;
  real_syslog()(call->priority, "%s", call->text);
}

REDIRECTED void vsyslog(int priority, const char *format, va_list arguments) {
  const credirect_table *table = fiber_table();
  char *text;
  if (table == NULL) {
    real_vsyslog()(priority, format, arguments);
    return;
  }
  if (vasprintf(&text, format, arguments) < 0) return;
  struct call call = {.text = text, .priority = priority};
  credirect_on_thread(table, write_text, &call);
  free(text);
}

REDIRECTED void syslog(int priority, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

// What _FORTIFY_SOURCE makes of them; its check is of the format, which the caller's own vasprintf does not make.
REDIRECTED void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments) {
  (void)flag;
  vsyslog(priority, format, arguments);
}

REDIRECTED void __syslog_chk(int priority, int flag, const char *format, ...) {
  (void)flag;
  va_list arguments;
  va_start(arguments, format);
  vsyslog(priority, format, arguments);
  va_end(arguments);
}

static void open_log(void *context) {
  struct call *call = context;
  real_openlog()(call->text, call->option, call->facility);
}

REDIRECTED void openlog(const char *name, int option, int facility) {
  const credirect_table *table = fiber_table();
  struct call call = {.text = name, .option = option, .facility = facility};
  if (table == NULL) open_log(&call);
  else credirect_on_thread(table, open_log, &call);
}

static void close_log(void *unused) {
  (void)unused;
  real_closelog()();
}

REDIRECTED void closelog(void) {
  const credirect_table *table = fiber_table();
  if (table == NULL) close_log(NULL);
  else credirect_on_thread(table, close_log, NULL);
}

static void set_mask(void *context) {
  struct call *call = context;
  call->mask = real_setlogmask()(call->mask);
}

REDIRECTED int setlogmask(int mask) {
  const credirect_table *table = fiber_table();
  struct call call = {.mask = mask};
  if (table == NULL) set_mask(&call);
  else credirect_on_thread(table, set_mask, &call);
  return call.mask;
}
