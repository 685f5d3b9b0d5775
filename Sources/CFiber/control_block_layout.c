// Where in struct pthread the few things lie that a thread control block needs beside what the ABI says.
//
// Two of them glibc tells debuggers (_thread_db_*, read as nptl_db/db_info.c does); the others are found with a thread
// that is made for the purpose, each as the one place where a known value is. Where anything is not as expected there are
// no blocks.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "control_block.h"

#ifdef GREEN_CONTROL_BLOCKS

#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_DESCRIPTOR_BYTES 65536
#define MOST_LIBC_LOCALS 2048
#define MOST_CACHE_BYTES 8192
#define HWCAP2_FSGSBASE 2

struct cfiber_control_layout cfiber_control_layout;
#define at cfiber_control_layout

static void *symbol(const char *name) { return dlsym(RTLD_DEFAULT, name); }

// A field of struct pthread: {bits, count, offset}.
static bool debugger_field(const char *name, size_t *offset) {
  const uint32_t *field = symbol(name);
  if (field) *offset = field[2];
  return field != NULL;
}

static void *word_at(const char *base, size_t offset) {
  void *word;
  memcpy(&word, base + offset, sizeof word);
  return word;
}

// The one place in `size` bytes that holds the word.
static bool find(const char *base, size_t size, const void *word, size_t *place) {
  int count = 0;
  for (size_t i = 0; i + sizeof word <= size; i += sizeof word) {
    if (word_at(base, i) == word) *place = i, count++;
  }
  return count == 1;
}

// ---- malloc ------------------------------------------------------------------------------------------------------

struct locals {
  uintptr_t inside;            // some address of the library
  char *start;
  size_t size;
};

// The calling thread's variables of one library.
static int find_locals(struct dl_phdr_info *info, size_t size, void *context) {
  struct locals *locals = context;
  bool is_it = false;
  size_t bytes = 0;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    if (header->p_type == PT_LOAD && locals->inside - (info->dlpi_addr + header->p_vaddr) < header->p_memsz) is_it = true;
    if (header->p_type == PT_TLS) bytes = header->p_memsz;
  }
  if (!is_it || !info->dlpi_tls_data) return 0;
  locals->start = info->dlpi_tls_data;
  locals->size = bytes;
  return 1;
}

// The cache is known by what was just freed into it.
static bool is_cache(char *memory, const void *freed) {
  size_t place;
  if (!memory || (uintptr_t)memory % 16 != 0) return false;
  size_t bytes = malloc_usable_size(memory);
  return bytes < MOST_CACHE_BYTES && find(memory, bytes, freed, &place);
}

// The words that the first malloc of a thread sets, in a thread that has never called it: its cache and its arena.
static void find_malloc_words(const char *pointer) {
  struct locals locals = {.inside = at.inside_libc[0]};
  char before[MOST_LIBC_LOCALS];
  if (!dl_iterate_phdr(find_locals, &locals) || locals.size > sizeof before) return;
  memcpy(before, locals.start, locals.size);
  void *volatile first = malloc(24);
  uintptr_t freed = (uintptr_t)first;
  free(first);
  bool saw_cache = false;
  int count = 0;
  for (size_t i = 0; i + sizeof(void *) <= locals.size; i += sizeof(void *)) {
    if (word_at(before, i) == word_at(locals.start, i)) continue;
    if (count < 2) at.malloc_words[count] = locals.start + i - pointer;
    count++;
    if (is_cache(word_at(locals.start, i), (void *)freed)) saw_cache = true;
  }
  if (count == 2 && saw_cache) at.malloc_word_count = count;
}

// ---- What runs at a thread's end ---------------------------------------------------------------------------------

static void destroy_nothing(void *object) { (void)object; }

