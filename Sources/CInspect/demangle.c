// Names as people read them.

#include "include/CInspect.h"

#include <stdlib.h>
#include <string.h>

// Both are exported by libswiftCore. The first is what Swift's own crash reports are written with, for Swift and C++,
// and leaves out modules and types; the second is meant for everybody, and spells everything out.
extern char *_swift_backtrace_demangle(const char *symbol, size_t length, char *buffer, size_t *size)
    __attribute__((weak));
extern char *swift_demangle(const char *symbol, size_t length, char *buffer, size_t *size, uint32_t flags)
    __attribute__((weak));

char *cinspect_demangle(const char *symbol) {
  size_t length = strlen(symbol);
  // Asked for a C name, they would look for a mangling in vain, or find one.
  if (length < 3 || (symbol[0] != '$' && strncmp(symbol, "_T", 2) != 0 && strncmp(symbol, "_Z", 2) != 0)) return NULL;
  if (_swift_backtrace_demangle) return _swift_backtrace_demangle(symbol, length, NULL, NULL);
  if (swift_demangle) return swift_demangle(symbol, length, NULL, NULL, 0);
  return NULL;
}
