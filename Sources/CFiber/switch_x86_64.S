// The exchange of stacks for x86-64, System V ABI.
//
// Only what a called function must preserve is saved: rbx, rbp, r12 to r15. mxcsr and the x87 control word are not,
// although the ABI lists their control bits: it would double the cost, and no code that waits changes them.
// The way out is a pop and a jump, not a ret: the processor predicts a ret from its own stack of return addresses,
// which knows nothing of ours, and would be wrong at every switch.

#if defined(__x86_64__) && !defined(GREEN_UCONTEXT)

  .text

// void cfiber_switch_bare(cfiber_fiber *from, cfiber_fiber *to)
  .globl cfiber_switch_bare
  .type cfiber_switch_bare, @function
  .p2align 4
cfiber_switch_bare:
  .cfi_startproc
  endbr64
  pushq %rbp
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbp, 0
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  pushq %r12
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r12, 0
  pushq %r13
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r13, 0
  pushq %r14
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r14, 0
  pushq %r15
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %r15, 0

  // The first member of a fiber is its stack pointer. The new stack has the same layout, so the notes for the
  // unwinder stay true across this line.
  movq %rsp, (%rdi)
  movq (%rsi), %rsp

  popq %r15
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r15
  popq %r14
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r14
  popq %r13
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r13
  popq %r12
  .cfi_adjust_cfa_offset -8
  .cfi_restore %r12
  popq %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  popq %rbp
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbp
  popq %rcx
  .cfi_adjust_cfa_offset -8
  .cfi_register %rip, %rcx
  // notrack: the place after a call is not a landing pad for indirect-branch tracking.
  notrack jmp *%rcx
  .cfi_endproc
  .size cfiber_switch_bare, . - cfiber_switch_bare

// void cfiber_unwind_from(const void *frame, void (*body)(void *), void *argument)
//
// Calls body(argument) in such a way that who unwinds from there comes next to whoever parked with `frame`, a stack
// pointer that cfiber_switch_bare has saved: the notes say that this function's frame is that one. The stack of the
// parked fiber is read and not written.
  .globl cfiber_unwind_from
  .hidden cfiber_unwind_from
  .type cfiber_unwind_from, @function
  .p2align 4
cfiber_unwind_from:
  .cfi_startproc
  endbr64
  pushq %rbx
  .cfi_adjust_cfa_offset 8
  .cfi_rel_offset %rbx, 0
  movq %rdi, %rbx
  movq %rdx, %rdi
  .cfi_remember_state
  .cfi_def_cfa %rbx, 56
  .cfi_offset %rip, -8
  .cfi_offset %rbp, -16
  .cfi_offset %rbx, -24
  .cfi_offset %r12, -32
  .cfi_offset %r13, -40
  .cfi_offset %r14, -48
  .cfi_offset %r15, -56
  call *%rsi
  .globl cfiber_unwind_landing
  .hidden cfiber_unwind_landing
cfiber_unwind_landing:
  .cfi_restore_state
  popq %rbx
  .cfi_adjust_cfa_offset -8
  .cfi_restore %rbx
  ret
  .cfi_endproc
  .size cfiber_unwind_from, . - cfiber_unwind_from

// Where a fiber's first switch lands, with the fiber in rbx (see cfiber_context_prepare). The caller of this frame is
// undefined: here backtraces end.
  .globl cfiber_start
  .hidden cfiber_start
  .type cfiber_start, @function
  .type cfiber_origin, @function
  .p2align 4
cfiber_origin:
  .cfi_startproc
  .cfi_undefined %rip
  .cfi_undefined %rbp
  nop  // unwinders look at what comes before the place where a caller goes on
cfiber_start:
  endbr64
  movq %rbx, %rdi
  call cfiber_begin
  // By a jump: to the processor the fiber is a function that was entered and has returned.
  movq %rbx, %rdi
  movq %rax, %rsi
  jmp cfiber_switch_bare
  .cfi_endproc
  .size cfiber_start, . - cfiber_start
  .size cfiber_origin, . - cfiber_origin

#endif

#if defined(__linux__) && defined(__ELF__)
  .section .note.GNU-stack, "", %progbits
#endif
