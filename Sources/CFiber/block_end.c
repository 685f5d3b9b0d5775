// The end of a fiber that is a whole thread: the destructors of its thread_local variables and pthread keys run, as at a
// thread's end, and where any did the block's variables become what a new thread's are.
//
// One whose destructor has run must not be found by the next fiber that is given the block: C++ notes in another variable
// that it was made. Where there was nothing to destroy everything stays, as a thread pool's threads keep their variables.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "control_block.h"

#ifdef GREEN_CONTROL_BLOCKS

#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define at cfiber_control_layout

// ---- Destructors -------------------------------------------------------------------------------------------------

// Those of C++, and of whoever else calls __cxa_thread_atexit_impl.
static bool destroy_variables(const struct cfiber_control_block *block) {
  if (at.destructors == 0 || *(void **)(block->pointer + at.destructors) == NULL) return false;
  at.run_destructors();
  return true;
}

static void *value_of(pthread_key_t key) {
  // An even count of its uses says that the key is free.
  uintptr_t uses = *(const uintptr_t *)(at.keys + key * at.key_bytes + at.key_uses);
  return uses % 2 != 0 ? pthread_getspecific(key) : NULL;
}

// By number, as glibc does it.
static bool destroy_values(void) {
  bool had_any = false;
  for (pthread_key_t key = 0; at.keys && key < PTHREAD_KEYS_MAX; key++) {
    void (*destructor)(void *) = *(void (*const *)(void *))(at.keys + key * at.key_bytes + at.key_destructor);
    void *value = destructor ? value_of(key) : NULL;
    if (!value) continue;
    pthread_setspecific(key, NULL);
    destructor(value);
    had_any = true;
  }
  return had_any;
}

static void forget_values(void) {
  for (pthread_key_t key = 0; at.keys && key < PTHREAD_KEYS_MAX; key++) {
    if (value_of(key)) pthread_setspecific(key, NULL);
  }
}

// ---- Variables ---------------------------------------------------------------------------------------------------

// glibc's own hold what the block is: errno's place, malloc's part, the locale.
static bool is_of_libc(const struct dl_phdr_info *library) {
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &library->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    for (size_t j = 0; j < sizeof at.inside_libc / sizeof *at.inside_libc; j++) {
      if (at.inside_libc[j] - (library->dlpi_addr + part->p_vaddr) < part->p_memsz) return true;
    }
  }
  return false;
}

static int renew(struct dl_phdr_info *library, size_t size, void *context) {
  (void)size;
  (void)context;
  if (!library->dlpi_tls_data || is_of_libc(library)) return 0;
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &library->dlpi_phdr[i];
    if (part->p_type != PT_TLS) continue;
    memcpy(library->dlpi_tls_data, (const char *)library->dlpi_addr + part->p_vaddr, part->p_filesz);
    memset((char *)library->dlpi_tls_data + part->p_filesz, 0, part->p_memsz - part->p_filesz);
  }
  return 0;
}

// CFiber's own are among them: no handler may look meanwhile.
static void renew_variables(cfiber_fiber *fiber) {
  uint64_t all = ~(uint64_t)0, before = 0;
  struct cfiber_thread *thread = cfiber_own_thread();
  syscall(SYS_rt_sigprocmask, 0 /* SIG_BLOCK */, &all, &before, sizeof all);
  dl_iterate_phdr(renew, NULL);
  cfiber_control_set_own_variables(fiber->control_block, thread, fiber);
  syscall(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &before, NULL, sizeof before);
}

__attribute__((noinline)) void cfiber_isolated_ends(void) {
  cfiber_fiber *fiber = cfiber_running;
  if (!fiber || !fiber->control_block) return;
  bool had_any = destroy_variables(fiber->control_block);
  // Those may set others again, and make variables: an entry that stayed would be found by the next fiber, and destroyed
  // when what it tells of is no more.
  for (int i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS && destroy_values(); i++) {
    had_any = true;
    destroy_variables(fiber->control_block);
  }
  if (!had_any) return;
  forget_values();
  renew_variables(fiber);
}

#else
void cfiber_isolated_ends(void) {}
#endif
