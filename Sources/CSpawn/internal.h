#ifndef CSPAWN_INTERNAL_H
#define CSPAWN_INTERNAL_H

// What runs in the child shares this process's memory while the sanitizers' notes about it are the parent's.
#if defined(__clang__)
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define IN_CHILD __attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

// Closes every descriptor from 3 on.
void cspawn_close_others(void);

#endif
