// vfork(2), as glibc has it, with the redirect off in the child: see vfork.c.
//
// Parent and child share the stack. Whatever the parent needs after the system call is in a register, which the kernel
// keeps apart; the return address too, since the child's calls overwrite its place.

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#if !defined(HAS_SANITIZER) && defined(__x86_64__)

  .text
  .globl vfork
  .type vfork, @function
  .p2align 4
vfork:
  .cfi_startproc
  endbr64
  subq $8, %rsp
  .cfi_adjust_cfa_offset 8
  call credirect_vfork_begins@PLT
  addq $8, %rsp
  .cfi_adjust_cfa_offset -8
  movq %rax, %rdx                 // the counter
  popq %rdi                       // the return address
  .cfi_adjust_cfa_offset -8
  .cfi_register rip, rdi
  movl $58, %eax                  // SYS_vfork
  syscall
  pushq %rdi
  .cfi_adjust_cfa_offset 8
  .cfi_offset rip, -8
  testl %eax, %eax
  je 1f                           // the child
  subl $1, (%rdx)
  cmpl $-4095, %eax
  jae 2f
  ret
1:
  jmp credirect_vfork_child@PLT
2:
  negl %eax
  movl %eax, %edi
  jmp credirect_vfork_failed@PLT
  .cfi_endproc
  .size vfork, .-vfork
  .globl __vfork
  .set __vfork, vfork

#elif !defined(HAS_SANITIZER) && defined(__aarch64__)

  .text
  .globl vfork
  .type vfork, %function
  .p2align 4
vfork:
  .cfi_startproc
  hint #34                        // bti c
  stp x29, x30, [sp, #-16]!
  .cfi_def_cfa_offset 16
  .cfi_offset x29, -16
  .cfi_offset x30, -8
  bl credirect_vfork_begins
  ldp x29, x30, [sp], #16
  .cfi_def_cfa_offset 0
  .cfi_restore x29
  .cfi_restore x30
  mov x9, x0                      // the counter; the return address stays in x30
  mov x0, #0x4111                 // CLONE_VM | CLONE_VFORK | SIGCHLD
  mov x1, #0
  mov x8, #220                    // SYS_clone
  svc #0
  cbz x0, 1f                      // the child
  ldr w10, [x9]
  sub w10, w10, #1
  str w10, [x9]
  cmn x0, #4095
  b.cs 2f
  ret
1:
  b credirect_vfork_child
2:
  neg w0, w0
  b credirect_vfork_failed
  .cfi_endproc
  .size vfork, .-vfork
  .globl __vfork
  .set __vfork, vfork

#endif

  .section .note.GNU-stack, "", %progbits
