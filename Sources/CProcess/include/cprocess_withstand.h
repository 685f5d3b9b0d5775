#ifndef CPROCESS_WITHSTAND_H
#define CPROCESS_WITHSTAND_H

#ifdef __cplusplus
extern "C" {
#endif

// Has the signal do nothing to this process, where the program has not decided what it does.
//
// Not by SIG_IGN, which an exec leaves in force: what a handler starts would then not be ended by SIGPIPE either, and
// `while :; do echo x; done | head -1` would run for ever. A handler an exec takes away.
void cprocess_withstand(int signal);

#ifdef __cplusplus
}
#endif
#endif
