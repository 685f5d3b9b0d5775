// The exchange of stacks for arm64, AAPCS64.
//
// Saved is what a called function must preserve: x19 to x28, the frame pointer x29, the return address x30 and the low
// halves of v8 to v15. fpcr is not saved, as on x86-64. The way out is br and not ret, because the processor predicts
// a ret from its own stack of return addresses.

#if defined(__aarch64__) && !defined(GREEN_UCONTEXT)

  .text

// void cfiber_switch_bare(cfiber_fiber *from, cfiber_fiber *to)
  .globl cfiber_switch_bare
  .type cfiber_switch_bare, %function
  .p2align 4
cfiber_switch_bare:
  .cfi_startproc
  hint #34                      // bti c
  sub sp, sp, #160
  .cfi_def_cfa_offset 160
  stp x29, x30, [sp, #0]
  .cfi_offset x29, -160
  .cfi_offset x30, -152
  stp x19, x20, [sp, #16]
  .cfi_offset x19, -144
  .cfi_offset x20, -136
  stp x21, x22, [sp, #32]
  .cfi_offset x21, -128
  .cfi_offset x22, -120
  stp x23, x24, [sp, #48]
  .cfi_offset x23, -112
  .cfi_offset x24, -104
  stp x25, x26, [sp, #64]
  .cfi_offset x25, -96
  .cfi_offset x26, -88
  stp x27, x28, [sp, #80]
  .cfi_offset x27, -80
  .cfi_offset x28, -72
  stp d8, d9, [sp, #96]
  .cfi_offset d8, -64
  .cfi_offset d9, -56
  stp d10, d11, [sp, #112]
  .cfi_offset d10, -48
  .cfi_offset d11, -40
  stp d12, d13, [sp, #128]
  .cfi_offset d12, -32
  .cfi_offset d13, -24
  stp d14, d15, [sp, #144]
  .cfi_offset d14, -16
  .cfi_offset d15, -8

  // The first member of a fiber is its stack pointer. The new stack has the same layout, so the notes for the
  // unwinder stay true across these lines.
  mov x9, sp
  str x9, [x0]
  ldr x9, [x1]
  mov sp, x9

  ldp x29, x30, [sp, #0]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  .cfi_def_cfa_offset 0
  .cfi_restore x29
  .cfi_restore x30
  .cfi_restore x19
  .cfi_restore x20
  .cfi_restore x21
  .cfi_restore x22
  .cfi_restore x23
  .cfi_restore x24
  .cfi_restore x25
  .cfi_restore x26
  .cfi_restore x27
  .cfi_restore x28
  .cfi_restore d8
  .cfi_restore d9
  .cfi_restore d10
  .cfi_restore d11
  .cfi_restore d12
  .cfi_restore d13
  .cfi_restore d14
  .cfi_restore d15
  mov x16, x30
#if defined(__ARM_FEATURE_BTI_DEFAULT)
  // With branch targets enforced, only ret may land after a call.
  ret x16
#else
  br x16
#endif
  .cfi_endproc
  .size cfiber_switch_bare, . - cfiber_switch_bare

// void cfiber_unwind_from(const void *frame, void (*body)(void *), void *argument)
//
// Calls body(argument) in such a way that who unwinds from there comes next to whoever parked with `frame`, a stack
// pointer that cfiber_switch_bare has saved: the notes say that this function's frame is that one. The stack of the
// parked fiber is read and not written.
  .globl cfiber_unwind_from
  .hidden cfiber_unwind_from
  .type cfiber_unwind_from, %function
  .p2align 4
cfiber_unwind_from:
  .cfi_startproc
  hint #34                      // bti c
  stp x29, x30, [sp, #-32]!
  .cfi_def_cfa_offset 32
  .cfi_offset x29, -32
  .cfi_offset x30, -24
  str x19, [sp, #16]
  .cfi_offset x19, -16
  mov x19, x0
  mov x9, x1
  mov x0, x2
  .cfi_remember_state
  .cfi_def_cfa x19, 160
  .cfi_offset x29, -160
  .cfi_offset x30, -152
  .cfi_offset x19, -144
  .cfi_offset x20, -136
  .cfi_offset x21, -128
  .cfi_offset x22, -120
  .cfi_offset x23, -112
  .cfi_offset x24, -104
  .cfi_offset x25, -96
  .cfi_offset x26, -88
  .cfi_offset x27, -80
  .cfi_offset x28, -72
  .cfi_offset d8, -64
  .cfi_offset d9, -56
  .cfi_offset d10, -48
  .cfi_offset d11, -40
  .cfi_offset d12, -32
  .cfi_offset d13, -24
  .cfi_offset d14, -16
  .cfi_offset d15, -8
  blr x9
  .globl cfiber_unwind_landing
  .hidden cfiber_unwind_landing
cfiber_unwind_landing:
  .cfi_restore_state
  ldr x19, [sp, #16]
  .cfi_restore x19
  ldp x29, x30, [sp], #32
  .cfi_def_cfa_offset 0
  .cfi_restore x29
  .cfi_restore x30
  ret
  .cfi_endproc
  .size cfiber_unwind_from, . - cfiber_unwind_from

// Where a fiber's first switch lands, with the fiber in x19 (see cfiber_context_prepare). The caller of this frame is
// undefined: here backtraces end.
  .globl cfiber_start
  .hidden cfiber_start
  .type cfiber_start, %function
  .type cfiber_origin, %function
  .p2align 4
cfiber_origin:
  .cfi_startproc
  .cfi_undefined x30
  .cfi_undefined x29
  nop                           // unwinders look at what comes before the place where a caller goes on
cfiber_start:
  hint #36                      // bti j
  mov x29, xzr
  mov x30, xzr
  mov x0, x19
  bl cfiber_begin
  mov x1, x0
  mov x0, x19
  b cfiber_switch_bare
  .cfi_endproc
  .size cfiber_start, . - cfiber_start
  .size cfiber_origin, . - cfiber_origin

#if defined(__ARM_FEATURE_BTI_DEFAULT)
  // GNU_PROPERTY_AARCH64_FEATURE_1_BTI: every indirect branch in this file has its landing pad.
  .section .note.gnu.property, "a", %note
  .p2align 3
  .word 4, 16, 5
  .asciz "GNU"
  .word 0xc0000000, 4, 1, 0
#endif

#endif

#if defined(__linux__) && defined(__ELF__)
  .section .note.GNU-stack, "", %progbits
#endif
