// Lines about what code does, from a signal handler.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include "include/CInspectWatchdog.h"

#include <CFiber.h>
#include <CReport.h>
#include <string.h>

void text_add(struct text *text, const char *string) {
  for (; *string && text->count < sizeof text->bytes; string++) {
    // Names come from outside, and the line goes to a terminal.
    text->bytes[text->count++] = (unsigned char)*string < ' ' || *string == 127 ? '?' : *string;
  }
}

void text_add_number(struct text *text, uint64_t number, unsigned base) {
  char digits[24], *digit = digits + sizeof digits - 1;
  *digit = 0;
  do *--digit = "0123456789abcdef"[number % base];
  while (number /= base);
  text_add(text, digit);
}

void text_write(const struct text *text) { creport_line(text->bytes, text->count); }

static void write_place(void *context, size_t index, const cinspect_place *place) {
  (void)context, (void)index;
  const char *slash = strrchr(place->image, '/');
  struct text text = {.count = 0};
  text_add(&text, "    ");
  text_add(&text, place->symbol ? place->symbol : "?");
  text_add(&text, " + 0x");
  text_add_number(&text, place->offset, 16);
  text_add(&text, " in ");
  text_add(&text, slash ? slash + 1 : place->image);
  text_write(&text);
}

void cinspect_write_places(const uintptr_t *addresses, size_t count) {
  // One by one, so that they come in order.
  for (size_t i = 0; i < count; i++) cinspect_symbolicate(&addresses[i], 1, 0, write_place, NULL);
}

size_t cinspect_interrupted_calls(const void *context, uintptr_t *addresses, size_t most) {
  size_t count = cfiber_backtrace_interrupted(context, addresses, most);
  // The others are return addresses, and what lies before them is looked up.
  if (count > 0) addresses[0] += 1;
  return count;
}

void cinspect_tell_interrupted(const char *what, const void *context) {
  uintptr_t addresses[CINSPECT_SAMPLE_CALLS];
  struct text text = {.count = 0};
  text_add(&text, CREPORT_PREFIX);
  text_add(&text, what);
  text_add(&text, "; its calls, for swift demangle:");
  text_write(&text);
  cinspect_write_places(addresses, cinspect_interrupted_calls(context, addresses, CINSPECT_SAMPLE_CALLS));
}
