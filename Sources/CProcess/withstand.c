#define _GNU_SOURCE

#include "cprocess_withstand.h"

#include <signal.h>
#include <stddef.h>

static void do_nothing(int signal) { (void)signal; }

void cprocess_withstand(int signal) {
  struct sigaction action;
  if (sigaction(signal, NULL, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action = (struct sigaction){.sa_handler = do_nothing, .sa_flags = SA_RESTART | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}
