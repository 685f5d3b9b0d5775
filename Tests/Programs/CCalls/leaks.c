// What LeakSanitizer is not to tell of.

// The C library's own: fclose does not give back what fopen took for `ccs=` (a program of four lines shows it).
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:__gconv_lookup_cache"; }
