// The names of scanf(3) and its kin, shared by stdio_scan.c and stdio_wide_scan.c.
//
// Three dialects by their names in the library, since the header gives one the name of another: with GNU's %a; C99; and
// C23, with %b and 0b, which programs made with glibc from 2.38 on use.

#ifndef SCAN_DIALECTS_H
#define SCAN_DIALECTS_H

#include "streams.h"

#include <stdarg.h>

// The type of a real vfscanf.
#define SCANNER(scanner, character) \
  typedef int (*scanner)(FILE *stream, const character *format, va_list arguments);

// `scan` is called with the real function where the dialect `prefix` has it, else that of `fallback`.
#define DIALECT(dialect, prefix, fallback, scanner, character, name, of_list, of_stream, of_both, scan)   \
  static scanner real_##dialect(void) {                                                          \
    static _Atomic(void *) found;                                                                \
    void *function = atomic_load_explicit(&found, memory_order_relaxed);                         \
    if (function == NULL) function = credirect_find(prefix of_both, NULL);                  \
    if (function == NULL) function = credirect_find(fallback of_both, NULL);                \
    atomic_store_explicit(&found, function, memory_order_relaxed);                               \
    return (scanner)function;                                                                    \
  }                                                                                              \
  __attribute__((constructor)) static void find_##dialect(void) { (void)real_##dialect(); }      \
                                                                                                 \
  REDIRECTED int dialect##_of_both(FILE *, const character *, va_list) __asm__(prefix of_both);  \
  REDIRECTED int dialect##_of_list(const character *, va_list) __asm__(prefix of_list);          \
  REDIRECTED int dialect##_of_stream(FILE *, const character *, ...) __asm__(prefix of_stream);  \
  REDIRECTED int dialect##_plain(const character *, ...) __asm__(prefix name);                   \
                                                                                                 \
  int dialect##_of_both(FILE *stream, const character *format, va_list arguments) {              \
    return scan(real_##dialect(), stream, format, arguments);                                    \
  }                                                                                              \
                                                                                                 \
  int dialect##_of_list(const character *format, va_list arguments) {                            \
    return scan(real_##dialect(), stdin, format, arguments);                                     \
  }                                                                                              \
                                                                                                 \
  int dialect##_of_stream(FILE *stream, const character *format, ...) {                          \
    va_list arguments;                                                                           \
    va_start(arguments, format);                                                                 \
    int result = scan(real_##dialect(), stream, format, arguments);                              \
    va_end(arguments);                                                                           \
    return result;                                                                               \
  }                                                                                              \
                                                                                                 \
  int dialect##_plain(const character *format, ...) {                                            \
    va_list arguments;                                                                           \
    va_start(arguments, format);                                                                 \
    int result = scan(real_##dialect(), stdin, format, arguments);                               \
    va_end(arguments);                                                                           \
    return result;                                                                               \
  }

#define ALL_DIALECTS(scanner, character, name, of_list, of_stream, of_both, scan)                          \
  DIALECT(gnu, "", "", scanner, character, name, of_list, of_stream, of_both, scan)                        \
  DIALECT(c99, "__isoc99_", "", scanner, character, name, of_list, of_stream, of_both, scan)               \
  DIALECT(c23, "__isoc23_", "__isoc99_", scanner, character, name, of_list, of_stream, of_both, scan)

#endif
