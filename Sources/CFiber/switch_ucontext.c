// The exchange of stacks by swapcontext, for other architectures and on request (-DGREEN_UCONTEXT). It makes
// system calls at each switch, because POSIX has it carry the signal mask: about a hundred times the price of the assembly.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#ifdef GREEN_UCONTEXT

#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

const size_t cfiber_context_bytes = (sizeof(ucontext_t) + 63) & ~(size_t)63;

// Unsafe 3. makecontext passes ints, so the pointer travels in two halves.
static void start(unsigned high, unsigned low) {
  cfiber_fiber *fiber = (cfiber_fiber *)(((uintptr_t)high << 16 << 16) | low);
  cfiber_switch_bare(fiber, cfiber_begin(fiber));
}

void cfiber_context_prepare(cfiber_fiber *fiber, void *context, void *top) {
  ucontext_t *ucontext = context;
  getcontext(ucontext);
  ucontext->uc_stack.ss_sp = fiber->stack_low;
  ucontext->uc_stack.ss_size = (size_t)((char *)top - (char *)fiber->stack_low);
  ucontext->uc_link = NULL;
  uintptr_t address = (uintptr_t)fiber;
  makecontext(ucontext, (void (*)(void))start, 2, (unsigned)(address >> 16 >> 16), (unsigned)address);
#if defined(__x86_64__)
  // Here a backtrace ends. getcontext left the frame of whoever makes the fiber; elsewhere makecontext clears it.
  ucontext->uc_mcontext.gregs[REG_RBP] = 0;
#endif
  fiber->stack_pointer = ucontext;
}

void cfiber_context_adopt(cfiber_fiber *root, void *context) { root->stack_pointer = context; }

void cfiber_switch_bare(cfiber_fiber *from, cfiber_fiber *to) {
  ucontext_t *target = to->stack_pointer;
  // The mask is the thread's, as with the assembly: swapcontext is not to bring back the one that the fiber left with.
  pthread_sigmask(SIG_SETMASK, NULL, &target->uc_sigmask);
  swapcontext(from->stack_pointer, target);
}

bool cfiber_context_place(const cfiber_fiber *fiber, uintptr_t *address, uintptr_t *frame_pointer) {
  const ucontext_t *context = fiber->stack_pointer;
#if defined(__x86_64__)
  *address = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
  *frame_pointer = (uintptr_t)context->uc_mcontext.gregs[REG_RBP];
  return true;
#elif defined(__aarch64__)
  // swapcontext saves the place that it returns to as x30.
  *address = (uintptr_t)context->uc_mcontext.regs[30];
  *frame_pointer = (uintptr_t)context->uc_mcontext.regs[29];
  return true;
#else
  (void)context, (void)address, (void)frame_pointer;
  return false;
#endif
}

const char *cfiber_switch_name(void) { return "ucontext"; }

#else
typedef int cfiber_switch_ucontext_is_not_built;
#endif
