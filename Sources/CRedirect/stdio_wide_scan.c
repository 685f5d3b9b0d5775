// wscanf(3), fwscanf, vwscanf, vfwscanf on streams that can block: a thread makes the call, since glibc has no wide stream
// that a program could stand behind (fopencookie(3) makes those of bytes).

#include "scan_dialects.h"

#include <locale.h>
SCANNER(wide_scanner, wchar_t)

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
  const green_redirect_table *table = green_any_stream_table(stream, &held);
  // Where the fiber has locked the stream itself, no thread could come in.
  if (table == NULL || fwide(stream, 1) <= 0 || green_holder(stream) != NULL) return real(stream, format, arguments);
  // Other fibers wait for their turn; other threads for that thread.
  struct holder *holder = green_hold(stream, table->identity());
  if (holder == NULL) return real(stream, format, arguments);
  va_list copy;
  va_copy(copy, arguments);
  struct scanning call = {real, stream, format, &copy, uselocale((locale_t)0), EOF, 0};
  green_on_thread(table, perform, &call);
  va_end(copy);
  green_let_go(holder);
  green_unpark(stream, false);
  if (call.result == EOF) errno = call.error;
  return call.result;
}

ALL_DIALECTS(wide_scanner, wchar_t, "wscanf", "vwscanf", "fwscanf", "vfwscanf", scan)