// The word that is set while the thread has a destructor to run.
static void find_destructors(const char *pointer) {
  int (*add)(void (*)(void *), void *, void *) = symbol("__cxa_thread_atexit_impl");
  void (*run)(void) = symbol("__call_tls_dtors");
  struct locals locals = {.inside = at.inside_libc[0]};
  char before[MOST_LIBC_LOCALS], between[MOST_LIBC_LOCALS];
  if (!add || !run || !dl_iterate_phdr(find_locals, &locals) || locals.size > sizeof before) return;
  memcpy(before, locals.start, locals.size);
  // The last argument is an address of the library that must not be unloaded meanwhile.
  if (add(destroy_nothing, NULL, &cfiber_control_layout) != 0) return;
  memcpy(between, locals.start, locals.size);
  run();
  int count = 0;
  for (size_t i = 0; i + sizeof(void *) <= locals.size; i += sizeof(void *)) {
    if (word_at(before, i) || !word_at(between, i) || word_at(locals.start, i)) continue;
    at.destructors = locals.start + i - pointer;
    count++;
  }
  if (count == 1) at.run_destructors = run;
  else at.destructors = 0;
}

static void find_keys(void) {
  const uint32_t *bytes = symbol("_thread_db_sizeof_pthread_key_struct");
  if (!bytes || !debugger_field("_thread_db_pthread_key_struct_seq", &at.key_uses) ||
      !debugger_field("_thread_db_pthread_key_struct_destr", &at.key_destructor)) {
    return;
  }
  at.key_bytes = *bytes;
  at.keys = symbol("__pthread_keys");
}

// ---- The answer --------------------------------------------------------------------------------------------------

static void look_around(struct cfiber_birth *birth) {
  const struct cfiber_control_block *block = birth->block;
  const uint32_t *size = symbol("_thread_db_sizeof_pthread");
  int tid;
  memcpy(&tid, block->descriptor + at.tid, sizeof tid);
  if (!size || *size > MOST_DESCRIPTOR_BYTES || tid != (int)syscall(SYS_gettid)) {
    birth->problem = "a thread's number is not where glibc says";
  } else if (!find(block->descriptor, *size, block->memory, &at.stack) ||
             !find(block->descriptor, *size, (void *)block->size, &at.stack_size)) {
    birth->problem = "the bounds of a thread's stack are not found";
  }
  at.descriptor = block->descriptor - block->pointer;
  find_malloc_words(block->pointer);
  find_destructors(block->pointer);
}

static bool is_sanitized(void) {
  static const char *const marks[] = {"__asan_init", "__tsan_init", "__msan_init", "__hwasan_init"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    if (symbol(marks[i])) return true;
  }
  return cfiber_notes_wanted();
}

static const char *find_layout(void) {
#if defined(__x86_64__)
  if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) return "the processor or the kernel has no FSGSBASE";
#endif
  if (is_sanitized()) return "a sanitizer keeps what it knows of a thread in the thread's control block";
  if (!symbol("gnu_get_libc_version")) return "the C library is not glibc, or it is linked statically";
  if (!debugger_field("_thread_db_pthread_tid", &at.tid) ||
      !debugger_field("_thread_db_pthread_cancelhandling", &at.cancelhandling)) {
    return "glibc does not say where a thread's number lies: it is older than 2.34";
  }
  at.inside_libc[0] = (uintptr_t)symbol("gnu_get_libc_version");
  at.inside_libc[1] = (uintptr_t)symbol("__tls_get_addr");
  find_keys();
  const ptrdiff_t *rseq = symbol("__rseq_offset");
  const unsigned *rseq_size = symbol("__rseq_size");
  at.rseq = rseq && rseq_size && *rseq_size ? *rseq : 0;

  struct cfiber_birth birth = {.look = look_around};
  struct cfiber_control_block *block = cfiber_control_block_make(&birth);
  if (!block) return "there is no thread to look with";
  cfiber_control_block_free(block);
  if (birth.problem) return birth.problem;
  if (!cfiber_control_follow_identity()) return "set*id cannot be followed";
  return NULL;
}

static const char *refusal;
static void find_layout_once(void) {
  // Its calls are the library's own, not those of the fiber that asks.
  unsigned *bypass = cfiber_bypass(), none = 0;
  if (!bypass) bypass = &none;
  ++*bypass;
  refusal = find_layout();
  --*bypass;
}

const char *cfiber_control_block_find_layout(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_layout_once);
  return refusal;
}

#else
const char *cfiber_control_block_find_layout(void) { return "not for this processor"; }
#endif
