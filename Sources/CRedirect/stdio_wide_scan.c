// wscanf(3), fwscanf, vwscanf, vfwscanf on streams that can block: a thread makes the call, since glibc has no wide stream
// that a program could stand behind (fopencookie(3) makes those of bytes).

#include "scan_dialects.h"

#include <locale.h>

REAL(fflush)

SCANNER(wide_scanner, wchar_t)

// ---- Scans, and flushes of all streams ----------------------------------------------------------------------------

// How many scans are under way, whose threads hold their streams' locks: or -1 while all streams are flushed, which locks
// each of them.
static _Atomic int scans;

// A forked child has none of those threads, and libc has let their locks go.
void credirect_forget_scans(void) { atomic_store(&scans, 0); }

// Counts a scan (1), which other scans do not hinder, or a flush (-1).
static bool begins(int change) {
  int count = atomic_load(&scans);
  while (change > 0 ? count >= 0 : count == 0) {
    if (atomic_compare_exchange_weak(&scans, &count, count + change)) return true;
  }
  return false;
}

static bool is_flushing(void *context) {
  (void)context;
  return atomic_load(&scans) < 0;
}

static bool is_in_use(void *context) {
  (void)context;
  return atomic_load(&scans) != 0;
}

static void begin(const credirect_table *table, int change) {
  const credirect_object_wait wait = {.address = &scans, .name = "the streams"};
  while (!begins(change)) credirect_wait_for(table, &wait, change > 0 ? is_flushing : is_in_use, NULL, NEVER, NULL);
}

static void end(int change) {
  if (atomic_fetch_sub(&scans, change) == change) credirect_unpark(&scans, true);
}

int credirect_flush_all(const credirect_table *table) {
  begin(table, -1);
  int result = real_fflush()(NULL);
  end(-1);
  return result;
}

// ---- By a thread --------------------------------------------------------------------------------------------------

struct scanning {
  wide_scanner real;
  FILE *stream;
  const wchar_t *format;
  va_list *arguments;
  locale_t locale; // the fiber's
  int result, error;
};

static void perform(void *context) {
  struct scanning *call = context;
  locale_t own = uselocale(call->locale);
  call->result = call->real(call->stream, call->format, *call->arguments);
  call->error = errno;
  uselocale(own);
}

static int scan(wide_scanner real, FILE *stream, const wchar_t *format, va_list arguments) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_any_stream_table(stream, &held);
  // Where the fiber has locked the stream itself, no thread could come in.
  if (table == NULL || fwide(stream, 1) <= 0 || credirect_holder(stream) != NULL) return real(stream, format, arguments);
  // Other fibers wait for their turn; other threads for that thread.
  struct holder *holder = credirect_hold(stream, cfiber_identity());
  if (holder == NULL) return real(stream, format, arguments);
  va_list copy;
  va_copy(copy, arguments);
  struct scanning call = {real, stream, format, &copy, uselocale((locale_t)0), EOF, 0};
  begin(table, 1);
  credirect_on_thread(table, perform, &call);
  end(1);
  va_end(copy);
  credirect_let_go(holder);
  credirect_unpark(stream, false);
  if (call.result == EOF) errno = call.error;
  return call.result;
}

ALL_DIALECTS(wide_scanner, wchar_t, "wscanf", "vwscanf", "fwscanf", "vfwscanf", scan)
